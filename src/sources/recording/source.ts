import { buildEvidence } from '../../core/evidence/build.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { evaluateSignal } from '../../core/exposition/evaluate.ts';
import { ExpositionError, type Parsed, parseExposition } from '../../core/exposition/parse.ts';
import { buildStore, type SeriesStore } from '../../core/exposition/store.ts';
import { compileSignal } from '../../core/promql/compile.ts';
import { SIGNALS, signalById } from '../../core/signals/index.ts';
import type { Readout } from '../../core/signals/readout.ts';
import { formatSelector, type Matcher, matcherTest, SelectorError, withModel } from '../../core/signals/selector.ts';
import { probeName, spellingsOf } from '../../core/signals/spellings.ts';
import { SourceError } from '../errors.ts';
import { matchersOf } from '../scope.ts';
import type { ReadRequest, Source, SourcePlatform } from '../source.ts';
import { infoSpan, scrapeIntervalOf, timingOf } from '../timing.ts';

export interface RecordingFile {
  /** Shown in the source bar: a file name. */
  readonly name: string;
  /** OpenMetrics or Prometheus text with timestamps, decompressed; one or several. */
  readonly texts: readonly string[];
  /** What decompressing had to say. */
  readonly warnings?: readonly string[];
}

export interface Recording extends Source {
  /** First and last scrape, unix seconds. */
  extent(): { readonly from: number; readonly to: number };
  /** What could not be read of the file: sentences. */
  readonly warnings: readonly string[];
}

/** Signals by which an engine is recognised in a file. */
const ENGINE_NAMES = SIGNALS.filter((signal) => signal.level === 'engine').flatMap((signal) =>
  spellingsOf(signal).map((name) => probeName(signal, name)),
);
/** Seconds added to the last scrape before the end is put on a whole second, so that replicas scraped a moment later are in it. */
const END_SLACK = 0.1;

/**
 * Opens a recording: scraped pages with timestamps in one text, as `promtool tsdb dump`-like tools and our own recorder write
 * them. Reads it at once; `read` then only evaluates. A file cut in half gives what is whole of it, with a warning.
 * A text whose series lack `instance` is taken as one target by the name of the file.
 * @throws SourceError 'unreadable' if no line is a sample or none has a timestamp, 'empty' if no metric is vLLM's
 */
export function openRecording(file: RecordingFile, platform: SourcePlatform): Recording {
  void platform;
  const warnings: string[] = [...(file.warnings ?? [])];
  const parsed = file.texts.map((text) => parse(text, file.name, warnings));
  const store = buildStore(
    parsed.map((one, i) => ({
      parsed: one,
      ...(one.series.some((series) => series.labels.instance)
        ? {}
        : { labels: { instance: file.texts.length > 1 ? `${file.name} ${i + 1}` : file.name } }),
    })),
  );
  const engines = ENGINE_NAMES.flatMap((name) => store.metrics.get(name) ?? []);
  if (parsed.every((one) => one.samples === 0)) {
    throw new SourceError('empty', `${file.name} holds no samples.`);
  }
  if (store.metrics.size === 0) {
    throw new SourceError(
      'unreadable',
      `The samples in ${file.name} have no timestamps, so it is a single page and not a recording.`,
    );
  }
  if (engines.length === 0) {
    const seen = [...store.metrics.keys()].slice(0, 3).join(', ');
    throw new SourceError(
      'empty',
      `${file.name} holds no vLLM metric; expected names like vllm:num_requests_running, found ${seen}.`,
    );
  }
  if (store.untimed > 0) warnings.push(`${store.untimed} samples of ${file.name} have no timestamp and were left out.`);
  const extent = extentOf(store, engines);
  const interval = scrapeIntervalOf(pulse(store).map((times) => times.map((ms) => ms / 1000)));

  return {
    kind: 'recording',
    label: file.name,
    warnings,
    extent: () => extent,
    read: async (request, abort) => {
      if (abort.aborted) throw new SourceError('aborted', 'The read was called off.');
      return evaluate(store, request, { file, extent, interval, warnings });
    },
  };
}

