import { BATCHING } from './batching.ts';
import type { Knob } from './knob.ts';
import { MEMORY } from './memory.ts';
import { OBSERVABILITY } from './observability.ts';
import { RETIRED } from './retired.ts';
import { SCALE } from './scale.ts';
import { TRAFFIC } from './traffic.ts';

const LIST = [...BATCHING, ...MEMORY, ...TRAFFIC, ...SCALE, ...OBSERVABILITY, ...RETIRED] as const;

export type KnobId = (typeof LIST)[number]['id'];

/** Every setting the product speaks of, by family. */
export const KNOBS: readonly (Knob & { readonly id: KnobId })[] = LIST;

/** Settings and facts a person may tell, in the order they are asked for. */
export const TOLD: readonly Knob[] = KNOBS.filter((knob) => knob.decides !== null);

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
  const known = TOLD.find((k) => k.id === id);
  if (known?.value.kind !== 'whole')
    throw new KnobError(`expected one of ${TOLD.map((k) => k.id).join(', ')}; got ${id || 'nothing'}.`);
  const { min, max } = known.value;
  const raw = at < 0 ? '' : text.slice(at + 1).trim();
  const value = Number(raw);
  if (raw === '' || !Number.isInteger(value) || value < min || value > max) {
    throw new KnobError(
      `${id}: expected a whole number from ${min} to ${max}, for example ${id}=${Math.max(64, min)}.`,
    );
  }
  return { id, value };
}

/** @returns the knob by its id. @throws Error for an id that the type does not allow either */
export function knobOf(id: KnobId): Knob & { readonly id: KnobId } {
  const found = KNOBS.find((k) => k.id === id);
  if (!found) throw new Error(`no knob ${id}`);
  return found;
}
