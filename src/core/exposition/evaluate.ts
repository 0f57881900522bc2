/**
 * The numbers PromQL would give, from samples in memory: instant selection with five minutes of look-back, `rate` with
 * Prometheus' extrapolation, aggregation per replica, dialects joined by `or`. Follows Prometheus 2.42,
 * promql/functions.go `extrapolatedRate` and promql/engine.go `vectorSelectorSingle`; range vectors are closed at both ends.
 * Staleness marks do not exist in text; what that leaves standing is blanked for all sources alike in evidence/build.ts.
 */
import { type Grid, timeAt } from '../base/grid.ts';
import { groupLabels, groupOperator, type Operator } from '../signals/grouping.ts';
import type { CatalogueSignal } from '../signals/index.ts';
import type { GridSeries, Readout } from '../signals/readout.ts';
import { type Matcher, matchersFor, matcherTest, whereMatchers } from '../signals/selector.ts';
import type { MetricName } from '../signals/signal.ts';
import { toldTwice } from '../signals/settings.ts';
import { BARE_NAMES, foundSpellings } from '../signals/spellings.ts';
import type { SeriesStore, StoredSeries } from './store.ts';

/** Prometheus' default look-back: an older sample is not shown by an instant selection. */
const LOOKBACK_MS = 5 * 60 * 1000;

export interface EvaluateOptions {
  readonly grid: Grid;
  /** Rate window, seconds. */
  readonly window: number;
  readonly matchers: readonly Matcher[];
}

/**
 * One signal out of the store, as PromQL would have answered.
 * @returns series over the grid, `null` where PromQL gives nothing or no finite number; no series if the signal is absent
 */
export function evaluateSignal(
  store: SeriesStore,
  signal: CatalogueSignal,
  options: EvaluateOptions,
): Omit<Readout, 'query'> {
  const times = Array.from({ length: options.grid.count }, (_, i) => Math.round(timeAt(options.grid, i) * 1000));
  const windowMs = Math.round(options.window * 1000);
  const inScope = matcherTest(matchersFor(signal, options.matchers));
  const spellings = foundSpellings(signal, (metric) => {
    const own = matcherTest(whereMatchers(BARE_NAMES.get(metric)));
    return (store.metrics.get(metric) ?? []).some((series) => inScope(series.labels) && own(series.labels));
  });
  const select = (name: MetricName, suffix = ''): readonly StoredSeries[] => {
    const test = matcherTest([...whereMatchers(name.where), ...matchersFor(signal, options.matchers)]);
    return (store.metrics.get(name.metric + suffix) ?? []).filter((series) => test(series.labels));
  };
  const over = (suffix: string, more: readonly string[], evaluate: (series: StoredSeries) => Sample[]) =>
    either(
      spellings.map((name) =>
        aggregate(
          select(name, suffix),
          [...groupLabels(signal, name), ...more],
          groupOperator(signal, name),
          (series) => {
            const samples = evaluate(series);
            return name.scale === undefined
              ? samples
              : samples.map((v) => (v === undefined ? v : v * (name.scale ?? 1)));
          },
        ),
      ),
    );
  const result = (series: readonly GridSeries[], sums: readonly GridSeries[] = []) => ({
    signal: signal.id,
    metrics: spellings.map((name) => name.metric),
    series,
    sums,
  });
  switch (signal.kind) {
    case 'gauge':
      return result(over('', [], (series) => instants(series, times)));
    case 'age':
      return result(over('', [], (series) => agesOf(series, times)));
    case 'counter':
      return result(over('', [], (series) => rates(series, times, windowMs)));
    case 'histogram': {
      const rate = (series: StoredSeries) => rates(series, times, windowMs);
      return result(over('_bucket', ['le'], rate), over('_sum', [], rate));
    }
    case 'info': {
      const from = (times[0] ?? 0) - LOOKBACK_MS;
      const to = times.at(-1) ?? 0;
      const newest = spellings.flatMap((name) =>
        select(name).flatMap((series) => {
          const at = series.times.findLastIndex((time) => time <= to);
          const time = series.times[at];
          if (time === undefined || time < from) return [];
          const value = name.stamped ? (series.values[at] as number) : time / 1000;
          return [{ labels: series.labels, values: [value] }];
        }),
      );
      const read = result(newest);
      if (spellings.some(({ stamped }) => stamped) || !toldTwice(read)) return read;
      const history = spellings.flatMap((name) =>
        select(name).map((series) => {
          const ages = agesOf(series, times);
          return {
            labels: series.labels,
            values: ages.map((age, i) => (age === undefined ? null : (times[i] as number) / 1000 - age)),
          };
        }),
      );
      return { ...read, history };
    }
    default:
      return signal.kind satisfies never;
  }
}

/** A value at a grid time; `undefined` where PromQL has no element, NaN where it has one without a number. */
type Sample = number | undefined;

