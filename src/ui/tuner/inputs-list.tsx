import { sayFrom, sayInput, sayInputRange } from '../../core/tuner/format.ts';
import { GivenError, parseGiven } from '../../core/tuner/given.ts';
import { type InputId, NAMES, type TunerInput } from '../../core/tuner/inputs.ts';
import { TextButton } from '../controls/button.tsx';
import { TypedField } from './typed-field.tsx';

/** Inputs that may be told though nothing says them by itself. */
const OPEN: readonly InputId[] = ['request-rate', 'kv-tokens', 'step-empty', 'step-per-token', 'step-per-resident'];

/** Every number the answer rests on, where it comes from, and a field to say it better. */
export function InputsList({
  inputs,
  onInput,
}: {
  readonly inputs: readonly TunerInput[];
  /** `null`: back to what was measured, known or assumed. */
  readonly onInput: (id: InputId, value: number | null) => void;
}) {
  const missing = OPEN.filter((id) => !inputs.some((input) => input.id === id));
  const type = (id: InputId) => (text: string) => {
    if (text === '') {
      onInput(id, null);
      return null;
    }
    try {
      onInput(id, parseGiven(id, text));
      return null;
    } catch (error) {
      if (error instanceof GivenError) return error.message;
      throw error;
    }
  };
  return (
    <ul aria-label="Inputs" className="grid gap-x-4 gap-y-3 sm:grid-cols-2 wide:grid-cols-1 2xl:grid-cols-2">
      {inputs.map((input) => (
        <li key={input.id} data-input={input.id}>
          <TypedField
            label={sentenceCase(input.name)}
            value={sayInput(input)}
            hint={[sayFrom(input), sayInputRange(input), input.from === 'given' ? '' : input.note]
              .filter((part) => part !== '')
              .join(' · ')}
            onType={(text) => type(input.id)(withoutUnit(text, input))}
          />
          {input.from === 'given' && (
            <TextButton className="text-[11.8px]" onClick={() => onInput(input.id, null)}>
              forget what was typed
            </TextButton>
          )}
        </li>
      ))}
      {missing.map((id) => (
        <li key={id} data-input={id}>
          <TypedField label={sentenceCase(NAMES[id].name)} value="" hint="not known" onType={type(id)} />
        </li>
      ))}
    </ul>
  );
}

/** People edit the number and leave the unit: `1,200 tokens`. */
function withoutUnit(text: string, { unit }: TunerInput): string {
  return unit === 'tokens' || unit === 'requests' || unit === 'requests-per-second'
    ? text.replace(/(tokens|requests(\/s)?)$/, '').trimEnd()
    : text;
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
