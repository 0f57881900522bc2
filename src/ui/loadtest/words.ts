import { sig } from '../../core/base/say.ts';
import type { Load } from '../../core/loadtest/run.ts';

/** What the numbers beside the points of a curve count. */
export function loadWords(loads: readonly Load[]): string {
  const kinds = new Set(loads.map(({ kind }) => kind));
  const words = [];
  if (kinds.has('concurrency')) words.push('requests at a time');
  if (kinds.has('rate')) words.push('requests/s offered');
  if (kinds.has('unlimited')) words.push('none where everything was sent at once');
  if (kinds.has('unknown')) words.push('none where the file names no load');
  return words.join(', ');
}

/** A load in a table. */
export function sayLoad({ kind, value, max }: Load): string {
  switch (kind) {
    case 'concurrency':
      return value === null ? 'concurrency not stated' : `${sig(value)} at a time`;
    case 'rate':
      return `${value === null ? '–' : sig(value)} requests/s${max === null ? '' : `, at most ${sig(max)} at a time`}`;
    case 'unlimited':
      return 'all at once';
    case 'unknown':
      return 'not stated';
    default:
      return kind satisfies never;
  }
}
