import { endOf, type Grid, gridBetween } from '../core/base/grid.ts';

/** Points a line may have before the step is widened: enough for the widest panel, and a tenth of what Prometheus refuses. */
const COMFORTABLE_POINTS = 720;
/** Prometheus refuses more points per series than this. */
export const MOST_POINTS = 11_000;
/** Step where nobody knows the scrape interval: Prometheus' own default is a minute, most charts set 15 s. */
const UNKNOWN_STEP = 15;

/**
 * Seconds between samples: the median of the gaps of all series, on the half percent a scraper keeps to, i.e. whole seconds
 * where it is nearly whole.
 * @param series ascending times, unix seconds
 * @returns `null` where no series has two samples
 */
export function scrapeIntervalOf(series: Iterable<readonly number[]>): number | null {
  const gaps: number[] = [];
  for (const times of series) {
    for (let i = 1; i < times.length; i += 1) gaps.push((times[i] as number) - (times[i - 1] as number));
  }
  if (gaps.length === 0) return null;
  gaps.sort((a, b) => a - b);
  const median = gaps[Math.floor((gaps.length - 1) / 2)] as number;
  const whole = Math.round(median);
  if (whole >= 1 && Math.abs(median - whole) <= 0.05 * whole) return whole;
  return Math.max(0.001, Math.round(median * 1000) / 1000);
}

/**
 * Grid spacing: the wish if there is one, else the scrape interval; widened by whole scrape intervals until a line has at
 * most 720 points, and a wish until Prometheus would answer at all.
 */
export function chooseStep(span: number, scrapeInterval: number | null, wish?: number): number {
  if (wish !== undefined && wish > 0) return Math.max(wish, Math.ceil(span / (MOST_POINTS - 1)));
  const unit = scrapeInterval ?? UNKNOWN_STEP;
  return unit * Math.max(1, Math.ceil(span / (COMFORTABLE_POINTS * unit)));
}

/**
 * The rate window behind every counter and histogram: four scrapes, so that one missing is no gap; 20 s at least; no less than
 * the step, so that nothing between two grid times is lost. Prometheus 3 leaves out a sample exactly on the older edge, which
 * still leaves three gaps to extrapolate from; prometheus/left-open.test.ts measures what that changes.
 */
export function rateWindow(scrapeInterval: number | null, step: number): number {
  return Math.max(4 * (scrapeInterval ?? UNKNOWN_STEP), 20, step);
}

/** The grid of a request, and the window that goes with it. */
export interface Timing {
  readonly grid: Grid;
  readonly window: number;
}

/** Grid and window for a span of unix seconds that ends exactly at `to`. */
export function timingOf(from: number, to: number, scrapeInterval: number | null, wish?: number): Timing {
  const step = chooseStep(Math.max(0, to - from), scrapeInterval, wish);
  return { grid: gridBetween(from, to, step), window: rateWindow(scrapeInterval, step) };
}

/** Seconds an info series is looked for before the end of a grid: the grid and Prometheus' look-back before it. */
export function infoSpan(grid: Grid): number {
  return Math.ceil(endOf(grid) - grid.from) + 300;
}
