/**
 * The only place that writes PromQL. A signal, a scope and a window become text; labels and operators are those of
 * signals/grouping.ts, so that the evaluation of pages gives the same numbers. Everything written here runs on Prometheus
 * 2.42 and what imitates it.
 */
import { groupLabels, groupOperator } from '../signals/grouping.ts';
import { type CatalogueSignal, type SignalId, signalById } from '../signals/index.ts';
import { formatSelector, type Matcher, matchersFor, parseSelector, whereMatchers } from '../signals/selector.ts';
import type { MetricName } from '../signals/signal.ts';
import { spellingsOf } from '../signals/spellings.ts';

export interface Compiled {
  /** Gauges, counters, ages, info; of histograms the bucket rates. */
  readonly main: string;
  /** Histograms: rates of the sum; else `null`. */
  readonly sum: string | null;
}

/** What a query is compiled for. */
export interface Scope {
  readonly matchers: readonly Matcher[];
  /** Rate window in seconds; info series are looked for this far back. */
  readonly window: number;
  /** Matchers that hold whatever the level, as they are about the labels its series carry. */
  readonly also?: readonly Matcher[];
  /** Of histograms how many observations there were, and not in which buckets. */
  readonly countOnly?: boolean;
  /** Engines are not told apart: one line for all in scope, with parts and buckets kept. */
  readonly together?: boolean;
}

/** The bucket that holds all observations. */
const ALL_OBSERVED: Matcher = { label: 'le', op: '=', value: '+Inf' };

/**
 * PromQL that gives a signal per replica. Several spellings are joined with `or` behind the aggregation, so that in a mixed
 * fleet each replica answers under the newest name it has and nothing is counted twice.
 * @param names spellings to ask for, in order of preference, at least one
 */
export function compileSignal(signal: CatalogueSignal, names: readonly MetricName[], scope: Scope): Compiled {
  const join = (part: (name: MetricName) => string) => names.map(part).join(' or ');
  const series = (name: MetricName, suffix = '', more: readonly Matcher[] = []) =>
    seriesOf(signal, name, scope.matchers, suffix, [...(scope.also ?? []), ...more]);
  const duration = formatDuration(scope.window);
  const grouped = (name: MetricName, inner: string, more: readonly string[] = []) => {
    const labels = scope.together ? partLabels(signal, [name]) : groupLabels(signal, name);
    return scaled(`${groupOperator(signal, name)}${byLabels([...labels, ...more])} (${inner})`, name);
  };
  switch (signal.kind) {
    case 'gauge':
      return { main: join((name) => grouped(name, series(name))), sum: null };
    case 'counter':
      return { main: join((name) => grouped(name, `rate(${series(name)}[${duration}])`)), sum: null };
    case 'histogram':
      return {
        main: join((name) =>
          grouped(name, `rate(${series(name, '_bucket', scope.countOnly ? [ALL_OBSERVED] : [])}[${duration}])`, ['le']),
        ),
        sum: join((name) => grouped(name, `rate(${series(name, '_sum')}[${duration}])`)),
      };
    case 'age':
      return { main: join((name) => grouped(name, `time() - timestamp(${series(name)})`)), sum: null };
    case 'info':
      // The time of the newest sample per label set, now or earlier in the window: of two configurations the later counts.
      return {
        main: join((name) =>
          name.stamped
            ? `max_over_time(${series(name)}[${duration}])`
            : `timestamp(${series(name)}) or max_over_time(timestamp(${series(name)})[${duration}:30s])`,
        ),
        sum: null,
      };
    default:
      return signal.kind satisfies never;
  }
}

/** PromQL that gives, at each time, the time of the newest sample of each label set of an info signal; not for stamped ones. */
export function compileHistory(signal: CatalogueSignal, names: readonly MetricName[], scope: Scope): string {
  return names.map((name) => `timestamp(${seriesOf(signal, name, scope.matchers)})`).join(' or ');
}

/**
 * PromQL that gives a histogram signal per replica where a server keeps it as native histograms alone: no `_bucket` series, one
 * value that holds all buckets and the sum. Its answers carry `histograms` in place of `values`.
 * @param names spellings without `_bucket`, in order of preference, at least one
 */
export function compileNative(signal: CatalogueSignal, names: readonly MetricName[], scope: Scope): string {
  const duration = formatDuration(scope.window);
  const by = groupLabels(signal).join(', ');
  return names
    .map((name) => `sum by (${by}) (rate(${seriesOf(signal, name, scope.matchers, '', scope.also)}[${duration}]))`)
    .join(' or ');
}

/** The labels that keep the parts of a signal apart, under all of these names. */
export function partLabels(signal: CatalogueSignal, names: readonly MetricName[]): string[] {
  return signal.by === undefined ? [] : [...new Set(names.map((name) => name.by ?? (signal.by as string)))];
}

/** What stands behind the operator of an aggregation. */
export function byLabels(labels: readonly string[]): string {
  return labels.length === 0 ? '' : ` by (${labels.join(', ')})`;
}

/** A query in base units. */
export function scaled(query: string, name: MetricName): string {
  return name.scale === undefined ? query : `${query} * ${name.scale}`;
}

