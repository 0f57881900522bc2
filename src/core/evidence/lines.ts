import type { Values } from '../base/grid.ts';
import { quantileInterval, shareAtOrBelow } from '../base/histogram.ts';
import { type SignalId, signalById } from '../signals/index.ts';
import type { Evidence, Histogram } from './evidence.ts';
import { standInsOf } from './stand-in.ts';

/** @returns the line of one replica, `null` if the signal is not there for it. Target-level signals answer for every engine behind the target. */
export function replicaLine(evidence: Evidence, id: SignalId, replica: string, part = ''): Values | null {
  const lines = evidence.readings[id]?.lines ?? [];
  return lines.find((line) => line.replica === replica && line.part === part)?.values ?? null;
}

/** One replica's line with all parts added (or as the signal's `across` says); of a mean engine, what one of them has. */
export function ownLine(evidence: Evidence, id: SignalId, replica: string, part?: string): Values | null {
  return combined(evidence, id, new Map(), [replica], part);
}

/** @returns the values a `by` label took, in the order read, e.g. `stop`, `length`. */
export function partsOf(evidence: Evidence, id: SignalId): string[] {
  return [...new Set((evidence.readings[id]?.lines ?? []).map((line) => line.part))];
}

/**
 * One line for the given replicas (all if left out): summed, averaged or the worst, as the signal's `across` says.
 * A grid time is `null` only where no replica has a value. With `part` left out, all parts are added. A mean engine counts as
 * many times as it stands for engines; see `ownLine` for what one of them has.
 */
export function fleetLine(
  evidence: Evidence,
  id: SignalId,
  replicas?: readonly string[],
  part?: string,
): Values | null {
  return combined(evidence, id, standInsOf(evidence), replicas, part);
}

function combined(
  evidence: Evidence,
  id: SignalId,
  standIns: ReadonlyMap<string, number>,
  replicas: readonly string[] | undefined,
  part: string | undefined,
): Values | null {
  const lines = (evidence.readings[id]?.lines ?? []).filter(
    (line) => (part === undefined || line.part === part) && (!replicas || replicas.includes(line.replica)),
  );
  if (lines.length === 0) return null;
  const across = signalById(id).across;
  const weights = lines.map((line) => standIns.get(line.replica) ?? 1);
  return Array.from({ length: evidence.grid.count }, (_, i) => {
    let sum = 0;
    let best = across === 'min' ? Infinity : -Infinity;
    let n = 0;
    for (let k = 0; k < lines.length; k++) {
      const value = lines[k]?.values[i];
      if (value === null || value === undefined) continue;
      const weight = weights[k] as number;
      sum += value * weight;
      best = across === 'min' ? Math.min(best, value) : Math.max(best, value);
      n += weight;
    }
    if (n === 0) return null;
    if (across === 'sum') return sum;
    return across === 'mean' ? sum / n : best;
  });
}

/**
 * Histograms of the given replicas (all if left out) added up, a mean engine as often as it stands for engines. Bounds that not every replica has are left out, since a
 * sum over different bounds means nothing (metrics.md §3.3).
 * @param near what shares are asked at, where nothing else is asked: only the buckets around it are added up
 * @returns `null` if no replica has the signal
 */
export function fleetHistogram(
  evidence: Evidence,
  id: SignalId,
  replicas?: readonly string[],
  near?: number,
): Histogram | null {
  const parts = (evidence.readings[id]?.histograms ?? []).filter((h) => !replicas || replicas.includes(h.replica));
  const first = parts[0];
  if (!first) return null;
  const standIns = standInsOf(evidence);
  if (parts.length === 1 && !standIns.has(first.replica)) return first;
  const common = first.bounds.filter((bound) => parts.every((h) => h.bounds.includes(bound)));
  const bounds = near === undefined ? common : placesAround(common, near).map((k) => common[k] as number);
  const weights = parts.map((h) => standIns.get(h.replica) ?? 1);
  const add = (lines: readonly (Values | undefined)[]): Values =>
    Array.from({ length: evidence.grid.count }, (_, i) => {
      let sum: number | null = null;
      for (let k = 0; k < lines.length; k++) {
        const value = lines[k]?.[i] ?? null;
        if (value !== null) sum = (sum ?? 0) + value * (weights[k] as number);
      }
      return sum;
    });
  return {
    replica: '',
    bounds,
    cumulative: bounds.map((bound) => add(parts.map((h) => h.cumulative[h.bounds.indexOf(bound)]))),
    count: add(parts.map((h) => h.count)),
    sum: add(parts.map((h) => h.sum)),
  };
}

