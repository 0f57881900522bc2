import type { SeriesStore, StoredSeries } from '../../core/exposition/store.ts';

/** Counters and the parts of histograms, by the endings OpenMetrics gives them. */
const COUNTED = /_(total|bucket|count|sum)$/;

/**
 * What two pages say of the time between them, at every step: a counter grew evenly, which is the mean and all that is known;
 * a gauge stood where the nearer page saw it. Without this a window of two pages would be two moments, and whatever is
 * summed over time would be summed over twice the time.
 * @param stepMs spacing of what is filled in, counted back from the later page
 */
export function fillBetween(store: SeriesStore, stepMs: number): SeriesStore {
  const metrics = new Map<string, readonly StoredSeries[]>();
  for (const [name, list] of store.metrics)
    metrics.set(
      name,
      list.map((series) => fill(series, stepMs, COUNTED.test(name))),
    );
  return { ...store, metrics };
}

function fill({ labels, times, values }: StoredSeries, stepMs: number, counted: boolean): StoredSeries {
  const filled: { times: number[]; values: number[] } = { times: [], values: [] };
  for (const [i, end] of times.entries()) {
    const [start, before, after] = [times[i - 1], values[i - 1], values[i] as number];
    if (start !== undefined && before !== undefined) {
      const even = counted && after >= before;
      for (let n = Math.ceil((end - start) / stepMs) - 1; n >= 1; n -= 1) {
        const time = end - n * stepMs;
        const share = (time - start) / (end - start);
        filled.times.push(time);
        filled.values.push(even ? before + share * (after - before) : share < 0.5 ? before : after);
      }
    }
    filled.times.push(end);
    filled.values.push(after);
  }
  return { labels, ...filled };
}
