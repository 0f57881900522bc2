/**
 * What is asked of a fleet too large to be read engine by engine: how each engine stands by a criterion, one number each, and
 * what many of them do on average. Both are put around `compileSignal`, so that they count as it does.
 */
import { type Criterion, type Measure, RECENT } from '../signals/criteria.ts';
import { addsUp, COUNTED, groupLabels, groupOperator } from '../signals/grouping.ts';
import { type CatalogueSignal, type SignalId, signalById } from '../signals/index.ts';
import { type Matcher, quote } from '../signals/selector.ts';
import type { MetricName } from '../signals/signal.ts';
import {
  byLabels,
  compileNative,
  type Compiled,
  compileSignal,
  formatDuration,
  partLabels,
  scaled,
  type Scope,
  seriesOf,
} from './compile.ts';

/**
 * The mean engine of all in scope: what adds up over a fleet, divided by their number; the rest averaged over those that have
 * it. What is kept apart (parts, buckets) stays so.
 * @param engines how many there are in scope
 */
export function compileMean(
  signal: CatalogueSignal,
  names: readonly MetricName[],
  scope: Scope,
  engines: number,
): Compiled {
  const adds = addsUp(signal) || signal.kind === 'histogram';
  // A sum of sums is a sum. Telling engines apart in between costs a server several times the rates themselves; it is needed where
  // one of two series counts: of two spellings, two scrapers or several ranks.
  const together = adds && names.length === 1 && names.every((name) => groupOperator(signal, name) === 'sum');
  const { main, sum } = compileSignal(signal, names, { ...scope, together });
  const mean = (query: string, more: readonly string[] = []): string => {
    if (together) return `${query} / ${engines}`;
    return `${adds ? 'sum' : 'avg'}${byLabels([...partLabels(signal, names), ...more])} (${query})${adds ? ` / ${engines}` : ''}`;
  };
  return {
    main: mean(main, signal.kind === 'histogram' ? ['le'] : []),
    sum: sum === null ? null : mean(sum),
  };
}

/** One line that stands for many. */
export interface Mean {
  readonly replica: string;
  readonly model: string;
  readonly engines: number;
  /** What tells the engines behind it from all in scope. */
  readonly behind: readonly Matcher[];
  /** Some of them that speak for the others where nothing adds up; `null` where all are few enough. */
  readonly sample: { readonly engines: number; readonly among: readonly Matcher[] } | null;
}

/**
 * The mean of many engines, as cheap as a server can have it: what adds up over a fleet of all of them, the rest of the sample.
 * Of histograms that spread is the sample's; where their number counts, that and the sum are those of all.
 */
function compileSampled(signal: CatalogueSignal, names: readonly MetricName[], scope: Scope, mean: Mean): Compiled {
  const all = (more?: Partial<Scope>) =>
    compileMean(signal, names, { ...scope, ...more, also: mean.behind }, mean.engines);
  const { sample } = mean;
  if (sample === null || addsUp(signal)) return all();
  const some = (more?: Partial<Scope>) =>
    compileMean(signal, names, { ...scope, ...more, also: sample.among }, sample.engines);
  if (!COUNTED.has(signal.id)) return some();
  const count = { countOnly: true };
  // Where the sample has seen nothing there is nothing to be scaled.
  const factor = `scalar(sum((${all(count).main}) / ((${some(count).main}) > 0)) or vector(1))`;
  return { main: `(${some().main}) * ${factor}`, sum: all().sum };
}

/** A query's answers under the name of a replica. */
function named(query: string, { replica, model }: Mean): string {
  const labels = [['instance', replica], ...(model === '' ? [] : [['model_name', model]])] as const;
  return labels.reduce(
    (inner, [label, value]) => `label_replace(${inner}, "${label}", ${quote(value.replaceAll('$', '$$$$'))}, "", "")`,
    query,
  );
}

/**
 * Some engines one by one, and beside them the means of all others, as replicas of their own.
 * @param each what tells the engines that are read one by one from all in scope
 */