/** A series of a signal with the matchers that belong to its meaning and those of the scope. */
export function seriesOf(
  signal: CatalogueSignal,
  name: MetricName,
  matchers: readonly Matcher[],
  suffix = '',
  also: readonly Matcher[] = [],
): string {
  const all = [...whereMatchers(name.where), ...matchersFor(signal, matchers), ...also];
  return `${name.metric}${suffix}${all.length > 0 ? formatSelector(all) : ''}`;
}

/** Seconds as PromQL writes a duration: whole seconds as `90s`, anything finer in milliseconds. */
export function formatDuration(seconds: number): string {
  const ms = Math.max(1, Math.round(seconds * 1000));
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

/** How a signal was found at a server. */
export interface Found {
  /** Names, in order of preference; the newest native one is taken of an empty list. */
  readonly metrics: readonly string[];
  /** A histogram that is kept as native ones alone: no `_bucket`, `_sum` or `_count` of it exists. */
  readonly native?: boolean;
}

/** Native histograms of the whole fleet over a time, as one. */
function nativeOver(
  how: 'rate' | 'increase',
  signal: CatalogueSignal,
  selector: string,
  seconds: number,
  { metrics }: Found,
): string {
  const inner = seriesOf(signal, shownName(signal, metrics), parseSelector(selector));
  return `sum (${how}(${inner}[${formatDuration(seconds)}]))`;
}

/** The spelling to show: the first of the names found, else the newest native one. */
function shownName(signal: CatalogueSignal, metrics: readonly string[] | undefined): MetricName {
  const spellings = spellingsOf(signal);
  return spellings.find((name) => metrics?.includes(name.metric)) ?? (spellings[0] as MetricName);
}

/**
 * For people to copy: the fleet's rate per second of a counter, kept apart by the signal's part; of a histogram the rate of
 * its observations.
 * @param found how the reading was found; as the newest release has it if left out
 * @throws SelectorError if the selector cannot be read, RangeError for a signal that has no rate
 */
export function rateQuery(id: SignalId, selector: string, seconds: number, found?: Found): string {
  return overTime('rate', id, selector, seconds, found);
}

/** For people to copy: as `rateQuery`, the increase over the time instead. */
export function increaseQuery(id: SignalId, selector: string, seconds: number, found?: Found): string {
  return overTime('increase', id, selector, seconds, found);
}

function overTime(
  how: 'rate' | 'increase',
  id: SignalId,
  selector: string,
  seconds: number,
  found: Found | undefined,
): string {
  const signal = signalById(id);
  if (signal.kind !== 'counter' && signal.kind !== 'histogram') throw new RangeError(`${id} is no counter`);
  if (signal.kind === 'histogram' && found?.native)
    return `histogram_count(${nativeOver(how, signal, selector, seconds, found)})`;
  const suffix = signal.kind === 'histogram' ? '_count' : '';
  const inner = seriesOf(signal, shownName(signal, found?.metrics), parseSelector(selector), suffix);
  const by = signal.by === undefined ? '' : ` by (${signal.by})`;
  return `sum${by} (${how}(${inner}[${formatDuration(seconds)}]))`;
}

/**
 * For people to copy: a quantile of a histogram over the fleet.
 * @param q 0 to 1
 * @throws SelectorError if the selector cannot be read, RangeError for a signal that is no histogram
 */
export function quantileQuery(id: SignalId, selector: string, q: number, seconds: number, found?: Found): string {
  const signal = signalById(id);
  if (signal.kind !== 'histogram') throw new RangeError(`${id} is no histogram`);
  if (found?.native) return `histogram_quantile(${q}, ${nativeOver('rate', signal, selector, seconds, found)})`;
  const inner = seriesOf(signal, shownName(signal, found?.metrics), parseSelector(selector), '_bucket');
  return `histogram_quantile(${q}, sum by (le) (rate(${inner}[${formatDuration(seconds)}])))`;
}

/** For people to copy: the mean of a histogram over the fleet, sum divided by count. Throws as `quantileQuery`. */
export function meanQuery(id: SignalId, selector: string, seconds: number, found?: Found): string {
  const signal = signalById(id);
  if (signal.kind !== 'histogram') throw new RangeError(`${id} is no histogram`);
  if (found?.native) return `histogram_avg(${nativeOver('rate', signal, selector, seconds, found)})`;
  const rate = (suffix: string) =>
    `sum (rate(${seriesOf(signal, shownName(signal, found?.metrics), parseSelector(selector), suffix)}[${formatDuration(seconds)}]))`;
  return `${rate('_sum')} / ${rate('_count')}`;
}

/**
 * For people to copy: a gauge per replica, an age, or the labels of an info series.
 * @throws SelectorError if the selector cannot be read, RangeError for a signal that is a counter or histogram
 */
export function gaugeQuery(id: SignalId, selector: string, found?: Found): string {
  const signal = signalById(id);
  const name = shownName(signal, found?.metrics);
  const matchers = parseSelector(selector);
  if (signal.kind === 'info') return seriesOf(signal, name, matchers);
  if (signal.kind !== 'gauge' && signal.kind !== 'age') throw new RangeError(`${id} is no gauge`);
  return compileSignal(signal, [name], { matchers, window: 0 }).main;
}
