import type { Histogram } from './evidence.ts';
import type { Grid } from '../base/grid.ts';
import { stepsIn } from '../base/grid.ts';
import { quantileInterval } from '../base/histogram.ts';
import { averageBetween, bucketsBetween } from './trace.ts';

/** How much of the prompt work a few very long requests carry. */
export interface Giants {
  /** Share of prompt tokens in requests at least eight times the median, 0 to 1. */
  readonly tokenShare: number;
  /** Share of requests they are, 0 to 1. */
  readonly requestShare: number;
  /** Their mean length, tokens; 0 without any. */
  readonly mean: number;
  /** Upper bucket edge of the median, tokens. */
  readonly median: number;
  /** Requests a second they are. */
  readonly perSecond: number;
}

/** A prompt counts as giant from this many medians on: far outside what length mixes of one application show. */
const TIMES_MEDIAN = 8;

/**
 * Few requests that carry most of the prompt tokens: the mark of a long-request spike, told from heavier traffic without any
 * baseline. Read from lengths of finished requests, so it lags by one residence time.
 * @param covered seconds that the trailing `seconds` of rates really count: the rate window, where that is longer
 * @returns `null` with fewer than five finished requests in them
 */
export function giantsOf(
  histogram: Histogram | null,
  grid: Grid,
  i: number,
  seconds: number,
  covered = seconds,
): Giants | null {
  if (!histogram) return null;
  const from = Math.max(0, i - stepsIn(grid, seconds) + 1);
  const count = averageBetween(histogram.count, from, i);
  if (count * Math.min(covered, Math.max(covered - seconds, 0) + (i - from + 1) * grid.step) < 5) return null;
  const b = bucketsBetween(histogram, from, i);
  const median = quantileInterval(b.bounds, b.cumulative, b.count, 0.5);
  if (!median) return null;
  const edge = median.high ?? median.low;
  const cut = b.bounds.findIndex((bound) => bound >= edge * TIMES_MEDIAN);
  if (cut < 0) return { tokenShare: 0, requestShare: 0, mean: 0, median: edge, perSecond: 0 };
  const below = b.cumulative[cut] ?? 0;
  const many = b.count - below;
  if (many <= b.count * 1e-6) return { tokenShare: 0, requestShare: 0, mean: 0, median: edge, perSecond: 0 };
  // Tokens of the ordinary requests from bucket middles; the rest of the exact sum belongs to the giants.
  let ordinary = 0;
  let under = 0;
  let lower = 0;
  for (let k = 0; k <= cut; k++) {
    const inside = (b.cumulative[k] ?? 0) - under;
    ordinary += inside * ((lower + (b.bounds[k] as number)) / 2);
    under = b.cumulative[k] ?? 0;
    lower = b.bounds[k] as number;
  }
  const tokens = Math.max(many * (b.bounds[cut] as number), b.sum - ordinary);
  return {
    tokenShare: Math.max(0, Math.min(1, tokens / Math.max(b.sum, 1e-9))),
    requestShare: many / b.count,
    mean: tokens / many,
    median: edge,
    perSecond: many,
  };
}
