import type { Values } from '../base/grid.ts';
import type { Judged } from '../evidence/judged.ts';

/** Seconds of a line that make a level of it. */
const ENOUGH = 60;

/**
 * What a line used to be, per grid time: a quantile of all that was before. The last window is left out, so that an incident
 * does not teach its own baseline at once (pathologies.md §3).
 * @param q which of the values: 0.5 for the middle; 0.25 or 0.75 for "as good as it used to be", which an incident as long as
 * half the window does not drag along
 * @param smear seconds of the past a value holds, which is how much is left out: a mean over the short window of rates over
 * theirs, unless told
 * @returns `null` with less than a minute of it, or two values
 */
export function usualLine(line: Values, judged: Judged, q = 0.5, smear = judged.fast + judged.evidence.window): Values {
  const gap = Math.round(smear / judged.grid.step);
  const sorted: number[] = [];
  return line.map((_, i) => {
    const left = i - gap >= 1 ? (line[i - gap - 1] ?? null) : null;
    if (left !== null) sorted.splice(placeOf(sorted, left), 0, left);
    if (sorted.length < 2 || sorted.length * judged.grid.step < ENOUGH) return null;
    const at = (sorted.length - 1) * q;
    const a = sorted[Math.floor(at)] as number;
    const b = sorted[Math.min(Math.floor(at) + 1, sorted.length - 1)] as number;
    return a + (b - a) * (at - Math.floor(at));
  });
}

/** Where a value belongs in ascending order. */
function placeOf(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((sorted[mid] as number) < value) low = mid + 1;
    else high = mid;
  }
  return low;
}
