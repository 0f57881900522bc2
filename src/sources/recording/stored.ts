import { endOf, type Grid, timeAt } from '../../core/base/grid.ts';
import { buildEvidence } from '../../core/evidence/build.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { evaluateSignal } from '../../core/exposition/evaluate.ts';
import type { SeriesStore, StoredSeries } from '../../core/exposition/store.ts';
import { compileSignal } from '../../core/promql/compile.ts';
import { type CatalogueSignal, SIGNALS, signalById } from '../../core/signals/index.ts';
import type { GridSeries, Readout } from '../../core/signals/readout.ts';
import {
  formatSelector,
  type Matcher,
  matcherTest,
  SelectorError,
  whereMatchers,
  withModel,
} from '../../core/signals/selector.ts';
import { BARE_NAMES, probeName, spellingsOf } from '../../core/signals/spellings.ts';
import { SourceError } from '../errors.ts';
import { matchersOf } from '../scope.ts';
import type { ReadRequest } from '../source.ts';
import { infoSpan, scrapeIntervalOf, timingOf } from '../timing.ts';

/** First and last scrape, unix seconds. */
export interface Extent {
  readonly from: number;
  readonly to: number;
}

/** Samples in memory, and what is known of them: what a recording, a scraper and saved pages have in common. */
export interface Stored {
  readonly store: SeriesStore;
  /** Kind of the source, as evidence names it. */
  readonly kind: string;
  /** Shown in the source bar and in sentences: a file name, an address. */
  readonly label: string;
  readonly extent: Extent;
  /** Seconds between scrapes, `null` if unknown. */
  readonly interval: number | null;
  readonly warnings: readonly string[];
  /** Length of the rate window in seconds; four scrapes where nothing else is said. */
  readonly window?: number;
  /**
   * First scrape per `instance`, unix seconds, where somebody began to look at that moment. A rate over a window that began
   * earlier would read low there, so it is left out.
   */
  readonly since?: ReadonlyMap<string, number>;
}

/** Signals by which an engine is recognised in a text. */
const ENGINE_NAMES = SIGNALS.filter((signal) => signal.level === 'engine').flatMap((signal) =>
  spellingsOf(signal).map((name) => probeName(signal, name)),
);
/** Seconds added to the last scrape before the end is put on a whole second, so that replicas scraped a moment later are in it. */
const END_SLACK = 0.1;
/** Part of a scrape interval Prometheus extrapolates over: promql/functions.go `extrapolatedRate`. */
const EXTRAPOLATED = 1.1;

/** The series of a name, those of an engine alone where others use the name too. */
function engineSeries(store: SeriesStore, name: string): readonly StoredSeries[] {
  const own = matcherTest(whereMatchers(BARE_NAMES.get(name)));
  return (store.metrics.get(name) ?? []).filter((series) => own(series.labels));
}

/** Every series by which an engine is recognised. */
export function enginesIn(store: SeriesStore): readonly StoredSeries[] {
  return ENGINE_NAMES.flatMap((name) => engineSeries(store, name));
}

/** First and last scrape of engines and of what a scraper says of its targets; infinite if there is none. */
export function extentOf(store: SeriesStore): Extent {
  let first = Infinity;
  let last = -Infinity;
  for (const { times } of [...enginesIn(store), ...(store.metrics.get('up') ?? [])]) {
    first = Math.min(first, times[0] ?? Infinity);
    last = Math.max(last, times.at(-1) ?? -Infinity);
  }
  return { from: first / 1000, to: last / 1000 };
}

/** Seconds between scrapes, by series every scrape moves: the engines' own gauge, else `up`, else anything. */
export function intervalOf(store: SeriesStore): number | null {
  const running = spellingsOf(signalById('sample-age')).flatMap((name) => engineSeries(store, name.metric));
  const up = store.metrics.get('up') ?? [];
  const series = running.length > 0 ? running : up.length > 0 ? up : [...store.metrics.values()].flat();
  return scrapeIntervalOf(series.map((one) => one.times.map((ms) => ms / 1000)));
}

