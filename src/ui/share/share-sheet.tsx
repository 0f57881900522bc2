import type { ReactNode } from 'react';
import type { Alias } from '../../core/snapshot/redact.ts';
import { Button, TextButton } from '../controls/button.tsx';
import { Dialog } from '../controls/dialog.tsx';

/** One way a snapshot can leave the page. */
export interface Carrier {
  readonly id: string;
  readonly title: string;
  /** What it holds and what it costs, in words. */
  readonly says: string;
  /** "3,812 characters"; empty where it is not known before. */
  readonly size: string;
  /** What the button does; `null` where this carrier cannot take it. */
  readonly does: string | null;
  /** What the button says for a moment after; `null` before. */
  readonly done: string | null;
  readonly onTake: () => void;
}

/** A part of what leaves, and how much text it is before it is packed. */
export interface Section {
  readonly title: string;
  readonly says: string;
  readonly bytes: number;
}

export interface Kind {
  readonly id: string;
  readonly title: string;
  readonly on: boolean;
  /** It goes with another kind, and why. */
  readonly because: string | null;
}

export interface ShareSheetProps {
  readonly onClose: () => void;
  /** What whoever gets it can read; `null` while it is put together. */
  readonly sections: readonly Section[] | null;
  readonly kinds: readonly Kind[];
  readonly onKind: (id: string, on: boolean) => void;
  readonly onAllKinds: (on: boolean) => void;
  readonly aliases: readonly Alias[];
  /** Names that could not be taken out, being ordinary words. */
  readonly left: readonly string[];
  readonly passphrase: string;
  readonly onPassphrase: (passphrase: string) => void;
  /** Why there can be no passphrase here; `null` where there can. */
  readonly noLock: string | null;
  /** Which carrier fits, said aloud. */
  readonly advice: string;
  /** `null` while they are written. */
  readonly carriers: readonly Carrier[] | null;
  readonly parts: readonly Carrier[];
  readonly failed: string | null;
  /** A text the browser did not let the page copy, for copying by hand. */
  readonly byHand: string | null;
}

/** Before an incident leaves: what is inside, what is taken out, how it travels. */
export function ShareSheet(props: ShareSheetProps) {
  const { onClose, sections, kinds, onKind, onAllKinds, aliases, left, advice, carriers, parts, failed, byHand } =
    props;
  const allOn = kinds.every(({ on }) => on);
  return (
    <Dialog
      open
      onClose={onClose}
      title="Share this incident"
      help="A snapshot holds the measurements and the verdict, and opens without your Prometheus."
    >
      <Part title="What is inside">
        {sections === null && <Note>Putting it together</Note>}
        <dl>
          {sections?.map(({ title, says, bytes }) => (
            <div key={title} className="flex gap-3 py-0.5">
              <dt className="w-[112px] shrink-0 font-[560]">{title}</dt>
              <dd className="min-w-0 flex-1 text-ink-2 [overflow-wrap:anywhere]">{says}</dd>
              <dd className="shrink-0 text-ink-3 tabular-nums">{sayBytes(bytes)}</dd>
            </div>
          ))}
        </dl>
      </Part>
      {kinds.length > 0 && (
        <Part title="Replace by aliases">
          <div className="mb-1.5 grid gap-x-6 gap-y-1 sm:grid-cols-3">
            {kinds.map(({ id, title, on, because }) => (
              <label key={id} className="flex items-center gap-2">
                <input
                  type="checkbox"
                  checked={on}
                  disabled={because !== null}
                  onChange={(event) => onKind(id, event.target.checked)}
                  className="accent-(--accent)"
                />
                <span>
                  {title}
                  {because !== null && <span className="text-ink-3"> {because}</span>}
                </span>
              </label>
            ))}
          </div>
          <TextButton onClick={() => onAllKinds(!allOn)}>{allOn ? 'Keep all names' : 'Replace all names'}</TextButton>
          {aliases.length > 0 && (
            <details className="mt-1.5">
              <summary className="cursor-pointer text-ink-2">
                {aliases.length} {aliases.length === 1 ? 'name' : 'names'} replaced: the list, which stays here
              </summary>
              <ul className="mt-1 max-h-40 overflow-auto font-mono text-[12px]">
                {aliases.map(({ name, alias }) => (
                  <li key={name} className="[overflow-wrap:anywhere]">
                    {alias === '' ? 'left out' : alias} ← {name}
                  </li>
                ))}
              </ul>
            </details>
          )}
          {left.length > 0 && (
            <p role="alert" className="mt-1 text-warning">
              Still in it, as ordinary words or parts of them: {left.join(', ')}.
            </p>
          )}
        </Part>
      )}
      {kinds.length > 0 && (
        <Part title="Passphrase, if it is to be locked">
          {props.noLock !== null ? (
            <Note>{props.noLock}</Note>
          ) : (
            <input
              type="password"
              aria-label="Passphrase"
              placeholder="Leave empty for an open snapshot"
              autoComplete="new-password"
              value={props.passphrase}
              onChange={(event) => props.onPassphrase(event.target.value)}
              className="h-[27px] w-full max-w-[340px] rounded-[5px] border border-strong bg-surface px-2.5 text-[12.5px] placeholder:text-ink-3"
            />
          )}
        </Part>
      )}
      <Part title="How it travels">
        <p role="status" className="text-ink-2">
          {failed ?? (carriers ? advice : 'Writing it')}
        </p>
        <CarrierList carriers={carriers ?? []} />
        {byHand !== null && (
          <label className="mt-2 block">
            <span className="text-warning">This browser did not let the page copy. Copy it by hand:</span>
            <textarea
              readOnly
              rows={3}
              value={byHand}
              ref={(area) => area?.select()}
              className="mt-1 w-full rounded-[5px] border border-strong bg-surface p-2 font-mono text-[12px]"
            />
          </label>
        )}
      </Part>
      {parts.length > 0 && (
        <Part title="Parts of it">
          <CarrierList carriers={parts} />
        </Part>
      )}
    </Dialog>
  );
}

function CarrierList({ carriers }: { readonly carriers: readonly Carrier[] }) {
  return (
    <ul>
      {carriers.map(({ id, title, says, size, does, done, onTake }) => (
        <li key={id} className="flex items-center gap-4 border-b border-hairline py-2 last:border-0">
          <div className="min-w-0 flex-1">
            <p className="font-[560]">
              {title}
              {size !== '' && <span className="ml-2 font-normal text-ink-3 tabular-nums">{size}</span>}
            </p>
            <p className="text-ink-2">{says}</p>
          </div>
          {does !== null && (
            <Button onClick={onTake} aria-label={`${done ?? does}: ${title}`}>
              {done ?? does}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="mb-4 last:mb-0">
      <h3 className="mb-1 font-[620]">{title}</h3>
      {children}
    </section>
  );
}

function Note({ children }: { readonly children: ReactNode }) {
  return <p className="text-ink-3">{children}</p>;
}

/** `812 B`, `24 kB`, `1.3 MB`. */
export function sayBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
