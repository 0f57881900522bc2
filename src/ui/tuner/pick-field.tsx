import { useId } from 'react';
import { FIELD } from '../start/field.ts';

/** One of a few words. */
export function PickField<T extends string>({
  label,
  value,
  choices,
  onPick,
}: {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly { readonly value: T; readonly title: string }[];
  readonly onPick: (value: T) => void;
}) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="block text-[12.5px] text-ink-2">
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          const found = choices.find((choice) => choice.value === event.target.value);
          if (found) onPick(found.value);
        }}
        className={`${FIELD} mt-0.5 h-[30px]`}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.title}
          </option>
        ))}
      </select>
    </div>
  );
}
