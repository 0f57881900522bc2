import { endOf, type Grid, gridBetween } from '../../core/base/grid.ts';
import { sayDuration } from '../../core/base/say.ts';
import { buildEvidence } from '../../core/evidence/build.ts';
import { ONE_BY_ONE } from '../../core/evidence/choose.ts';
import { withStandIns } from '../../core/evidence/condense.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { splice, tailAfter } from '../../core/evidence/splice.ts';
import { RECENT } from '../../core/signals/criteria.ts';
import { engineOf } from '../../core/signals/grouping.ts';
import { type CatalogueSignal, type SignalId, SIGNALS, signalById } from '../../core/signals/index.ts';
import type { GridSeries, Readout } from '../../core/signals/readout.ts';
import { formatSelector, type Matcher, matchersFor, whereMatchers, withModel } from '../../core/signals/selector.ts';
import type { MetricName } from '../../core/signals/signal.ts';
import {
  BARE_NAMES,
  ENGINE_PREFIXES,
  foundSpellings,
  isEngineName,
  nativeSpellings,
  spellingsOf,
} from '../../core/signals/spellings.ts';
import { SourceError } from '../errors.ts';
import { matchersOf } from '../scope.ts';
import type { ReadRequest, Source, SourcePlatform } from '../source.ts';
import { rateWindow, scrapeIntervalOf, chooseStep } from '../timing.ts';
import { askAll, askNow, askRange, compiled, keyOf, type Plan } from './ask-all.ts';
import { namesOf, sampleTimes } from './answers.ts';
import { createClient, type Params, type PrometheusClient, type PrometheusSettings } from './client.ts';
import { detectFlavour, type Flavour, UNKNOWN_FLAVOUR } from './flavour.ts';
import {
  affordableStep,
  coverageIn,
  MOST_SAMPLES,
  newcomers,
  type Portions,
  portionsOf,
  seriesOf,
} from './portions.ts';
import { askClock, correctionOf, saySkew, type Skew } from './server-clock.ts';
import { survey } from './survey.ts';
import { timeText } from './times.ts';

/** Seconds looked back when nothing else is said. */
const DEFAULT_RANGE = 1800;
/** Seconds read again before the end of the last read: VictoriaMetrics hides the newest 30 s, remote writers are late. */
const OVERLAP = 60;
/** Seconds for which a scrape interval or a difference of clocks, once found, is believed. */
const PACE_LASTS = 600;

/** Seconds after which a large fleet is looked over again, and after which its choice is made anew even if nobody new stands out. */
const LOOK_EVERY = 60;
const CHOICE_LASTS = 600;

/** How a scope is scraped. */
interface Pace {
  readonly interval: number | null;
  readonly pods: ReadonlyMap<string, string>;
  /** Engines that were scraped. */
  readonly engines: number;
}

/** Who of a large fleet is read one by one, since when, and when it was last looked over. */
interface Chosen {
  readonly since: number;
  readonly looked: number;
  readonly portions: Portions;
}

/**
 * Opens any server that speaks Prometheus' HTTP API. Nothing is sent before the first `read`. A read finds out which names
 * exist, asks for those in order of worth, six at once, and hands over one evidence; a later read with `previous` asks for
 * the tail only, many queries in one request, or hands over `previous` itself where it ends at the same time and no engine shows a sample it lacks. Of a
 * fleet of more than `oneByOne` engines it looks at each once, reads those that stand out and some usual ones, and of the
 * others their mean; `coverage` says so.
 * @param oneByOne to be left out but in tests of large fleets
 * @throws SourceError 'unreachable' if the URL is none; `read` throws each problem of errors.ts told apart, and 'empty' if
 * the server holds no vLLM metric in scope, or no number of any
 */
