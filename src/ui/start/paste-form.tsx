import { type FormEvent, useId, useState } from 'react';
import { Button } from '../controls/button.tsx';
import { FIELD } from './field.ts';

export interface PastedPages {
  readonly earlier: string;
  readonly later: string;
  /** Seconds between the two. */
  readonly seconds: number;
}

/** Two /metrics pages out of a chat or a ticket, and the time between them. */
export function PasteForm({ onPages }: { readonly onPages: (pages: PastedPages) => void }) {
  const id = useId();
  const [earlier, setEarlier] = useState('');
  const [later, setLater] = useState('');
  const [seconds, setSeconds] = useState('60');
  const [wrong, setWrong] = useState<string | null>(null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const between = Number(seconds);
    if (earlier.trim() === '' || later.trim() === '') setWrong('Paste two pages of one server: rates need both.');
    else if (!(between > 0)) setWrong('Say how many seconds lie between the two pages.');
    else onPages({ earlier, later, seconds: between });
  };

  const page = (label: string, value: string, onChange: (text: string) => void) => (
    <textarea
      rows={3}
      aria-label={label}
      placeholder={`${label}: # HELP vllm:num_requests_running …`}
      spellCheck={false}
      autoComplete="off"
      value={value}
      onChange={(event) => onChange(event.target.value)}
      className={`${FIELD} py-1.5`}
    />
  );

  return (
    <form onSubmit={submit} className="space-y-2">
      {page('Earlier page', earlier, setEarlier)}
      {page('Later page', later, setLater)}
      {wrong !== null && (
        <p role="alert" className="text-[12.5px] text-critical">
          {wrong}
        </p>
      )}
      <div className="flex items-center gap-2 text-[12.5px] text-ink-2">
        <label htmlFor={`${id}-seconds`}>Seconds between them</label>
        <input
          id={`${id}-seconds`}
          inputMode="decimal"
          value={seconds}
          onChange={(event) => setSeconds(event.target.value)}
          className={`${FIELD} h-[27px] max-w-20`}
        />
        <Button type="submit" className="ml-auto">
          Judge
        </Button>
      </div>
    </form>
  );
}