function parse(text: string, name: string, warnings: string[]): Parsed {
  try {
    // A line the file breaks off in is left out: half a number is another number, and half a timestamp is in 1970.
    const cut = text.includes('\n') && !text.endsWith('\n') && !text.endsWith('# EOF');
    const parsed = parseExposition(cut ? text.slice(0, text.lastIndexOf('\n') + 1) : text);
    if (parsed.firstMalformed) {
      const { line, text: start } = parsed.firstMalformed;
      const what =
        parsed.malformed > 1
          ? `${parsed.malformed} lines of ${name} are no metric samples and were skipped; the first is`
          : `One line of ${name} is no metric sample and was skipped:`;
      warnings.push(`${what} line ${line}: ${start}`);
    }
    if (cut) warnings.push(`${name} ends early, inside a line. What is whole was read.`);
    else if (!parsed.ended && looksLikeOpenMetrics(text)) {
      warnings.push(`${name} ends early: the closing # EOF is missing. What is there was read.`);
    }
    return parsed;
  } catch (error) {
    if (error instanceof ExpositionError) {
      throw new SourceError('unreadable', `${name} is no metrics text: ${error.message}.`);
    }
    throw error;
  }
}

/** Timestamps with a decimal point exist in OpenMetrics alone, and that must end in `# EOF`. */
function looksLikeOpenMetrics(text: string): boolean {
  return / \d+\.\d+\s*$/.test(text.slice(-200));
}

/** Times of one series per target that every scrape moves: `up`, else the engines' own gauge, else anything. */
function pulse(store: SeriesStore): (readonly number[])[] {
  const running = spellingsOf(signalById('running')).flatMap((name) => store.metrics.get(name.metric) ?? []);
  const up = store.metrics.get('up') ?? [];
  const series = running.length > 0 ? running : up.length > 0 ? up : [...store.metrics.values()].flat();
  return series.map((one) => one.times);
}

function extentOf(
  store: SeriesStore,
  engines: readonly { readonly times: readonly number[] }[],
): ReturnType<Recording['extent']> {
  let first = Infinity;
  let last = -Infinity;
  for (const { times } of [...engines, ...(store.metrics.get('up') ?? [])]) {
    first = Math.min(first, times[0] ?? Infinity);
    last = Math.max(last, times.at(-1) ?? -Infinity);
  }
  return { from: first / 1000, to: last / 1000 };
}

interface Opened {
  readonly file: RecordingFile;
  readonly extent: { readonly from: number; readonly to: number };
  readonly interval: number | null;
  readonly warnings: readonly string[];
}

function evaluate(store: SeriesStore, request: ReadRequest, opened: Opened): Evidence {
  const { extent, interval } = opened;
  const to = typeof request.to === 'number' ? request.to : Math.ceil(extent.to + END_SLACK);
  const from = typeof request.from === 'number' ? request.from : Math.min(to, extent.from);
  if (from > to) throw new SourceError('bad-query', 'The range ends before it begins.');
  if (to < extent.from || from > extent.to + 300) {
    throw new SourceError(
      'empty',
      `${opened.file.name} has nothing in this range: it covers ${iso(extent.from)} to ${iso(extent.to)}.`,
    );
  }
  const matchers = matchersOf(request.selector);
  const { grid, window } = timingOf(from, to, interval, request.step);
  const scope = { matchers: withModel(matchers, request.model), window };
  refuseBrokenRegex(matchers);
  const readouts = SIGNALS.map((signal): Readout => {
    const read = evaluateSignal(store, signal, { grid, ...scope });
    const names = spellingsOf(signal).filter((name) => read.metrics.includes(name.metric));
    const span = signal.kind === 'info' ? infoSpan(grid) : window;
    const query = names.length > 0 ? compileSignal(signal, names, { ...scope, window: span }).main : null;
    return { ...read, query };
  });
  const selector = formatSelector(matchers);
  const evidence = buildEvidence({
    grid,
    window,
    scrapeInterval: interval,
    source: { kind: 'recording', label: opened.file.name, flavour: null },
    selector,
    model: request.model,
    knobs: request.knobs,
    warnings: opened.warnings,
    readouts,
    pods: podsOf(store),
  });
  if (evidence.replicas.length === 0) {
    const model = request.model === undefined ? '' : ` and model ${request.model}`;
    throw new SourceError('empty', `${opened.file.name} has no engine that matches ${selector}${model} in this range.`);
  }
  return evidence;
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
  for (const name of ENGINE_NAMES) {
    for (const { labels } of store.metrics.get(name) ?? []) {
      const pod = labels.pod ?? '';
      if (labels.instance && pod) pods.set(labels.instance, pod);
    }
  }
  return pods;
}

function iso(seconds: number): string {
  return new Date(Math.round(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}