/** Mean over the last `steps` values up to each grid time; gaps are skipped, `null` where the whole stretch is a gap. */
export function smooth(values: Values, steps: number): (number | null)[] {
  const out: (number | null)[] = [];
  let sum = 0;
  let n = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null;
    if (value !== null) {
      sum += value;
      n++;
    }
    const gone = i >= steps ? (values[i - steps] ?? null) : null;
    if (gone !== null) {
      sum -= gone;
      n--;
    }
    out.push(n > 0 ? (Math.abs(sum) < 1e-12 ? 0 : sum / n) : null);
  }
  return out;
}

/** Mean of the observations of the last `steps` grid times, e.g. mean TTFT in seconds; `null` where nothing was observed. */
export function histogramMean(histogram: Histogram, steps: number): (number | null)[] {
  const sum = smooth(histogram.sum, steps);
  const count = smooth(histogram.count, steps);
  return sum.map((s, i) => {
    const c = count[i] ?? null;
    return s === null || c === null || c <= 1e-9 ? null : s / c;
  });
}

/** The `q`-quantile at each grid time over the last `steps` times, as the interval its bucket allows. `null` where nothing was observed. */
export function histogramQuantile(
  histogram: Histogram,
  q: number,
  steps: number,
): { low: (number | null)[]; high: (number | null)[]; estimate: (number | null)[] } {
  const count = smooth(histogram.count, steps);
  const cumulative = histogram.cumulative.map((line) => smooth(line, steps));
  const low: (number | null)[] = [];
  const high: (number | null)[] = [];
  const estimate: (number | null)[] = [];
  const buckets = cumulative.map(() => 0);
  for (let i = 0; i < count.length; i++) {
    const total = count[i] ?? 0;
    for (let k = 0; k < buckets.length; k++) buckets[k] = cumulative[k]?.[i] ?? 0;
    const at = total > 1e-9 ? quantileInterval(histogram.bounds, buckets, total, q) : null;
    low.push(at?.low ?? null);
    high.push(at ? at.high : null);
    estimate.push(at?.estimate ?? null);
  }
  return { low, high, estimate };
}

/** Share of observations at or below `x` over the last `steps` times at each grid time, as an interval; `null` where nothing was observed. */
export function histogramShare(
  histogram: Histogram,
  x: number,
  steps: number,
): ({ low: number; high: number } | null)[] {
  const count = smooth(histogram.count, steps);
  // Of all buckets only the two around `x` tell.
  const places = placesAround(histogram.bounds, x);
  const bounds = places.map((k) => histogram.bounds[k] as number);
  const cumulative = places.map((k) => smooth(histogram.cumulative[k] ?? [], steps));
  const buckets = places.map(() => 0);
  return count.map((total, i) => {
    if (total === null || total <= 1e-9) return null;
    for (let k = 0; k < buckets.length; k++) buckets[k] = cumulative[k]?.[i] ?? 0;
    return shareAtOrBelow(bounds, buckets, total, x);
  });
}

/** Places of the buckets that tell the share at `x`: the last within it and the first that reaches it. */
function placesAround(bounds: readonly number[], x: number): number[] {
  const reaching = bounds.findIndex((bound) => bound >= x * (1 - 1e-9));
  const within = bounds.findLastIndex((bound, k) => bound <= x * (1 + 1e-9) && (reaching < 0 || k <= reaching));
  return [...new Set([within, reaching])].filter((k) => k >= 0);
}