/** Place of the newest sample at or before each time, -1 for none; times ascend. */
function placesAt(series: StoredSeries, times: readonly number[]): number[] {
  let place = -1;
  return times.map((time) => {
    while (place + 1 < series.times.length && (series.times[place + 1] as number) <= time) place += 1;
    return place;
  });
}

function instants(series: StoredSeries, times: readonly number[]): Sample[] {
  const places = placesAt(series, times);
  return times.map((time, i) => {
    const place = places[i] as number;
    if (place < 0 || (series.times[place] as number) < time - LOOKBACK_MS) return undefined;
    return series.values[place];
  });
}

function agesOf(series: StoredSeries, times: readonly number[]): Sample[] {
  const places = placesAt(series, times);
  return times.map((time, i) => {
    const place = places[i] as number;
    if (place < 0 || (series.times[place] as number) < time - LOOKBACK_MS) return undefined;
    return (time - (series.times[place] as number)) / 1000;
  });
}

/** `rate(series[window])` at each time: resets added back, extrapolated to the window's ends at most by 1.1 sample gaps, never below zero counts. */
function rates(series: StoredSeries, times: readonly number[], windowMs: number): Sample[] {
  const { times: at, values } = series;
  const ends = placesAt(series, times);
  let first = 0;
  return times.map((time, i) => {
    const start = time - windowMs;
    while (first < at.length && (at[first] as number) < start) first += 1;
    const last = ends[i] as number;
    if (last - first < 1) return undefined;
    const firstValue = values[first] as number;
    let growth = (values[last] as number) - firstValue;
    let previous = firstValue;
    for (let j = first + 1; j <= last; j += 1) {
      const value = values[j] as number;
      if (value < previous) growth += previous;
      previous = value;
    }
    let toStart = ((at[first] as number) - start) / 1000;
    const toEnd = (time - (at[last] as number)) / 1000;
    const sampled = ((at[last] as number) - (at[first] as number)) / 1000;
    const gap = sampled / (last - first);
    if (growth > 0 && firstValue >= 0) toStart = Math.min(toStart, sampled * (firstValue / growth));
    const limit = gap * 1.1;
    const covered = sampled + (toStart < limit ? toStart : gap / 2) + (toEnd < limit ? toEnd : gap / 2);
    return (growth * (covered / sampled)) / (windowMs / 1000);
  });
}

/** Series by the text of their group labels. */
type Groups = ReadonlyMap<string, { readonly labels: Record<string, string>; readonly samples: Sample[] }>;

function aggregate(
  selected: readonly StoredSeries[],
  labelNames: readonly string[],
  operator: Operator,
  evaluate: (series: StoredSeries) => Sample[],
): Groups {
  const groups = new Map<string, { labels: Record<string, string>; samples: Sample[]; counts: number[] }>();
  for (const series of selected) {
    const samples = evaluate(series);
    // As in PromQL a label that is empty is not there, so that dialects which group by more labels still meet.
    const present = labelNames.filter((label) => series.labels[label]);
    const key = present.map((label) => `${label}\u0001${series.labels[label]}`).join('\u0000');
    const group = groups.get(key);
    if (!group) {
      const labels = Object.fromEntries(present.map((label) => [label, series.labels[label] as string]));
      groups.set(key, { labels, samples, counts: samples.map((sample) => (sample === undefined ? 0 : 1)) });
      continue;
    }
    samples.forEach((sample, i) => {
      if (sample === undefined) return;
      const old = group.samples[i];
      group.counts[i] = (group.counts[i] ?? 0) + 1;
      group.samples[i] = old === undefined ? sample : combine(operator, old, sample);
    });
  }
  if (operator === 'avg') {
    for (const { samples, counts } of groups.values()) {
      samples.forEach((sample, i) => {
        if (sample !== undefined) samples[i] = sample / (counts[i] ?? 1);
      });
    }
  }
  return groups;
}

function combine(operator: Operator, a: number, b: number): number {
  switch (operator) {
    case 'sum':
    case 'avg':
      return a + b;
    case 'max':
      return Number.isNaN(a) || b > a ? b : a;
    case 'min':
      return Number.isNaN(a) || b < a ? b : a;
    default:
      return operator satisfies never;
  }
}

/** PromQL's `or` between dialects: at each time the first that has an element for these labels. */
function either(dialects: readonly Groups[]): GridSeries[] {
  const found = new Map<string, { labels: Record<string, string>; samples: Sample[] }>();
  for (const groups of dialects) {
    for (const [key, { labels, samples }] of groups) {
      const earlier = found.get(key);
      if (!earlier) found.set(key, { labels, samples: [...samples] });
      else {
        samples.forEach((sample, i) => {
          earlier.samples[i] ??= sample;
        });
      }
    }
  }
  return [...found.values()]
    .filter(({ samples }) => samples.some((sample) => sample !== undefined))
    .map(({ labels, samples }) => ({
      labels,
      values: samples.map((sample) => (sample !== undefined && Number.isFinite(sample) ? sample : null)),
    }));
}
