import type { Knob } from './knob.ts';
import { maxModelLen } from './max-model-len.ts';
import { maxNumBatchedTokens } from './max-num-batched-tokens.ts';
import { maxNumSeqs } from './max-num-seqs.ts';
import { sharedPrefixTokens } from './shared-prefix-tokens.ts';

/** Settings and facts a person may tell, in the order they are asked for. */
export const KNOBS: readonly Knob[] = [maxNumSeqs, maxNumBatchedTokens, maxModelLen, sharedPrefixTokens];

/** The text is no knob the product knows, or its value makes no sense; the message names what was expected. */
export class KnobError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'KnobError';
  }
}

/**
 * Reads `name=value`, the name with or without dashes in front and with `_` for `-`.
 * @throws KnobError
 */
export function parseKnob(text: string): { readonly id: string; readonly value: number } {
  const at = text.search(/[=:]/);
  const id = (at < 0 ? text : text.slice(0, at)).trim().replace(/^--/, '').replaceAll('_', '-');
  const known = KNOBS.find((k) => k.id === id);
  if (!known) throw new KnobError(`expected one of ${KNOBS.map((k) => k.id).join(', ')}; got ${id || 'nothing'}.`);
  const raw = at < 0 ? '' : text.slice(at + 1).trim();
  const value = Number(raw);
  if (raw === '' || !Number.isInteger(value) || value < known.min || value > known.max) {
    throw new KnobError(
      `${id}: expected a whole number from ${known.min} to ${known.max}, for example ${id}=${Math.max(64, known.min)}.`,
    );
  }
  return { id, value };
}