export function compileLarge(
  signal: CatalogueSignal,
  names: readonly MetricName[],
  scope: Scope,
  each: readonly Matcher[],
  means: readonly Mean[],
): Compiled {
  const one = compileSignal(signal, names, { ...scope, also: each });
  const all = means.map((mean) => ({
    mean,
    ...compileSampled(signal, names, scope, mean),
  }));
  return {
    main: [one.main, ...all.map(({ main, mean }) => named(main, mean))].join(' or '),
    sum:
      one.sum === null
        ? null
        : [one.sum, ...all.flatMap(({ sum, mean }) => (sum === null ? [] : [named(sum, mean)]))].join(' or '),
  };
}

/** As `compileLarge`, of native histograms. */
export function compileLargeNative(
  signal: CatalogueSignal,
  names: readonly MetricName[],
  scope: Scope,
  each: readonly Matcher[],
  means: readonly Mean[],
): string {
  const native = (also: readonly Matcher[]) => compileNative(signal, names, { ...scope, also });
  return [native(each), ...means.map((mean) => named(`sum (${native(mean.behind)}) / ${mean.engines}`, mean))].join(
    ' or ',
  );
}

/** Names a server has of a signal, in order of preference. */
export type NamesOf = (id: SignalId) => readonly MetricName[];

/**
 * An instant query that gives each engine's number by a criterion, but for those that show the usual one; `null` where the
 * server has not what it needs. For gaps it is
 * the number of samples instead, which is largest where none is missing.
 * @param range seconds of the whole window, for what is counted over all of it
 */
export function compileCriterion(
  criterion: Criterion,
  namesOf: NamesOf,
  matchers: readonly Matcher[],
  range: number,
): string | null {
  const { measure, usual } = criterion;
  const query = compileMeasure(measure, namesOf, matchers, range);
  return query === null || usual === undefined ? query : `(${query}) != ${usual}`;
}

function compileMeasure(
  measure: Measure,
  namesOf: NamesOf,
  matchers: readonly Matcher[],
  range: number,
): string | null {
  const of = (id: SignalId, inner: (name: MetricName, duration: string) => string, seconds: number): string | null => {
    const signal = signalById(id);
    const names = namesOf(id);
    if (names.length === 0) return null;
    return names
      .map((name) => {
        const labels = groupLabels(signal, name).filter((label) => label !== (name.by ?? signal.by));
        const operator = signal.kind === 'counter' || signal.kind === 'histogram' ? 'sum' : 'max';
        return scaled(`${operator} by (${labels.join(', ')}) (${inner(name, formatDuration(seconds))})`, name);
      })
      .join(' or ');
  };
  const level = (id: SignalId, parts?: string): string | null => {
    const signal = signalById(id);
    const more = (name: MetricName): readonly Matcher[] =>
      parts === undefined || signal.by === undefined ? [] : [{ label: name.by ?? signal.by, op: '=~', value: parts }];
    const how = signal.kind === 'gauge' ? 'avg_over_time' : 'rate';
    return of(id, (name, d) => `${how}(${seriesOf(signal, name, [...matchers, ...more(name)])}[${d}])`, RECENT);
  };
  const ratio = (a: string | null, b: string | null): string | null =>
    a === null || b === null ? null : `(${a}) / (${b})`;
  const gauge = (fn: string, id: SignalId, seconds: number): string | null =>
    of(id, (name, d) => `${fn}(${seriesOf(signalById(id), name, matchers)}[${d}])`, seconds);
  switch (measure.how) {
    case 'level':
      return level(measure.of, measure.parts);
    case 'ratio':
      return ratio(level(measure.of), level(measure.to));
    case 'mean': {
      const rate = (suffix: string) =>
        of(measure.of, (name, d) => `rate(${seriesOf(signalById(measure.of), name, matchers, suffix)}[${d}])`, RECENT);
      return ratio(rate('_sum'), rate('_count'));
    }
    case 'changes':
      return gauge('changes', measure.of, range);
    case 'growth': {
      const slope = gauge('deriv', measure.of, range);
      return slope === null ? null : ratio(`3600 * (${slope})`, gauge('avg_over_time', measure.of, range));
    }
    case 'gaps':
      return gauge('count_over_time', measure.of, range);
    default:
      return measure satisfies never;
  }
}
