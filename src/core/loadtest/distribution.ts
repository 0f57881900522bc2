import type { Latency, Percentile } from './run.ts';

/** Quantiles of what is computed here. */
const QS = [0.5, 0.9, 0.95, 0.99] as const;

/** The numbers of a latency, seconds; all `null` of nothing. */
export type Distribution = Pick<Latency, 'mean' | 'std' | 'min' | 'max' | 'count' | 'percentiles'>;

/**
 * Mean, spread and quantiles of values in seconds. Quantiles interpolate linearly between order statistics, as numpy's default and
 * `vllm bench serve` do; the textbook takes the value at the sorted index.
 */
export function distributionOf(values: readonly number[]): Distribution {
  const n = values.length;
  if (n === 0) return { mean: null, std: null, min: null, max: null, count: 0, percentiles: [] };
  const sorted = Float64Array.from(values).sort();
  const mean = sorted.reduce((a, b) => a + b, 0) / n;
  const variance = sorted.reduce((a, b) => a + (b - mean) ** 2, 0) / n;
  return {
    mean,
    std: Math.sqrt(variance),
    min: sorted[0] as number,
    max: sorted[n - 1] as number,
    count: n,
    percentiles: QS.map((q) => ({ q, seconds: quantileOfSorted(sorted, q) })),
  };
}

/** @param sorted ascending, not empty */
function quantileOfSorted(sorted: Float64Array, q: number): number {
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const a = sorted[low] as number;
  const b = sorted[Math.min(low + 1, sorted.length - 1)] as number;
  return a + (b - a) * (at - low);
}

/** Percentiles under names such as `p99.9`, ascending; what does not read as a percentile is left out. */
export function percentilesOf(named: Iterable<readonly [string, number | null]>): Percentile[] {
  const found = new Map<number, number>();
  for (const [name, seconds] of named) {
    const q = name === 'median' ? 0.5 : Number(/^p(\d{1,2}(?:\.\d+)?|100)$/.exec(name)?.[1] ?? Number.NaN) / 100;
    if (seconds !== null && q >= 0 && q <= 1) found.set(q, seconds);
  }
  return [...found].map(([q, seconds]) => ({ q, seconds })).sort((a, b) => a.q - b.q);
}
