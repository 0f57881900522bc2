/**
 * Conditions over signals as PromQL, for alert rules: one value per engine, or none where the condition does not hold. A
 * detector says what it asks in the words of `Ask`; labels, names and units come from the catalogue, so that a renamed metric
 * changes no rule. Runs on Prometheus 2.42 and what imitates it.
 */
import { groupLabels, groupOperator } from '../signals/grouping.ts';
import { type CatalogueSignal, type SignalId, signalById } from '../signals/index.ts';
import type { Matcher } from '../signals/selector.ts';
import type { MetricName } from '../signals/signal.ts';
import { formatDuration, scaled, seriesOf } from './compile.ts';

/** A piece of PromQL, and whether it has to stand in parentheses beside an operator. */
export interface Expr {
  readonly text: string;
  readonly joined: boolean;
}

/** Whose series are asked, under which names, and how often they are scraped. */
export interface Asked {
  readonly matchers: readonly Matcher[];
  /** Spellings of a signal in order of preference, at least one. */
  readonly names: (id: SignalId) => readonly MetricName[];
  /** Seconds between scrapes: no window is shorter than four of them. */
  readonly interval: number;
}

/** Where in time, and which part of a signal that is kept apart by a label. */
export interface Where {
  /** Seconds back. */
  readonly offset?: number;
  /** Value of the signal's `by` label; a regular expression if it starts with `~`. All parts together if left out. */
  readonly part?: string;
}

export type Over = 'max' | 'min' | 'avg' | 'last' | 'count';

/** Questions to one scope; each answer is one value per engine (per target or GPU for signals of those). */
export interface Ask {
  /** A gauge as it stands. */
  gauge(id: SignalId, where?: Where): Expr;
  /** The largest, smallest, mean, last value or number of samples of a gauge over a time. */
  over(how: Over, id: SignalId, seconds: number, where?: Where): Expr;
  /** A quantile over time of a gauge. */
  level(id: SignalId, q: number, seconds: number, where?: Where): Expr;
  /** How often a gauge changed. */
  changes(id: SignalId, seconds: number): Expr;
  /** Slope of a gauge per second, by least squares. */
  slope(id: SignalId, seconds: number): Expr;
  /** Rate per second of a counter, or of the observations of a histogram. */
  rate(id: SignalId, seconds: number, where?: Where): Expr;
  increase(id: SignalId, seconds: number, where?: Where): Expr;
  /** Mean of a counter's rate over a time; unlike `rate` over that time it does not shrink where the series is younger. */
  usual(id: SignalId, seconds: number, where?: Where): Expr;
  /** Sum of what a histogram observed, per second: of times, how many are in that state on average. */
  total(id: SignalId, seconds: number, where?: Where): Expr;
  mean(id: SignalId, seconds: number, where?: Where): Expr;
  quantile(id: SignalId, q: number, seconds: number, where?: Where): Expr;
  /** Observations per second at or below a bucket edge. */
  within(id: SignalId, edge: number, seconds: number): Expr;
  /** Share of observations above a bucket edge. */
  shareAbove(id: SignalId, edge: number, seconds: number): Expr;
  /** 1 where no series of the signal is in scope. */
  absent(id: SignalId): Expr;
  /** Info series whose label has a value, as 1 per engine. */
  labelled(id: SignalId, label: string, value: string): Expr;
}

/** Seconds between the rates that `usual` averages. */
const USUAL_STEP = 60;

