import { type FormEvent, useId, useState } from 'react';
import { Button } from '../controls/button.tsx';
import { Key } from '../controls/key.tsx';
import { FIELD } from './field.ts';

export interface ScrapeFormProps {
  /** @returns the address in the form it is used, `null` if it is none. */
  readonly check: (url: string) => string | null;
  readonly onScrape: (urls: readonly string[]) => void;
}

/** Addresses of /metrics pages, for those who have no Prometheus. */
export function ScrapeForm({ check, onScrape }: ScrapeFormProps) {
  const id = useId();
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const typed = text.split(/[\s,]+/).filter((part) => part !== '');
    const bad = typed.find((part) => check(withScheme(part)) === null);
    if (typed.length === 0) setWrong('Write the address of a vLLM server: http://vllm-0:8000');
    else if (bad !== undefined) setWrong(`This is no http or https address: ${bad}`);
    else onScrape([...new Set(typed.map((part) => check(withScheme(part)) as string))]);
  };

  return (
    <form onSubmit={submit}>
      <textarea
        rows={2}
        aria-label="Addresses of /metrics pages"
        aria-invalid={wrong !== null}
        aria-describedby={wrong === null ? undefined : `${id}-wrong`}
        placeholder={'http://vllm-0:8000\nhttp://vllm-1:8000'}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
        className={`${FIELD} py-1.5`}
      />
      {wrong !== null && (
        <p id={`${id}-wrong`} role="alert" className="mt-1 text-[12.5px] text-critical">
          {wrong}
        </p>
      )}
      <div className="mt-2 flex items-start gap-3">
        <Button type="submit" look="strong" className="h-[34px] px-3.5">
          Scrape <Key>↵</Key>
        </Button>
        <p className="text-[12.5px] leading-[18px] text-ink-3">
          One per replica. Read every 5 s from now on and kept for half an hour; the first verdict takes half a minute.
        </p>
      </div>
    </form>
  );
}

/** `vllm-0:8000` can only mean http, and `/…` the server of this page. */
function withScheme(url: string): string {
  return /^([a-z][a-z0-9+.-]*:\/\/|\/)/i.test(url) ? url : `http://${url}`;
}
