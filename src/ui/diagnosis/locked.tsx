import { Lock } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '../controls/button.tsx';

/** In place of a verdict: a snapshot that wants its passphrase. */
export function Locked({
  message,
  trying,
  onPassphrase,
}: {
  /** What is the matter, as the source said it: locked, or another passphrase. */
  readonly message: string;
  readonly trying: boolean;
  readonly onPassphrase: (passphrase: string) => void;
}) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed !== '') onPassphrase(typed);
  };
  return (
    <section aria-label="Locked snapshot" className="border-b border-hairline bg-surface px-4 py-6 sm:px-8">
      <h1 className="flex items-center gap-2 text-[26px] leading-8 font-[700] tracking-[-0.015em] text-ink">
        <Lock size={20} aria-hidden="true" /> Locked
      </h1>
      <form onSubmit={submit} className="mt-3 max-w-[480px]">
        <p role="status" className="text-[15px] text-ink-2">
          {message} It is opened here, and the passphrase goes nowhere.
        </p>
        <label htmlFor={`${id}-pass`} className="mt-3 block text-[12.5px] text-ink-3">
          Passphrase
        </label>
        <div className="mt-1 flex gap-2">
          <input
            id={`${id}-pass`}
            type="password"
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="h-[27px] w-full rounded-[5px] border border-strong bg-surface px-2.5 text-[13px] text-ink"
          />
          <Button type="submit" look="strong" disabled={typed === '' || trying}>
            {trying ? 'Opening' : 'Open'}
          </Button>
        </div>
      </form>
    </section>
  );
}