/** The end of a range that ends with the last scrape, unix seconds. */
export function endFor({ to }: Extent): number {
  return Math.ceil(to + END_SLACK);
}

/**
 * All signals of a range, from samples in memory.
 * @throws SourceError 'bad-query' for a range or a selector that is none, 'empty' where nothing lies in them
 */
export function readStored(stored: Stored, request: ReadRequest): Evidence {
  const { store, label, extent, interval } = stored;
  const to = typeof request.to === 'number' ? request.to : endFor(extent);
  const from = typeof request.from === 'number' ? request.from : Math.min(to, extent.from);
  if (from > to) throw new SourceError('bad-query', 'The range ends before it begins.');
  if (to < extent.from || from > extent.to + 300) {
    throw new SourceError(
      'empty',
      `${label} has nothing in this range: it covers ${iso(extent.from)} to ${iso(extent.to)}.`,
    );
  }
  const matchers = matchersOf(request.selector);
  const timing = timingOf(from, to, interval, request.step);
  const { grid } = timing;
  const window = stored.window ?? timing.window;
  const scope = { matchers: withModel(matchers, request.model), window };
  refuseBrokenRegex(matchers);
  const readouts = SIGNALS.map((signal): Readout => {
    const read = evaluateSignal(store, signal, { grid, ...scope });
    const names = spellingsOf(signal).filter((name) => read.metrics.includes(name.metric));
    const span = signal.kind === 'info' ? infoSpan(grid) : window;
    const query = names.length > 0 ? compileSignal(signal, names, { ...scope, window: span }).main : null;
    const whole = (series: readonly GridSeries[]) => wholeWindows(signal, series, grid, window, stored);
    return { ...read, series: whole(read.series), sums: whole(read.sums), query };
  });
  const selector = formatSelector(matchers);
  const evidence = buildEvidence({
    grid,
    window,
    scrapeInterval: interval,
    source: { kind: stored.kind, label, flavour: null },
    selector,
    model: request.model,
    knobs: request.knobs,
    warnings: stored.warnings,
    readouts,
    pods: podsOf(store),
  });
  if (evidence.replicas.length === 0) {
    const model = request.model === undefined ? '' : ` and model ${request.model}`;
    throw new SourceError('empty', `${label} has no engine that matches ${selector}${model} in this range.`);
  }
  return evidence;
}

/** Rates without those whose window began before anybody looked. */
function wholeWindows(
  signal: CatalogueSignal,
  series: readonly GridSeries[],
  grid: Grid,
  window: number,
  { since, interval }: Stored,
): readonly GridSeries[] {
  if (since === undefined || (signal.kind !== 'counter' && signal.kind !== 'histogram')) return series;
  const reach = EXTRAPOLATED * (interval ?? 0) - window;
  return series.flatMap((one) => {
    const first = since.get(one.labels.instance ?? '');
    if (first === undefined || grid.from + reach >= first) return [one];
    if (endOf(grid) + reach < first) return [];
    return [{ ...one, values: one.values.map((value, i) => (timeAt(grid, i) + reach < first ? null : value)) }];
  });
}

function refuseBrokenRegex(matchers: readonly Matcher[]): void {
  try {
    matcherTest(matchers);
  } catch (error) {
    if (error instanceof SelectorError)
      throw new SourceError('bad-query', `The selector cannot be used: ${error.message}.`);
    throw error;
  }
}

function podsOf(store: SeriesStore): Map<string, string> {
  const pods = new Map<string, string>();
  for (const { labels } of enginesIn(store)) {
    if (labels.instance && labels.pod) pods.set(labels.instance, labels.pod);
  }
  return pods;
}

function iso(seconds: number): string {
  return new Date(Math.round(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}