/** Questions to a scope, see `Ask`. Each throws RangeError for a signal of another kind. */
export function askOf(asked: Asked): Ask {
  const duration = (seconds: number) => formatDuration(Math.max(seconds, 4 * asked.interval));
  const one = (id: SignalId, part: (signal: CatalogueSignal, name: MetricName) => string): Expr => {
    const signal = signalById(id);
    const names = asked.names(id);
    return { text: names.map((name) => part(signal, name)).join(' or '), joined: names.length > 1 };
  };
  const back = (where: Where | undefined) => (where?.offset ? ` offset ${formatDuration(where.offset)}` : '');
  const series = (signal: CatalogueSignal, name: MetricName, where: Where | undefined, suffix = '') =>
    seriesOf(
      signal,
      where?.part === undefined ? name : { ...name, where: { ...name.where, [partLabel(signal, name)]: where.part } },
      asked.matchers,
      suffix,
    );
  const grouped = (signal: CatalogueSignal, name: MetricName, inner: string, more: readonly string[] = []) => {
    const apart = signal.by === undefined ? null : partLabel(signal, name);
    const labels = groupLabels(signal, name).filter((label) => label !== apart);
    return `${groupOperator(signal, name)} by (${[...labels, ...more].join(', ')}) (${inner})`;
  };
  const gauges = (id: SignalId, inner: (selected: string) => string, where?: Where) =>
    one(id, (signal, name) => {
      if (signal.kind !== 'gauge') throw new RangeError(`${id} is no gauge`);
      return scaled(grouped(signal, name, inner(series(signal, name, where))), name);
    });
  const counted = (how: 'rate' | 'increase', suffix: string, id: SignalId, seconds: number, where?: Where) =>
    one(id, (signal, name) => {
      if (signal.kind !== 'counter' && signal.kind !== 'histogram') throw new RangeError(`${id} is no counter`);
      const end = signal.kind === 'histogram' ? suffix : '';
      const inner = `${how}(${series(signal, name, where, end)}[${duration(seconds)}]${back(where)})`;
      return scaled(grouped(signal, name, inner), name);
    });
  const ask: Ask = {
    gauge: (id, where) => gauges(id, (selected) => `${selected}${back(where)}`, where),
    over: (how, id, seconds, where) =>
      gauges(id, (selected) => `${how}_over_time(${selected}[${duration(seconds)}]${back(where)})`, where),
    level: (id, q, seconds, where) =>
      gauges(id, (selected) => `quantile_over_time(${q}, ${selected}[${duration(seconds)}]${back(where)})`, where),
    changes: (id, seconds) => gauges(id, (selected) => `changes(${selected}[${duration(seconds)}])`),
    slope: (id, seconds) => gauges(id, (selected) => `deriv(${selected}[${duration(seconds)}])`),
    rate: (id, seconds, where) => counted('rate', '_count', id, seconds, where),
    increase: (id, seconds, where) => counted('increase', '_count', id, seconds, where),
    usual: (id, seconds, where) => ({
      text: `avg_over_time((${counted('rate', '_count', id, USUAL_STEP).text})[${duration(seconds)}:${duration(USUAL_STEP)}]${back(where)})`,
      joined: false,
    }),
    total: (id, seconds, where) => counted('rate', '_sum', id, seconds, where),
    mean: (id, seconds, where) => ratio(ask.total(id, seconds, where), ask.rate(id, seconds, where)),
    quantile: (id, q, seconds, where) =>
      one(id, (signal, name) => {
        if (signal.kind !== 'histogram') throw new RangeError(`${id} is no histogram`);
        const inner = `rate(${series(signal, name, where, '_bucket')}[${duration(seconds)}]${back(where)})`;
        return `histogram_quantile(${q}, ${grouped(signal, name, inner, ['le'])})`;
      }),
    within: (id, edge, seconds) =>
      one(id, (signal, name) => {
        if (signal.kind !== 'histogram') throw new RangeError(`${id} is no histogram`);
        const bucket = { ...name, where: { ...name.where, le: edgePattern(edge) } };
        return grouped(signal, name, `rate(${series(signal, bucket, undefined, '_bucket')}[${duration(seconds)}])`);
      }),
    shareAbove: (id, edge, seconds) => minus(literal(1), ratio(ask.within(id, edge, seconds), ask.rate(id, seconds))),
    absent: (id) => {
      const names = asked.names(id).map((name) => `absent(${series(signalById(id), name, undefined)})`);
      return { text: names.join(' and '), joined: names.length > 1 };
    },
    labelled: (id, label, value) =>
      one(id, (signal, name) =>
        grouped(signal, name, series(signal, { ...name, where: { ...name.where, [label]: value } }, undefined)),
      ),
  };
  return ask;
}

