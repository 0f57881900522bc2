import { type FormEvent, useId, useState } from 'react';
import { Button, TextButton } from '../controls/button.tsx';
import { Key } from '../controls/key.tsx';
import { FIELD } from './field.ts';

export interface Connection {
  readonly url: string;
  readonly selector: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the headers should outlive a reload of the tab. */
  readonly keep: boolean;
}

export interface ConnectFormProps {
  /** @returns the address in the form it is used, `null` if it is none. */
  readonly check: (url: string) => string | null;
  readonly recent: readonly { readonly url: string; readonly selector: string }[];
  readonly onConnect: (connection: Connection) => void;
  readonly onForget: (url: string) => void;
}

/** Where the Prometheus is, and what of it. */
export function ConnectForm({ check, recent, onConnect, onForget }: ConnectFormProps) {
  const id = useId();
  const [url, setUrl] = useState('');
  const [selector, setSelector] = useState('');
  const [headers, setHeaders] = useState('');
  const [keep, setKeep] = useState(false);
  const [more, setMore] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const address = check(withScheme(url.trim()));
    const read = readHeaders(headers);
    if (address === null)
      setWrong('Write the address of a Prometheus, http or https, without a password: http://prometheus.example:9090');
    else if (typeof read === 'string') setWrong(`A header is written NAME: VALUE, one per line; this is none: ${read}`);
    else {
      setWrong(null);
      onConnect({ url: address, selector: selector.trim(), headers: read, keep });
    }
  };

  return (
    <form onSubmit={submit}>
      <div className="flex gap-2">
        <input
          type="text"
          inputMode="url"
          aria-label="Prometheus URL"
          aria-invalid={wrong !== null}
          aria-describedby={wrong === null ? undefined : `${id}-wrong`}
          placeholder="http://prometheus.example:9090"
          spellCheck={false}
          autoComplete="off"
          value={url}
          onChange={(event) => setUrl(event.target.value)}
          className={`${FIELD} h-[34px]`}
        />
        <Button type="submit" look="strong" className="h-[34px] px-3.5">
          Connect <Key>↵</Key>
        </Button>
      </div>
      <div className="mt-2 flex items-center gap-2 text-[12.5px] text-ink-2">
        <label htmlFor={`${id}-selector`}>Selector</label>
        <input
          id={`${id}-selector`}
          placeholder={'{job="vllm"}'}
          spellCheck={false}
          autoComplete="off"
          value={selector}
          onChange={(event) => setSelector(event.target.value)}
          className={`${FIELD} h-[27px] flex-1`}
        />
        <TextButton onClick={() => setMore(!more)} aria-expanded={more}>
          {more ? 'no headers' : 'add headers'}
        </TextButton>
      </div>
      {more && (
        <label className="mt-2 block text-[12.5px] text-ink-2">
          Headers, one per line; sent to this address alone, kept in memory, never in a link
          <textarea
            rows={3}
            spellCheck={false}
            autoComplete="off"
            placeholder={'Authorization: Bearer …\nX-Scope-OrgID: team'}
            value={headers}
            onChange={(event) => setHeaders(event.target.value)}
            className={`${FIELD} mt-1 py-1.5`}
          />
        </label>
      )}
      {more && (
        <label className="mt-1.5 flex items-center gap-2 text-[12.5px] text-ink-2">
          <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.target.checked)} />
          Keep them through a reload, until this tab is closed
        </label>
      )}
      {wrong !== null && (
        <p id={`${id}-wrong`} role="alert" className="mt-2 text-[12.5px] text-critical">
          {wrong}
        </p>
      )}
      {recent.length > 0 && (
        <ul aria-label="Recent" className="mt-3 space-y-0.5 text-[12.5px]">
          {recent.map((one) => (
            <li key={one.url} className="flex items-center gap-3">
              <TextButton
                className="min-w-0 truncate font-mono text-[12px]"
                onClick={() => onConnect({ url: one.url, selector: one.selector, headers: {}, keep: false })}
              >
                {one.url}
              </TextButton>
              <span className="truncate font-mono text-[11.8px] text-ink-3">{one.selector}</span>
              <TextButton
                className="ml-auto text-ink-3"
                aria-label={`Forget ${one.url}`}
                onClick={() => onForget(one.url)}
              >
                forget
              </TextButton>
            </li>
          ))}
        </ul>
      )}
      <p className="mt-3 text-[12.5px] leading-[18px] text-ink-3">
        A page on another origin may read Prometheus only if it is started with{' '}
        <code className="font-mono text-[12px]">--web.cors.origin</code>. If it is not, the page says so and gives the
        line.
      </p>
    </form>
  );
}

/** `prom.example:9090` can only mean http, and `/…` the server of this page. */
function withScheme(url: string): string {
  return /^([a-z][a-z0-9+.-]*:\/\/|\/)/i.test(url) || url === '' ? url : `http://${url}`;
}

/** @returns the headers, or the first line that is none. */
function readHeaders(text: string): Record<string, string> | string {
  const headers: Record<string, string> = {};
  for (const line of text.split('\n').map((l) => l.trim())) {
    if (line === '') continue;
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.+)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return line;
    headers[name] = value.trim();
  }
  return headers;
}