export function openPrometheus(
  settings: PrometheusSettings,
  platform: SourcePlatform,
  oneByOne: number = ONE_BY_ONE,
): Source {
  const client = createClient(settings, platform);
  const choices = new Map<string, Chosen>();
  const paces = new Map<string, { at: number; pace: Pace }>();
  const agesIn = new WeakMap<Evidence, Ages>();
  let known: Flavour | undefined;
  let clock: { readonly at: number; readonly skew: Skew | null } | undefined;

  const paceOf = async (matchers: readonly Matcher[], to: number, abort: AbortSignal): Promise<Pace> => {
    const key = formatSelector(matchers);
    const known = paces.get(key);
    if (known && Math.abs(to - known.at) < PACE_LASTS) return known.pace;
    const pace = await askPace(client, matchers, to, abort);
    if (pace.interval !== null) paces.set(key, { at: to, pace });
    return pace;
  };

  /** Asked once; asked again where a request was lost on the way. */
  const flavourOnce = async (abort: AbortSignal): Promise<Flavour> => {
    known ??= await detectFlavour(client, abort);
    return known;
  };

  const skewOf = async ({ id }: Flavour, abort: AbortSignal): Promise<Skew | null> => {
    const at = platform.now();
    if (clock && Math.abs(at - clock.at) < PACE_LASTS) return clock.skew;
    const skew = await askClock(client, id, platform, abort);
    clock = { at, skew };
    return skew;
  };

  /** What has to be known of a scope before anything is asked of it. */
  const findOut = async (matchers: readonly Matcher[], range: Range, abort: AbortSignal) => {
    const about = async () => {
      const flavour = await flavourOnce(abort).catch(() => UNKNOWN_FLAVOUR);
      return { flavour, skew: await skewOf(flavour, abort) };
    };
    const [names, pace, { flavour, skew }] = await Promise.all([
      askNames(client, matchers, range, abort),
      paceOf(matchers, range.to, abort),
      about(),
    ]);
    return { names, pace, flavour, skew };
  };

  /** @param ahead seconds the server's present is ahead of the clock here, as far as known before */
  const readFrom = async (request: ReadRequest, abort: AbortSignal, ahead: number): Promise<Evidence> => {
    const matchers = matchersOf(request.selector);
    const range = rangeOf(request, platform.now() + ahead);
    const known = await findOut(matchers, range, abort);
    const { flavour, skew } = known;
    // A present that is the wrong one was asked about: once more.
    if (!range.fixed && correctionOf(skew) !== ahead) return readFrom(request, abort, correctionOf(skew));
    if (![...known.names].some(isEngineName)) throw await whyEmpty(client, flavour, matchers, range, abort);

    const { plan, fresh } = await planOf(request, matchers, range, known, abort);
    const onGrid = (grid: Grid) => evidenceOn(grid, plan, request, abort);
    const later = await goOn(request, plan, fresh, onGrid, abort);
    if (later) return later;
    const { evidence, ages } = await onGrid(plan.grid);
    if (evidence.replicas.length === 0) throw await whyEmpty(client, flavour, plan.matchers, range, abort);
    if (!holdsNumbers(evidence))
      throw new SourceError(
        'empty',
        `${client.label} answers, but no value ${sayRange(range.from, range.to)} is a number.`,
      );
    agesIn.set(evidence, ages);
    return evidence;
  };
  const read: Source['read'] = (request, abort) => readFrom(request, abort, correctionOf(clock?.skew ?? null));
  return { kind: 'prometheus', label: client.label, read };

  /** What is asked, on which grid, and of whom; whether who stands for whom was chosen anew. */
  async function planOf(
    request: ReadRequest,
    matchers: readonly Matcher[],
    { from, to, now, fixed }: Range,
    { names, pace, flavour, skew }: Awaited<ReturnType<typeof findOut>>,
    abort: AbortSignal,
  ): Promise<{ plan: ScopePlan; fresh: boolean }> {
    const exists = (name: string) => names.has(name);
    const spellings = new Map(SIGNALS.map((signal) => [signal.id, foundSpellings(signal, exists)]));
    const large = pace.engines > oneByOne;
    const wished = chooseStep(to - from, pace.interval, request.step);
    const step = affordableStep(to - from, wished, seriesOf(spellings, pace.engines, large));
    // A moving end stays on a lattice, so that the next read continues this one.
    // Only for a server that hides its newest samples does it matter what the time is here: clocks differ.
    const newest = flavour.holdsBack > 0 ? Math.min(to, now - flavour.holdsBack) : to;
    const end = fixed ? newest : Math.floor(newest / step + 1e-9) * step;
    const grid = gridBetween(Math.min(from, end), end, step);
    const matched = withModel(matchers, request.model);
    const lookOver = () => look(matched, spellings, pace, grid, flavour, abort);
    const { portions, fresh } = large
      ? await portionsFor(formatSelector(matched), lookOver, request, end)
      : { portions: null, fresh: false };
    const plan = {
      grid,
      portions,
      window: rateWindow(pace.interval, step),
      flavour,
      matchers: matched,
      spellings,
      natives: new Map(SIGNALS.map((signal) => [signal.id, nativeSpellings(signal, exists)])),
      selector: formatSelector(matchers),
      pace,
      warnings: [
        ...(newest < to ? [heldBack(flavour)] : []),
        ...(fixed ? [] : saySkew(skew, client.label)),
        ...(step > wished ? [widened(wished, step)] : []),
        ...(portions?.blind ?? []),
      ],
    };
    return { plan, fresh };
  }

  /** All that is planned, on the grid or a part of it. */
  async function evidenceOn(
    grid: Grid,
    plan: ScopePlan,
    request: ReadRequest,
    abort: AbortSignal,
  ): Promise<ReadOnGrid> {
    const { flavour, pace, portions, selector, window } = plan;
    const { readouts, warnings } = await askAll(client, plan, grid, abort);
    const built = buildEvidence({
      grid,
      window,
      scrapeInterval: pace.interval,
      source: { kind: 'prometheus', label: client.label, flavour: flavour.title },
      selector,
      model: request.model,
      knobs: request.knobs,
      warnings: [...plan.warnings, ...(flavour.id === 'victoria-metrics' ? lostLabels(readouts) : []), ...warnings],
      readouts,
      pods: pace.pods,
    });
    const evidence = portions === null ? built : withStandIns(built, portions.groups, coverageIn(built, portions));
    return { evidence, ages: agesOf(readouts.find(({ signal }) => signal === 'sample-age')?.series ?? []) };
  }

  /** What was read before with what came since; `null` where there is nothing that can be gone on from. */
  async function goOn(
    { previous, knobs }: ReadRequest,
    plan: ScopePlan,
    fresh: boolean,
    onGrid: (grid: Grid) => Promise<ReadOnGrid>,
    abort: AbortSignal,
  ): Promise<Evidence | null> {
    // Other replicas than before have no past in what was read.
    if (!previous || fresh || !sameReplicas(previous, plan.portions)) return null;
    const { grid, window, selector } = plan;
    const tail = tailAfter(previous, { grid, window, selector, knobs, metrics: metricsOf(plan) }, OVERLAP);
    if (tail === null) return null;
    // Between two steps of the grid a sample can only come late.
    const known = sameEnd(previous.grid, grid) ? (agesIn.get(previous) ?? null) : null;
    if (known !== null && known === (await askAges(client, plan, abort))) return previous;
    // Native histograms leave empty buckets out: those of a tail are not those of the whole.
    const native = [...plan.natives].some(([id, list]) => list.length > 0 && plan.spellings.get(id)?.length === 0);
    if (native || tail.count >= grid.count) return null;
    const { evidence, ages } = await onGrid(tail);
    const spliced = splice(previous, evidence, grid);
    if (spliced) agesIn.set(spliced, ages);
    return spliced;
  }

  /** The portions of a scope: those of the last reads while nobody new stands out. */
  async function portionsFor(
    key: string,
    lookOver: () => Promise<Portions | null>,
    request: ReadRequest,
    at: number,
  ): Promise<{ portions: Portions | null; fresh: boolean }> {
    const last = choices.get(key);
    const live = last !== undefined && request.previous?.coverage !== undefined && at >= last.looked;
    if (live && at - last.looked < LOOK_EVERY) return { portions: last.portions, fresh: false };
    const portions = await lookOver();
    if (portions === null) return { portions, fresh: true };
    if (live && at - last.since < CHOICE_LASTS && !newcomers(last.portions, portions)) {
      choices.set(key, { ...last, looked: at });
      return { portions: last.portions, fresh: false };
    }
    choices.set(key, { since: at, looked: at, portions });
    return { portions, fresh: true };
  }

  /** Looks a large fleet over; `null` where it turns out that all of it can be read one by one. */
  async function look(
    matchers: readonly Matcher[],
    spellings: Plan['spellings'],
    pace: Pace,
    grid: Grid,
    flavour: Flavour,
    abort: AbortSignal,
  ): Promise<Portions | null> {
    const asked = { client, grid, params: flavour.params, abort, warnings: new Set<string>() };
    const { candidates, choice, blind } = await survey(
      (query) => askNow(query, asked),
      (id) => spellings.get(id) ?? [],
      matchers,
      Math.max(RECENT, endOf(grid) - grid.from),
    );
    if (choice.groups.length === 0) return null;
    const oneModel = new Set(candidates.map(({ model }) => model)).size === 1;
    const severalModels = !oneModel || matchers.some(({ label }) => label === 'model_name');
    return portionsOf(choice, candidates, { pods: pace.pods, severalModels, blind });
  }
}