/** A bucket edge as any client writes it: Python says `1.0`, Go says `1`. */
function edgePattern(edge: number): string {
  return Number.isInteger(edge) ? `~${edge}([.]0)?` : String(edge);
}

function partLabel(signal: CatalogueSignal, name: MetricName): string {
  if (signal.by === undefined) throw new RangeError(`${signal.id} has no parts`);
  return name.by ?? signal.by;
}

const wrapped = (expr: Expr) => (expr.joined ? `(${expr.text})` : expr.text);
const join = (operator: string, a: Expr, b: Expr): Expr => ({
  text: `${wrapped(a)} ${operator} ${wrapped(b)}`,
  joined: true,
});

/** Unix seconds of the evaluation. */
export const NOW: Expr = { text: 'time()', joined: false };
export const literal = (value: number): Expr => ({ text: String(value), joined: false });
export const ratio = (a: Expr, b: Expr): Expr => join('/', a, b);
export const product = (a: Expr, b: Expr): Expr => join('*', a, b);
export const plus = (a: Expr, b: Expr): Expr => join('+', a, b);
export const minus = (a: Expr, b: Expr): Expr => join('-', a, b);

/** Keeps the left side where it is larger; a number stands for itself. */
export const above = (a: Expr, b: Expr | number): Expr => join('>', a, typeof b === 'number' ? literal(b) : b);
export const atLeast = (a: Expr, b: Expr | number): Expr => join('>=', a, typeof b === 'number' ? literal(b) : b);
export const below = (a: Expr, b: Expr | number): Expr => join('<', a, typeof b === 'number' ? literal(b) : b);
export const equals = (a: Expr, b: Expr | number): Expr => join('==', a, typeof b === 'number' ? literal(b) : b);

const lines = (operator: string, parts: readonly Expr[]): Expr => ({
  text: parts.map(wrapped).join(`\n${operator}\n`),
  joined: parts.length > 1,
});

/** All hold; the value is that of the first. */
export const all = (...parts: readonly Expr[]): Expr => lines('and', parts);
export const any = (...parts: readonly Expr[]): Expr => lines('or', parts);
/** The first, save where the second holds. A missing second changes nothing. */
export const unless = (a: Expr, b: Expr): Expr => lines('unless', [a, b]);
/** The first, where the second holds for the same target: engines behind one port share what is known of its process. */
export const onTarget = (a: Expr, b: Expr): Expr => lines('and on (instance)', [a, b]);
/** The first, save where the second holds for the same target. */
export const unlessOnTarget = (a: Expr, b: Expr): Expr => lines('unless on (instance)', [a, b]);
/** The first, where the second holds for its whole model. */
export const onModel = (a: Expr, b: Expr): Expr => lines('and on (model_name)', [a, b]);

/** What all replicas of a model have in common: a median, a sum, a largest. */
export function ofModel(how: 'sum' | 'max' | 'min' | 'avg' | 'count' | { readonly quantile: number }, a: Expr): Expr {
  const operator = typeof how === 'string' ? `${how} by (model_name) (` : 'quantile by (model_name) (';
  const parameter = typeof how === 'string' ? '' : `${how.quantile}, `;
  return { text: `${operator}${parameter}${a.text})`, joined: false };
}

/** A replica's own against what all of its model have in common. */
export function againstModel(operator: '>' | '<' | '-' | '/', a: Expr, shared: Expr): Expr {
  return join(`${operator} on (model_name) group_left ()`, a, shared);
}
