import { stepsIn } from '../base/grid.ts';
import type { Grid } from '../base/grid.ts';
import { bucketsBetween, over, type Trace } from './trace.ts';

/**
 * Requests that wait only for the running step to end, as passengers on a platform do for a train that comes in any case: new
 * requests are let in between two steps, so those that arrive during one stand in the waiting gauge until then (vLLM
 * v1/core/sched/scheduler.py). By Little's law their number is arrivals × the step they met; a time is met in proportion to the
 * length of the step it falls into, hence E[T²] ÷ E[T] of the gaps between tokens, each bucket at its middle.
 * @returns requests, mean of the `seconds` that end at `i`; 0 where gaps or first tokens are not measured
 */
export function boardingOf(trace: Trace, grid: Grid, i: number, seconds: number): number {
  const rate = over(trace.firstTokens, grid, i, seconds);
  if (!trace.itl || rate === null) return 0;
  const { bounds, cumulative, count } = bucketsBetween(trace.itl, Math.max(0, i - stepsIn(grid, seconds) + 1), i);
  let time = 0;
  let square = 0;
  bounds.forEach((bound, b) => {
    const low = b === 0 ? 0 : (bounds[b - 1] as number);
    const here = (cumulative[b] as number) - (b === 0 ? 0 : (cumulative[b - 1] as number));
    const middle = (low + bound) / 2;
    time += here * middle;
    square += here * middle * middle;
  });
  const beyond = count - (cumulative.at(-1) ?? 0);
  const last = bounds.at(-1) ?? 0;
  time += beyond * last;
  square += beyond * last * last;
  return time > 1e-9 ? (rate * square) / time : 0;
}
