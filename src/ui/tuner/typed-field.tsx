import { useId, useState } from 'react';
import { FIELD } from '../start/field.ts';

/** A field whose text counts once it is left or Enter is pressed; what was not understood is said below it. */
export function TypedField({
  label,
  value,
  hint,
  choices,
  onType,
}: {
  readonly label: string;
  /** As it counts now. */
  readonly value: string;
  readonly hint?: string;
  readonly choices?: readonly { readonly value: string; readonly title: string }[];
  /** @returns what is wrong with the text, `null` if it was taken */
  readonly onType: (text: string) => string | null;
}) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const commit = () => {
    if (typed === null || typed.trim() === value) {
      setTyped(null);
      setWrong(null);
      return;
    }
    const said = onType(typed.trim());
    setWrong(said);
    if (said === null) setTyped(null);
  };
  return (
    <div>
      <label htmlFor={id} className="block text-[12.5px] text-ink-2">
        {label}
      </label>
      <input
        id={id}
        list={choices ? `${id}-choices` : undefined}
        value={typed ?? value}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={wrong !== null}
        aria-describedby={`${id}-hint`}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
          if (event.key === 'Escape') setTyped(null);
        }}
        className={`${FIELD} mt-0.5 h-[30px]`}
      />
      {choices && (
        <datalist id={`${id}-choices`}>
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.title}
            </option>
          ))}
        </datalist>
      )}
      <p id={`${id}-hint`} className={wrong === null ? 'text-[11.8px] text-ink-3' : 'text-[11.8px] text-critical'}>
        {wrong ?? hint}
      </p>
    </div>
  );
}
