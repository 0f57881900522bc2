/** An interval a number is known to lie in; `high` is `null` when it lies above the last finite bucket. */
export interface Interval {
  readonly low: number;
  readonly high: number | null;
  /** Linear interpolation inside the bucket, as `histogram_quantile` does; the last finite bound above it. */
  readonly estimate: number;
}

/**
 * Where the `q`-quantile lies, as far as the buckets allow: the true value is anywhere in (low, high].
 * @param bounds ascending finite bounds · @param cumulative observations at or below each · @param count all observations
 * @returns `null` when nothing was observed
 * Source: prometheus promql/quantile.go for the estimate; pathologies.md §7 for quoting the interval instead.
 */
export function quantileInterval(
  bounds: readonly number[],
  cumulative: readonly number[],
  count: number,
  q: number,
): Interval | null {
  if (!(count > 0) || bounds.length === 0) return null;
  const rank = q * count;
  // Rates of cumulative buckets may disagree in the last digits; a hair of slack keeps the rank in its bucket.
  const slack = count * 1e-9;
  let below = 0;
  for (let i = 0; i < bounds.length; i++) {
    const at = cumulative[i] ?? 0;
    const bound = bounds[i] as number;
    if (at + slack >= rank) {
      const low = i === 0 ? Math.min(0, bound) : (bounds[i - 1] as number);
      const inside = at - below;
      const share = inside > 0 ? Math.max(0, Math.min(1, (rank - below) / inside)) : 1;
      return { low, high: bound, estimate: low + (bound - low) * share };
    }
    below = at;
  }
  const last = bounds[bounds.length - 1] as number;
  return { low: last, high: null, estimate: last };
}

/**
 * Share of observations at or below `x`: exact at a bucket edge, an interval inside a bucket.
 * @returns ratios 0 to 1, `null` when nothing was observed
 */
export function shareAtOrBelow(
  bounds: readonly number[],
  cumulative: readonly number[],
  count: number,
  x: number,
): { readonly low: number; readonly high: number } | null {
  if (!(count > 0)) return null;
  let low = 0;
  let high = 1;
  for (let i = 0; i < bounds.length; i++) {
    const bound = bounds[i] as number;
    const share = Math.max(0, Math.min(1, (cumulative[i] ?? 0) / count));
    if (bound <= x * (1 + 1e-9)) low = share;
    if (bound >= x * (1 - 1e-9)) {
      high = share;
      break;
    }
  }
  return { low, high: Math.max(low, high) };
}