/** What is asked about, unix seconds; `fixed` where its end is a time and not the present. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly fixed: boolean;
}

function rangeOf(request: ReadRequest, now: number): Range {
  const fixed = typeof request.to === 'number';
  const to = typeof request.to === 'number' ? request.to : now;
  const from = typeof request.from === 'number' ? request.from : to - (request.range ?? DEFAULT_RANGE);
  if (from > to) throw new SourceError('bad-query', 'The range ends before it begins.');
  return { from, to, now, fixed };
}

/** A plan with what becomes part of the evidence as it is. */
interface ScopePlan extends Plan {
  /** The scope as it was asked for. */
  readonly selector: string;
  readonly pace: Pace;
  /** What is said of the read before anything is read. */
  readonly warnings: readonly string[];
}

interface ReadOnGrid {
  readonly evidence: Evidence;
  readonly ages: Ages;
}

/** Under which names each signal is asked for. */
function metricsOf({ spellings, natives }: Plan): Map<SignalId, string[]> {
  const asked = (id: SignalId, classic: readonly MetricName[]) =>
    classic.length > 0 ? classic : (natives.get(id) ?? []);
  return new Map([...spellings].map(([id, list]) => [id, asked(id, list).map((name) => name.metric)]));
}

function widened(wished: number, step: number): string {
  return `Read at every ${sayDuration(step)} instead of ${sayDuration(wished)}, so that one read stays below ${MOST_SAMPLES.toLocaleString('en')} samples. A shorter range or fewer replicas show more.`;
}

