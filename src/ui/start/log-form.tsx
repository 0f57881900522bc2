import { type FormEvent, useId, useState } from 'react';
import { Button } from '../controls/button.tsx';
import { FIELD } from './field.ts';

/** A server's own log, pasted: what people have when they have nothing else. */
export function LogForm({ onLog }: { readonly onLog: (text: string) => void }) {
  const id = useId();
  const [text, setText] = useState('');
  const [missing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const empty = text.trim() === '';
    setMissing(empty);
    if (!empty) onLog(text);
  };
  return (
    <form onSubmit={submit} className="space-y-2">
      <textarea
        rows={6}
        wrap="off"
        aria-label="Server log"
        aria-invalid={missing}
        aria-describedby={missing ? `${id}-missing` : undefined}
        placeholder="INFO 11-25 01:50:04 [loggers.py:271] Engine 000: Avg prompt throughput: …"
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
        className={`${FIELD} block py-1.5`}
      />
      {missing && (
        <p id={`${id}-missing`} role="alert" className="text-[12.5px] text-critical">
          Paste the log first. Its first lines hold the flags, its last ones the trouble.
        </p>
      )}
      <div className="flex items-center gap-3">
        <p className="text-[12.5px] leading-[18px] text-ink-3">
          Prefixes of Docker, Kubernetes and journald may stay. A log has no latencies, and the page says what that
          leaves open.
        </p>
        <Button type="submit" className="ml-auto">
          Judge
        </Button>
      </div>
    </form>
  );
}
