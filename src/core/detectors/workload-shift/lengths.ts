import type { Grid } from '../../base/grid.ts';
import { stepsIn } from '../../base/grid.ts';
import type { Histogram } from '../../evidence/evidence.ts';

/** Finished requests of a stretch by length: shares of the buckets, how many there were, and their mean in tokens. */
export interface Lengths {
  readonly shares: readonly number[];
  readonly count: number;
  readonly mean: number;
}

/** Lengths of any stretch of a histogram, from running totals, since they are asked for at every grid time. */
export interface LengthTotals {
  /** @returns `null` where nothing finished between the two indexes, both inclusive */
  between(from: number, to: number): Lengths | null;
  /** First index by which `count` requests have finished and `seconds` have passed; `null` if that never happens. */
  whenEnough(count: number, seconds: number): number | null;
}

export function totalsOf(histogram: Histogram, grid: Grid): LengthTotals {
  const running = (values: readonly (number | null)[]): number[] => {
    let total = 0;
    return values.map((v) => (total += (v ?? 0) * grid.step));
  };
  const buckets = histogram.cumulative.map(running);
  const counts = running(histogram.count);
  const sums = running(histogram.sum);
  const span = (totals: readonly number[], from: number, to: number): number =>
    (totals[to] ?? 0) - (from > 0 ? (totals[from - 1] ?? 0) : 0);
  return {
    between(from, to) {
      const count = span(counts, from, to);
      if (count < 0.5) return null;
      let below = 0;
      const shares = [...buckets, counts].map((totals) => {
        const upTo = span(totals, from, to);
        const inside = Math.max(0, upTo - below);
        below = upTo;
        return inside / count;
      });
      return { shares, count, mean: span(sums, from, to) / count };
    },
    whenEnough(count, seconds) {
      const at = counts.findIndex((total, i) => total >= count && i >= stepsIn(grid, seconds));
      return at < 0 ? null : at;
    },
  };
}

/**
 * Population stability index of two sets of lengths, less what chance alone makes of so few requests:
 * Σ (a − b)·ln(a ÷ b) − (k − 1)·(1 ÷ n + 1 ÷ m). Not below 0; above 0.1 a shift, above 0.25 a large one (pathologies.md §12).
 */
export function stabilityIndex(before: Lengths, now: Lengths): number {
  let sum = 0;
  let kinds = 0;
  before.shares.forEach((share, k) => {
    const other = now.shares[k] ?? 0;
    if (share < 1e-6 && other < 1e-6) return;
    kinds++;
    // Half a request in an empty bucket keeps the logarithm finite.
    const a = Math.max(other, 0.5 / now.count);
    const b = Math.max(share, 0.5 / before.count);
    sum += (a - b) * Math.log(a / b);
  });
  return Math.max(0, sum - Math.max(0, kinds - 1) * (1 / before.count + 1 / now.count));
}
