/**
 * Evidence as the series of a promtool unit test: what a Prometheus would hold had it scraped the scene. Gauges as they stand,
 * counters and histograms as the totals whose rates the evidence gives, gaps after a value as the staleness mark a failed
 * scrape leaves. Times begin at 0.
 */
import type { Values } from '../base/grid.ts';
import type { Evidence, Histogram, Reading, Replica } from '../evidence/evidence.ts';
import { type CatalogueSignal, type SignalId, SIGNALS } from '../signals/index.ts';
import { matcherTest, type Matcher, matchersFor, quote, whereMatchers } from '../signals/selector.ts';
import type { MetricName } from '../signals/signal.ts';

export interface InputSeries {
  readonly series: string;
  readonly values: string;
}

/** A selector for which no series can be made up. */
export class UnwritableSelectorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnwritableSelectorError';
  }
}

type Labels = Readonly<Record<string, string>>;

/**
 * The series of a scene.
 * @param repeat how often each step is written, so that a scene of one sample a minute is scraped as often as the rules ask for
 * @throws UnwritableSelectorError if no label value is known that the selector would let pass
 */
export function testSeries(
  evidence: Evidence,
  names: (id: SignalId) => readonly MetricName[],
  matchers: readonly Matcher[],
  repeat: number,
): InputSeries[] {
  return SIGNALS.flatMap((signal) => {
    const reading = evidence.readings[signal.id];
    const [name] = names(signal.id);
    if (!reading || !name || signal.kind === 'age') return [];
    return seriesOf({ evidence, signal, name, matchers, repeat }, reading);
  });
}

interface Writing {
  readonly evidence: Evidence;
  readonly signal: CatalogueSignal;
  readonly name: MetricName;
  readonly matchers: readonly Matcher[];
  readonly repeat: number;
}

function seriesOf(writing: Writing, reading: Reading): InputSeries[] {
  const { evidence, signal, name, repeat } = writing;
  const step = evidence.grid.step;
  const out: InputSeries[] = [];
  const put = (suffix: string, labels: Labels, values: Values) =>
    out.push({ series: `${name.metric}${suffix}${formatLabels(labels)}`, values: notationOf(values, repeat) });
  for (const line of reading.lines) {
    const part = signal.by === undefined ? {} : { [name.by ?? signal.by]: exampleOf(line.part) };
    const labels = { ...labelsOf(writing, line.replica), ...part };
    const scaled = line.values.map((value) => (value === null ? null : value / (name.scale ?? 1)));
    if (signal.kind === 'counter') put('', labels, totals(scaled, step));
    // A start time is a point in time, and those of a test begin at 0.
    else if (signal.id === 'process-start')
      put(
        '',
        labels,
        scaled.map((at) => at && at - evidence.grid.from),
      );
    else put('', labels, scaled);
  }
  for (const histogram of reading.histograms) {
    const labels = labelsOf(writing, histogram.replica);
    for (const [le, values] of bucketsOf(histogram)) put('_bucket', { ...labels, le }, totals(values, step));
    put('_count', labels, totals(histogram.count, step));
    put('_sum', labels, totals(histogram.sum, step));
  }
  for (const info of reading.labels) {
    const ones = Array.from({ length: evidence.grid.count }, () => 1);
    put('', { ...labelsOf(writing, info.replica), ...info.labels }, ones);
  }
  return out;
}

function bucketsOf(histogram: Histogram): [string, Values][] {
  return [
    ...histogram.bounds.map((bound, k): [string, Values] => [String(bound), histogram.cumulative[k] ?? []]),
    ['+Inf', histogram.count],
  ];
}

/** A counter whose rate is the given one; where nothing was seen it is not scraped, and goes on from where it stood. */
function totals(rates: Values, step: number): Values {
  let total = 0;
  return rates.map((rate) => (rate === null ? null : (total += rate * step)));
}

function labelsOf({ evidence, signal, name, matchers }: Writing, replicaId: string): Labels {
  const replica = evidence.replicas.find(({ id }) => id === replicaId) as Replica;
  const asked = [...whereMatchers(name.where), ...matchersFor(signal, matchers)];
  const given: Record<string, string> = {};
  if (signal.level !== 'gateway') given.instance = replica.instance;
  if (signal.level === 'engine') {
    given.engine = replica.engine;
    if (signal.kind !== 'info') given.model_name = replica.model;
  }
  for (const { label, op, value } of asked)
    if (op === '=') given[label] = value;
    else if (op === '=~') given[label] = exampleOf(value, given[label]);
  if (!matcherTest(asked)(given))
    throw new UnwritableSelectorError('the selector rules out every label value that could be made up for a test');
  return given;
}

/** A text a pattern lets pass: what is there already if it does, else the pattern with its simplest reading. */
function exampleOf(pattern: string, known?: string): string {
  const passes = (text: string) => matcherTest([{ label: 'l', op: '=~', value: pattern }])({ l: text });
  const simplest = pattern
    .replace(/\(([^()]*)\)\??/g, (_, inner: string) => inner.split('|')[0] as string)
    .split('|')[0]
    ?.replace(/\.[*+]/g, 'x')
    .replace(/\\(.)/g, '$1');
  const fit = [known, simplest, pattern].find((text) => text !== undefined && passes(text));
  return fit ?? pattern;
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).filter(([, value]) => value !== '');
  return `{${pairs.map(([label, value]) => `${label}=${quote(value)}`).join(',')}}`;
}

/** Values in promtool's notation, equal neighbours and gaps joined: `0.5x9 stale _x4 1`. */
export function notationOf(values: Values, repeat: number): string {
  const words: string[] = [];
  let seen = false;
  for (let i = 0; i < values.length; ) {
    const value = values[i] ?? null;
    let end = i + 1;
    while (end < values.length && (values[end] ?? null) === value) end++;
    const times = (end - i) * repeat;
    if (value !== null) words.push(times === 1 ? short(value) : `${short(value)}+0x${times - 1}`);
    else if (seen) words.push('stale', ...(times > 1 ? [`_x${times - 1}`] : []));
    else words.push(`_x${times}`);
    seen = value !== null;
    i = end;
  }
  return words.join(' ');
}

const short = (value: number) => String(Number(value.toPrecision(12)));
