import { type Grid, timeAt } from '../../core/base/grid.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';

/** Unix seconds: from the onset to the first time the signature is plainly there. */
export interface Onset {
  readonly from: number;
  readonly to: number;
}

/** Of its peak, the strength at which it is there; detectors look back over a window, so the full peak comes later. */
const FULL = 0.5;
/** A slow rise is not drawn as one wide band: it would hide what it marks. */
const WIDEST_SECONDS = 30;

/** @returns the grey band of every chart, from the primary finding; `null` where nothing began in the window. */
export function onsetOf(verdict: Verdict | null, since?: number | null): Onset | null {
  const finding = verdict?.findings[0];
  const from = since ?? finding?.since ?? null;
  if (!verdict || !finding || from === null) return null;
  const { grid } = verdict;
  const peak = finding.strength.reduce<number>((a, b) => Math.max(a, b ?? 0), 0);
  let to = from + grid.step;
  for (let i = 0; i < grid.count; i++) {
    const t = timeAt(grid, i);
    if (t < from || (finding.strength[i] ?? 0) < FULL * peak) continue;
    to = Math.max(t, from + grid.step);
    break;
  }
  return { from, to: Math.min(to, from + Math.max(WIDEST_SECONDS, grid.step)) };
}

/** Index of the grid time at or before `time`, kept inside the grid. */
export function indexAt(grid: Grid, time: number): number {
  return Math.max(0, Math.min(grid.count - 1, Math.round((time - grid.from) / grid.step)));
}
