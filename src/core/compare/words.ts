import { sayDuration, sayShare, sig } from '../base/say.ts';
import type { Unit } from '../base/units.ts';
import type { Difference, Row } from './comparison.ts';

/** A value of a row with its unit. `–` where it is not measured. */
export function sayValue(value: Row['before'], unit: Unit | null): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  if (typeof value === 'object') {
    const [low, high] = [sayShare(value.low), sayShare(value.high)];
    return low === high ? low : `${low} to ${high}`;
  }
  switch (unit) {
    case 'seconds':
      return sayDuration(value);
    case 'ratio':
      return sayShare(value);
    case 'tokens':
      return `${sig(Math.round(value))} tokens`;
    case 'tokens-per-second':
      return `${sig(value)} tokens/s`;
    case 'per-second':
    case 'requests-per-second':
      return `${sig(value)}/s`;
    default:
      return sig(value);
  }
}

/** `Output: 473 tokens/s before, 256 tokens/s after` */
export function sayRow({ title, before, after, unit }: Pick<Row, 'title' | 'before' | 'after' | 'unit'>): string {
  return `${title}: ${sayValue(before, unit)} before, ${sayValue(after, unit)} after`;
}

export const DIFFERENCE_WORDS: Readonly<Record<Difference, string>> = {
  more: 'more',
  less: 'less',
  changed: 'changed',
  none: 'the same',
  chance: 'within chance',
  unknown: 'cannot tell',
};
