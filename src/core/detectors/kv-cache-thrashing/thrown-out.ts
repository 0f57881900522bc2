import { stepsIn, type Values } from '../../base/grid.ts';
import { maxOf } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { countOver, recent } from '../../evidence/trace.ts';

/** Usage at which a decode may find no block for its next token; right after a victim was dropped it is a little below 1. */
const FULL = 0.9;
/** Events needed before a ratio means anything. */
export const MIN_EVENTS = 3;
/** Standard deviations taken off a Poisson count, so that three events by chance are no storm. */
const DOUBT = 1.5;

/**
 * Requests pushed out of the batch, as gauges show it: they run no more, did not finish, and the queue has grown by as many, all
 * while the pool was full. The counter says the same later: on CPU builds, and for victims that had not finished their prompt,
 * an eviction is counted when the victim resumes (pathologies.md F21), and in a storm that takes half a minute. Where clients hang
 * up running falls as well, but the queue does not grow by those who left.
 * @returns per grid time, the most over a stretch of at most `fast` seconds with a full pool that ends there; `null` where a
 * gauge or the count of finished requests is missing
 */
export function pushedOut(judged: Judged, { trace }: Engine): Values {
  const { grid, evidence, fast } = judged;
  const { running, waiting, usage, finishes } = trace;
  const window = stepsIn(grid, evidence.window);
  /** Finished after `j` and up to `i`, at most: whole rate windows back from `i`, since what a window holds may lie anywhere in it. */
  const finished = (j: number, i: number): number => {
    let most = 0;
    for (let k = i; k > j; k -= window) most += (finishes?.[k] ?? 0) * evidence.window;
    return most;
  };
  return Array.from({ length: grid.count }, (_, i) => {
    const [r, w, u] = [running?.[i] ?? null, waiting?.[i] ?? null, usage?.[i] ?? null];
    if (r === null || w === null || u === null || finishes === null) return null;
    let most = 0;
    for (let j = i - 1; j >= Math.max(0, i - stepsIn(grid, fast)) && u >= FULL && (usage?.[j] ?? 0) >= FULL; j--) {
      const left = (running?.[j] ?? r) - r - finished(j, i);
      most = Math.max(most, Math.min(left, w - (waiting?.[j] ?? w)));
    }
    return most;
  });
}

/** Requests thrown out since the pool filled, by the counter or by the gauges, whichever is ahead. */
export interface Thrown {
  readonly counted: number;
  readonly seen: number;
  /** At least so many per finished request, however the dice fell. */
  readonly perFinish: number;
}

/**
 * What was thrown out per finished request since the pool filled, at most `main` seconds back: what finished before that says
 * nothing of a storm that has just begun.
 * @param pushed see `pushedOut`
 * @returns `null` where the pool was not full lately, or usage is not measured
 */
export function thrownSinceFull(judged: Judged, { trace }: Engine, pushed: Values, i: number): Thrown | null {
  const { grid, main } = judged;
  const lately = recent(trace.usage, grid, i, main);
  const first = lately.findIndex((u) => u !== null && u >= FULL);
  if (first < 0) return null;
  const seconds = (lately.length - first) * grid.step;
  const counted = countOver(trace.preemptions, grid, i, seconds) ?? 0;
  const seen = maxOf(recent(pushed, grid, i, seconds)) ?? 0;
  const events = Math.max(counted, seen);
  const finished = countOver(trace.finishes, grid, i, seconds) ?? 0;
  return {
    counted,
    seen,
    perFinish: events < MIN_EVENTS ? 0 : Math.max(0, events - DOUBT * Math.sqrt(events)) / Math.max(finished, 1),
  };
}