/** Whether what was read before holds the replicas that are to be read now. */
function sameReplicas(previous: Evidence | undefined, portions: Portions | null): boolean {
  const before = previous?.coverage?.means.map(({ replica }) => replica) ?? [];
  return before.join('\n') === (portions?.groups.map(({ name }) => name) ?? []).join('\n');
}

/** How old the newest sample of each engine was at the end of a grid, in the server's words; `null` where it told of none. */
type Ages = string | null;

function agesOf(series: readonly GridSeries[]): Ages {
  const told = series.flatMap(({ labels, values }) => {
    const age = values.at(-1) ?? null;
    return age === null ? [] : [`${keyOf(labels)} ${age}`];
  });
  return told.length === 0 ? null : told.sort().join('\n');
}

/** One question, to find out whether all the others would be answered as before. */
async function askAges(client: PrometheusClient, plan: Plan, abort: AbortSignal): Promise<Ages> {
  const classic = plan.spellings.get('sample-age') ?? [];
  const scope = { matchers: plan.matchers, window: plan.window };
  const { main } = compiled(signalById('sample-age'), { classic, native: [] }, scope, plan.portions);
  const last = { from: endOf(plan.grid), step: plan.grid.step, count: 1 };
  const asked = { client, grid: last, params: plan.flavour.params, abort, warnings: new Set<string>() };
  return agesOf(await askRange(main, asked));
}

function sameEnd(a: Grid, b: Grid): boolean {
  return Math.abs(endOf(a) - endOf(b)) < 1e-6 * b.step;
}

/** Names of a level that no engine's prefix covers: those of scrapers, processes, other exporters; of gateways all. */
function plainNames(level: CatalogueSignal['level']): string[] {
  const names = SIGNALS.filter((signal) => signal.level === level)
    .flatMap(spellingsOf)
    .map((name) => name.metric);
  return [...new Set(level === 'gateway' ? names : names.filter((name) => !isEngineName(name)))];
}

/** An expression for names that begin like an engine's. */
const ENGINE_PATTERN = `(${ENGINE_PREFIXES.join('|')}).+`;

/**
 * Which of the catalogue's names exist in scope and range: one request, four selections, since no level shares all labels. A server
 * that searches no more than so many series (VictoriaMetrics: 300,000, a fleet of 1,000) tells all its names instead: those out of
 * scope then bring no series.
 */
async function askNames(
  client: PrometheusClient,
  matchers: readonly Matcher[],
  { from, to }: Range,
  abort: AbortSignal,
): Promise<ReadonlySet<string>> {
  const selection = (regex: string, of: SignalId, where?: Readonly<Record<string, string>>) =>
    formatSelector([
      { label: '__name__', op: '=~', value: regex },
      ...whereMatchers(where),
      ...matchersFor(signalById(of), matchers),
    ]);
  const bare = [...BARE_NAMES.keys()].filter((name) => !name.endsWith('_sum'));
  const selections: Params = [
    ['match[]', selection(ENGINE_PATTERN, 'cache-config')],
    ['match[]', selection(bare.join('|'), 'cache-config', BARE_NAMES.get(bare[0] ?? ''))],
    ['match[]', selection(plainNames('target').join('|'), 'up')],
    ['match[]', selection([...plainNames('neighbour'), ...plainNames('gateway')].join('|'), 'gpu-utilization')],
  ];
  const span: Params = [
    ['start', timeText(Math.floor(from))],
    ['end', timeText(Math.ceil(to))],
  ];
  const ask = (params: Params) => client.ask('label/__name__/values', params, abort);
  const { data } = await ask([...selections, ...span]).catch((error: unknown) => {
    if (error instanceof SourceError && error.problem === 'too-many-points') return ask(span);
    throw error;
  });
  return new Set(namesOf(data));
}

