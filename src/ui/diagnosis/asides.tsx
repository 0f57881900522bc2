import type { ReactNode } from 'react';
import type { Finding, NoHelp, Remedy } from '../../core/detectors/detector.ts';
import { TextButton } from '../controls/button.tsx';
import { Key } from '../controls/key.tsx';

/** Below the proof: other ways, ways that lead nowhere, what is out of the question, what nobody could look at. */
export function Asides({
  instead,
  willNotHelp,
  ruledOut,
  cannotTell,
  onInstead,
  onRuledOut,
  onCannotTell,
  cut,
}: {
  readonly instead: readonly Remedy[];
  readonly willNotHelp: readonly NoHelp[];
  readonly ruledOut: readonly Finding[];
  readonly cannotTell: readonly Finding[];
  readonly onInstead: () => void;
  readonly onRuledOut: () => void;
  readonly onCannotTell: () => void;
  /** The lists were cut when the snapshot was reduced, so that an empty one says nothing. */
  readonly cut: boolean;
}) {
  const parts: ReactNode[] = [];
  if (instead.length > 0)
    parts.push(
      <Aside key="instead" title="Instead">
        {instead.slice(0, 2).map((remedy) => (
          <Entry
            key={remedy.title}
            name={remedy.title}
            says={remedy.flag === null ? remedy.why : remedy.risk}
            flag={remedy.flag}
          />
        ))}
        <TextButton onClick={onInstead} aria-label="Other ways, with their arithmetic">
          {instead.length > 2 ? `${instead.length - 2} more` : 'With their arithmetic'}
        </TextButton>
      </Aside>,
    );
  if (willNotHelp.length > 0)
    parts.push(
      <Aside key="no" title="Will not help">
        {willNotHelp.map((no) => (
          <Entry key={no.title} name={no.title} says={no.why} />
        ))}
      </Aside>,
    );
  parts.push(
    <Aside
      key="out"
      title={cut && ruledOut.length === 0 ? 'Ruled out' : `Ruled out ${ruledOut.length}`}
      hint={<Key>r</Key>}
    >
      {ruledOut.slice(0, 3).map((finding) => (
        <Entry key={finding.pathology} name={finding.title} says={finding.because} />
      ))}
      {ruledOut.length === 0 && (
        <p>{cut ? 'Left out of this reduced snapshot.' : 'Nothing could be ruled out on what was measured.'}</p>
      )}
      {ruledOut.length > 0 && (
        <TextButton onClick={onRuledOut} aria-label={`All ${ruledOut.length} ruled out`}>
          {ruledOut.length > 3 ? `${ruledOut.length - 3} more` : 'With their numbers'}
        </TextButton>
      )}
    </Aside>,
    <Aside
      key="blind"
      title={cut && cannotTell.length === 0 ? 'Could not check' : `Could not check ${cannotTell.length}`}
    >
      {cannotTell.length === 0 ? (
        <p>{cut ? 'Left out of this reduced snapshot.' : 'Every rule had its signals.'}</p>
      ) : (
        <>
          {cannotTell.slice(0, 3).map((finding) => (
            <Entry key={finding.pathology} name={finding.title} says={finding.ask} />
          ))}
          <TextButton onClick={onCannotTell} aria-label="What could not be checked, and what to add">
            How to add
          </TextButton>
        </>
      )}
    </Aside>,
  );
  return (
    <div className="grid grid-cols-1 border-t border-hairline sm:grid-cols-2 wide:grid-flow-col wide:auto-cols-fr wide:grid-cols-none">
      {parts}
    </div>
  );
}

function Aside({
  title,
  hint,
  children,
}: {
  readonly title: string;
  readonly hint?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section className="min-w-0 border-hairline px-4 py-3 text-[12.5px] leading-[18px] text-ink-2 max-wide:border-t wide:border-l wide:px-6 wide:first:border-l-0 wide:first:pl-7">
      <h3 className="mb-1 flex items-center gap-2 font-[560] text-ink-3">
        {title}
        {hint}
      </h3>
      <div className="space-y-1">{children}</div>
    </section>
  );
}

function Entry({
  name,
  says,
  flag = null,
}: {
  readonly name: string;
  readonly says: string;
  readonly flag?: string | null;
}) {
  return (
    <p className="[overflow-wrap:anywhere]">
      <strong className="font-[620] text-ink">{name}</strong>
      {flag !== null && (
        <>
          {' '}
          <code className="inline-block max-w-full font-mono text-[11.5px]">{flag}</code>
        </>
      )}
      {says !== '' && <>: {says}</>}
    </p>
  );
}
