import type { Values } from '../base/grid.ts';
import { known, median } from '../base/statistics.ts';

/** MAD to standard deviation of a normal distribution. */
const MAD_TO_SD = 1.4826;
/** Standard error of a median against that of a mean. */
const MEDIAN_ERROR = 1.2533;
/** Smallest standard deviation believed: what moves less than 5 %, or one percentage point, nobody needs to know. */
export const LEAST_SCALE = { factor: 0.05, difference: 0.01 } as const;

export interface Level {
  readonly middle: number;
  /** Robust standard deviation. */
  readonly scale: number;
  /** How many independent values the stretch is worth. */
  readonly worth: number;
}

/**
 * Where a stretch stands and how much it scatters; `null` with fewer than three values. Neighbours that resemble each other, and
 * rates whose windows overlap, count as fewer values (AR(1) allowance, n·(1 − φ) ÷ (1 + φ)).
 * @param overlap grid steps one value looks back
 */
export function levelOf(values: Values, overlap: number): Level | null {
  const xs = known(values);
  const middle = median(xs);
  if (middle === null || xs.length < 3) return null;
  const off = xs.map((x) => x - middle);
  const scale = MAD_TO_SD * (median(off.map(Math.abs)) as number);
  let [lagged, all] = [0, 0];
  off.forEach((x, i) => {
    all += x * x;
    if (i > 0) lagged += x * (off[i - 1] as number);
  });
  const phi = all > 0 ? Math.min(0.95, Math.max(0, lagged / all)) : 0;
  const worth = xs.length * Math.min((1 - phi) / (1 + phi), 1 / Math.max(1, overlap));
  return { middle, scale, worth: Math.max(1, worth) };
}

/**
 * How much such numbers scatter before anybody has looked: by a fifth, or by four percentage points. It counts as so many looks
 * beside what was measured, so that a handful of values that happen to agree do not prove a change (moderated t, Smyth 2004).
 */
export const USUAL_SCALE = { factor: 0.2, difference: 0.04 } as const;
const USUAL_WORTH = 4;

/** How surely two stretches stand elsewhere: the difference of their medians in standard errors, shortened for how few values it rests on. */
export function zBetween(before: Level, after: Level, usual: number): number {
  const measured = Math.max(1, before.worth + after.worth - 2);
  const freedom = measured + USUAL_WORTH;
  const seen = Math.max(before.scale, after.scale / 2);
  const scale = Math.sqrt((USUAL_WORTH * usual * usual + measured * seen * seen) / freedom);
  const t = (after.middle - before.middle) / (MEDIAN_ERROR * scale * Math.sqrt(1 / before.worth + 1 / after.worth));
  // Student's t as a normal z (Wallace 1959).
  return Math.sign(t) * Math.sqrt(freedom * Math.log1p((t * t) / freedom)) * ((8 * freedom + 1) / (8 * freedom + 3));
}

/** Two-sided probability of a z, by Zelen and Severo's polynomial (Abramowitz and Stegun 26.2.17; error below 1e-7). */
export function chanceOf(z: number): number {
  const x = Math.abs(z);
  const t = 1 / (1 + 0.2316419 * x);
  const tail = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return Math.min(1, (2 * Math.exp((-x * x) / 2) * tail) / Math.sqrt(2 * Math.PI));
}

/** Which of many findings stay when at most a share of those that stay may be chance (Benjamini and Hochberg 1995). */
export function keptOf(chances: readonly number[], rate: number): boolean[] {
  const order = chances.map((p, i) => [p, i] as const).sort((a, b) => a[0] - b[0]);
  const last = order.findLastIndex(([p], rank) => p <= ((rank + 1) / chances.length) * rate);
  const kept = chances.map(() => false);
  for (const [, i] of order.slice(0, last + 1)) kept[i] = true;
  return kept;
}

/** Numbers on a scale on which the same change has the same size: factors as logarithms above a floor, shares as they are. */
export function onScale(values: Values, scale: 'factor' | 'difference', floor: number): Values {
  if (scale === 'difference') return values;
  return values.map((value) => (value === null ? null : Math.log(Math.max(0, value) + floor)));
}

/**
 * First index from which the values have left the level of before for good, by CUSUM with a drift of half the way to the new level:
 * the start of the run that ends above the threshold. `null` if they never do. Source: Page 1954.
 */
export function onsetIn(values: Values, before: Level, after: Level, least: number): number | null {
  const scale = Math.max(before.scale, least);
  const up = Math.sign(after.middle - before.middle);
  const half = Math.abs(after.middle - before.middle) / 2;
  let sum = 0;
  let start: number | null = null;
  for (const [i, value] of values.entries()) {
    if (value === null) continue;
    const next = Math.max(0, sum + Math.min(6, (up * (value - before.middle) - half) / scale));
    if (sum === 0 && next > 0) start = i;
    if (next === 0) start = null;
    sum = next;
    if (sum >= CUSUM_THRESHOLD) return start;
  }
  return null;
}

const CUSUM_THRESHOLD = 4;