/** Scrape interval and pods, from the raw samples of the last five minutes; of `up` where no engine has any. */
async function askPace(
  client: PrometheusClient,
  matchers: readonly Matcher[],
  to: number,
  abort: AbortSignal,
): Promise<Pace> {
  const pods = new Map<string, string>();
  for (const id of ['sample-age', 'up'] as const) {
    const signal = signalById(id);
    const selector = formatSelector([
      {
        label: '__name__',
        op: '=~',
        value: spellingsOf(signal)
          .map((name) => name.metric)
          .join('|'),
      },
      ...matchersFor(signal, matchers),
    ]);
    const { data } = await client.ask(
      'query',
      [
        ['query', `${selector}[5m]`],
        ['time', timeText(to)],
      ],
      abort,
    );
    const series = sampleTimes(data);
    for (const { labels } of series) if (labels.instance && labels.pod) pods.set(labels.instance, labels.pod);
    const interval = scrapeIntervalOf(series.map((one) => one.times));
    if (interval !== null) return { interval, pods, engines: id === 'up' ? 0 : enginesIn(series) };
  }
  return { interval: null, pods, engines: 0 };
}

function enginesIn(series: readonly Pick<GridSeries, 'labels'>[]): number {
  return new Set(series.map(({ labels }) => [labels.instance, engineOf(labels), labels.model_name].join('\n'))).size;
}

/** Said because the end of the range is not the one that was asked for. */
function heldBack({ title, holdsBack }: Flavour): string {
  return `${title} holds back the newest ${holdsBack} s, so that is where the range ends. Its flag -search.latencyOffset sets how much.`;
}

/**
 * vLLM 0.32 puts 35 labels on `cache_config_info` and a target adds its own; VictoriaMetrics keeps 30 of a series unless told
 * otherwise, and what it drops may be the number of blocks, or the job the selector asks for.
 */
function lostLabels(readouts: readonly Readout[]): string[] {
  const config = readouts.find(({ signal }) => signal === 'cache-config');
  if (config?.series.some(({ labels }) => labels.num_gpu_blocks !== undefined)) return [];
  return [
    'The labels of vllm:cache_config_info are not all there, so the KV cache size is not known. VictoriaMetrics drops labels beyond the 30th of a series, and vLLM sets more: start it with -maxLabelsPerTimeseries=60.',
  ];
}

const sayRange = (from: number, to: number): string =>
  `between ${new Date(from * 1000).toISOString()} and ${new Date(to * 1000).toISOString()}`;

/** Whether anything was told at all, be it that a target is down. */
function holdsNumbers({ readings }: Evidence): boolean {
  return Object.values(readings).some(
    ({ lines, labels, histograms }) =>
      lines.length > 0 || labels.length > 0 || histograms.some(({ count }) => count.some((value) => value !== null)),
  );
}

/** Nothing in scope: says whether it is the selector, the range, or that no vLLM is scraped at all. */
async function whyEmpty(
  client: PrometheusClient,
  flavour: Flavour,
  matchers: readonly Matcher[],
  { from, to }: Range,
  abort: AbortSignal,
): Promise<SourceError> {
  const range = sayRange(from, to);
  const any = formatSelector([{ label: '__name__', op: '=~', value: ENGINE_PATTERN }]);
  const exists = async (params: Params) =>
    namesOf((await client.ask('label/__name__/values', params, abort)).data).some(isEngineName);
  const span: Params = [
    ['start', timeText(Math.floor(from))],
    ['end', timeText(Math.ceil(to))],
  ];
  if (matchers.length > 0 && (await exists([['match[]', any], ...span]))) {
    return new SourceError(
      'empty',
      `${client.label} has vLLM metrics ${range}, but none that match ${formatSelector(matchers)}.`,
    );
  }
  if (await exists([['match[]', any]])) {
    const raw =
      flavour.id === 'thanos' ? ' Only raw samples are read: of down-sampled ones no rate of seconds can be told.' : '';
    return new SourceError('empty', `${client.label} has vLLM metrics, but none ${range}.${raw}`);
  }
  return new SourceError('empty', `${client.label} answers, but holds no vLLM metric: nothing named vllm:… is there.`);
}
