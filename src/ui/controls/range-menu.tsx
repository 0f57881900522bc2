import { type FormEvent, useState } from 'react';
import { Button } from './button.tsx';
import { ChoiceMenu } from './menu.tsx';
import { zoneName } from './moment.tsx';

export interface RangePreset {
  readonly id: string;
  readonly title: string;
}

export interface RangeMenuProps {
  readonly shown: string;
  readonly presets: readonly RangePreset[];
  /** Id of the preset in use; empty for a range of one's own. */
  readonly preset: string;
  readonly onPreset: (id: string) => void;
  /** Unix seconds, what the two fields start from. */
  readonly from: number;
  readonly to: number;
  readonly onRange: (from: number, to: number) => void;
}

/** Presets, or two times of one's own in the viewer's zone. */
export function RangeMenu({ shown, presets, preset, onPreset, from, to, onRange }: RangeMenuProps) {
  return (
    <ChoiceMenu
      name="range"
      shown={shown}
      value={preset}
      choices={presets.map(({ id, title }) => ({ value: id, title }))}
      onChoose={onPreset}
    >
      <RangeForm key={`${from} ${to}`} from={from} to={to} onRange={onRange} />
    </ChoiceMenu>
  );
}

function RangeForm({ from, to, onRange }: Pick<RangeMenuProps, 'from' | 'to' | 'onRange'>) {
  const [a, setA] = useState(toLocal(from));
  const [b, setB] = useState(toLocal(to));
  const start = fromLocal(a);
  const end = fromLocal(b);
  const good = start !== null && end !== null && start < end;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (good) onRange(start, end);
  };
  return (
    <form
      onSubmit={submit}
      onKeyDown={(event) => event.key !== 'Escape' && event.stopPropagation()}
      className="mt-1 border-t border-hairline px-2 py-2"
    >
      {(
        [
          ['From', a, setA],
          ['To', b, setB],
        ] as const
      ).map(([label, value, set]) => (
        <label key={label} className="flex items-center gap-2 py-1">
          <span className="w-9 text-ink-2">{label}</span>
          <input
            type="datetime-local"
            step={1}
            value={value}
            onChange={(event) => set(event.target.value)}
            className="h-7 flex-1 rounded border border-strong bg-surface px-2 font-mono text-[12px]"
          />
        </label>
      ))}
      <p className={good ? 'text-ink-3' : 'text-critical'}>
        {good ? `Times in ${zoneName()}.` : 'From must be before to.'}
      </p>
      <Button type="submit" className="mt-1.5 w-full justify-center" disabled={!good}>
        Read this range
      </Button>
    </form>
  );
}

/** What `datetime-local` fields hold: local time without a zone. */
function toLocal(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function fromLocal(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms / 1000;
}
