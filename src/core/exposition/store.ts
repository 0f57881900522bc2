import type { Parsed } from './parse.ts';

/** Samples of one label set, times ascending and each once. */
export interface StoredSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Unix milliseconds. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** Everything read, by metric name. */
export interface SeriesStore {
  readonly metrics: ReadonlyMap<string, readonly StoredSeries[]>;
  /** Samples left out because nothing said when they were taken. */
  readonly untimed: number;
}

/** One text with what it does not say itself. */
export interface StoreInput {
  readonly parsed: Parsed;
  /** When the page was read, unix milliseconds, for samples without a timestamp; without it those are left out. */
  readonly timeMs?: number;
  /** Labels to add where a series does not carry them, as a scraper would: `instance`, `job`. */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Joins texts into one store: the same label set from several texts (pages read one after the other, a recording in pieces)
 * becomes one series, sorted by time. Of two samples at one instant the first stands, as in Prometheus.
 */
export function buildStore(inputs: readonly StoreInput[]): SeriesStore {
  const found = new Map<string, { name: string; labels: Record<string, string>; times: number[]; values: number[] }>();
  let untimed = 0;
  for (const { parsed, timeMs, labels: extra } of inputs) {
    for (const series of parsed.series) {
      const labels = { ...extra, ...series.labels };
      const key = `${series.name}${JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
      let stored = found.get(key);
      if (!stored) {
        stored = { name: series.name, labels, times: [], values: [] };
        found.set(key, stored);
      }
      for (let i = 0; i < series.times.length; i += 1) {
        const own = series.times[i] as number;
        const time = Number.isNaN(own) ? timeMs : own;
        if (time === undefined) untimed += 1;
        else {
          stored.times.push(time);
          stored.values.push(series.values[i] as number);
        }
      }
    }
  }
  const metrics = new Map<string, StoredSeries[]>();
  for (const { name, labels, times, values } of found.values()) {
    if (times.length === 0) continue;
    const sorted = ascending({ labels, times, values });
    const list = metrics.get(name);
    if (list) list.push(sorted);
    else metrics.set(name, [sorted]);
  }
  return { metrics, untimed };
}

function ascending(series: StoredSeries): StoredSeries {
  const { times, values } = series;
  let sorted = true;
  for (let i = 1; i < times.length && sorted; i += 1) sorted = (times[i] as number) > (times[i - 1] as number);
  if (sorted) return series;
  const order = times.map((_, i) => i).sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
  const kept = order.filter((place, i) => i === 0 || times[place] !== times[order[i - 1] as number]);
  return {
    labels: series.labels,
    times: kept.map((i) => times[i] as number),
    values: kept.map((i) => values[i] as number),
  };
}
