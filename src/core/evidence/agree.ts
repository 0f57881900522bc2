import { endOf, timeAt, type Values } from '../base/grid.ts';
import type { Evidence, Histogram, Reading } from './evidence.ts';
import { modelsOf } from './slice.ts';

/**
 * Up to when two reads of one scope say the same, over the times both know: what was concluded from the earlier one up to then
 * holds of the later one. That the later one may start later does not count.
 * @returns unix seconds of the last grid time at which they agree; `null` where they are no reads of one scope, or agree nowhere
 */
export function agreeUntil(earlier: Evidence, later: Evidence): number | null {
  if (!sameScope(earlier, later)) return null;
  const { step } = later.grid;
  const from = Math.max(earlier.grid.from, later.grid.from);
  const to = Math.min(endOf(earlier.grid), endOf(later.grid));
  const skip = Math.round((from - earlier.grid.from) / step);
  const skipLater = Math.round((from - later.grid.from) / step);
  let count = Math.round((to - from) / step) + 1;
  const compare = (a: Values | undefined, b: Values | undefined): void => {
    for (let i = 0; i < count; i++) {
      if ((a?.[skip + i] ?? null) !== (b?.[skipLater + i] ?? null)) count = i;
    }
  };
  const ids = new Set([...Object.keys(earlier.readings), ...Object.keys(later.readings)]) as Set<
    keyof Evidence['readings']
  >;
  for (const id of ids) {
    const a = seriesOf(earlier.readings[id]);
    const b = seriesOf(later.readings[id]);
    for (const key of new Set([...a.keys(), ...b.keys()])) compare(a.get(key), b.get(key));
    if (count <= 0) return null;
  }
  return timeAt({ ...later.grid, from }, count - 1);
}

function sameScope(a: Evidence, b: Evidence): boolean {
  const shift = (b.grid.from - a.grid.from) / a.grid.step;
  return (
    a.grid.step === b.grid.step &&
    Math.abs(shift - Math.round(shift)) < 1e-6 &&
    a.window === b.window &&
    a.selector === b.selector &&
    a.source.kind === b.source.kind &&
    a.source.label === b.source.label &&
    modelsOf(a).join('\n') === modelsOf(b).join('\n') &&
    JSON.stringify(a.knobs) === JSON.stringify(b.knobs) &&
    labelsOf(a) === labelsOf(b)
  );
}

/** Settings read from info series: a reading holds the newest alone, and they are judged by at every time. */
function labelsOf({ readings }: Evidence): string {
  return JSON.stringify(Object.values(readings).flatMap((reading) => reading.labels));
}

/** Every series of a reading under its key; a series that is not there is one of gaps. */
function seriesOf(reading: Reading | undefined): Map<string, Values> {
  const out = new Map<string, Values>();
  for (const line of reading?.lines ?? []) out.set(`${line.replica}\n${line.part}`, line.values);
  for (const h of reading?.histograms ?? []) addHistogram(out, h);
  return out;
}

function addHistogram(out: Map<string, Values>, { replica, bounds, cumulative, count, sum }: Histogram): void {
  cumulative.forEach((values, k) => out.set(`${replica}\nle ${bounds[k]}`, values));
  out.set(`${replica}\ncount`, count);
  out.set(`${replica}\nsum`, sum);
}
