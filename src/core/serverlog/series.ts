/**
 * Stretches → the series PromQL would have given for the same server. A gauge is what the newest line says; a rate is the
 * average of the lines over the window that ends at the grid time, and every line is itself an average over some ten seconds,
 * so nothing shorter shows. What no line tells has no series.
 */
import { type Grid, timesOf, type Values } from '../base/grid.ts';
import { type SignalId, signalById } from '../signals/index.ts';
import type { GridSeries, Readout } from '../signals/readout.ts';
import { type Matcher, matchersFor, matcherTest } from '../signals/selector.ts';
import { deathOf } from './deaths.ts';
import type { Answer, Life, Point, Server } from './lives.ts';
import { type Stretch, stretchesOf } from './stretches.ts';

export interface SeriesOptions {
  readonly grid: Grid;
  /** Seconds a rate is averaged over. */
  readonly window: number;
  readonly matchers: readonly Matcher[];
  /** Seconds between statistics lines. */
  readonly interval: number;
}

/** Prometheus' look-back, so that an old line is treated like an old sample. */
const LOOKBACK = 300;
/** Share of the window that must be covered for an average: a line may come a little later than the grid time. */
const COVERED = 0.1;
/** Grid times are whole seconds, stamps may have fractions. */
const SLACK = 0.5;
/** Up to here `Avg prompt throughput` counts cached tokens too; since PromptTokenStats it counts what was computed. */
const COMPUTED_SINCE = [0, 16] as const;
/** V0's block size on GPUs where nobody sets one (vllm/config.py, 0.4 to 0.9). */
const V0_BLOCK_SIZE = 16;
/** Below this an acceptance length says too little about the number of drafts: it has two decimals. */
const TELLING_LENGTH = 1.2;
/** What `http-requests` counts. */
const COMPLETIONS = /\/v1\/(?:chat\/)?completions$/;

/** Something that happened at this rate over a span of time. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly rate: number;
}

/** One engine of one server through all its lives. */
interface Engine {
  readonly server: Server;
  readonly labels: Readonly<Record<string, string>>;
  readonly lives: readonly { readonly life: Life; readonly stretches: readonly Stretch[] }[];
}

/** All readings a log can give; signals it says nothing of are left out. */
export function readoutsOf(servers: readonly Server[], options: SeriesOptions): Readout[] {
  const engines = servers.flatMap((server) => enginesOf(server, modelNames(servers), options.interval));
  const { grid } = options;
  const times = timesOf(grid);
  const found = new Map<SignalId, { series: GridSeries[]; sums: GridSeries[] }>();
  const add = (id: SignalId, labels: Readonly<Record<string, string>>, values: Values, sums = false) => {
    const signal = signalById(id);
    if (values.every((value) => value === null) || !matcherTest(matchersFor(signal, options.matchers))(labels)) return;
    const entry = found.get(id) ?? { series: [], sums: [] };
    (sums ? entry.sums : entry.series).push({ labels, values });
    found.set(id, entry);
  };
  const rate = (spans: readonly Span[]) => averages(spans, times, options.window);

  for (const engine of engines) {
    const { labels } = engine;
    const gauge = (read: (point: Point) => number | null) => gauges(engine, times, read);
    add(
      'running',
      labels,
      gauge(({ stats }) => stats.running),
    );
    add(
      'waiting',
      labels,
      gauge(({ stats }) => stats.waiting),
    );
    add(
      'kv-cache-usage',
      labels,
      gauge(({ stats }) => stats.usage),
    );
    add(
      'prefix-cache-hit-rate',
      labels,
      gauge(({ stats }) => stats.hitRate),
    );
    add('sample-age', labels, ages(engine, times));
    for (const [reason, values] of waitingByReason(engine, gauge))
      add('waiting-by-reason', { ...labels, reason }, values);
    for (const [id, part, spans] of engineRates(engine)) add(id, { ...labels, ...part }, rate(spans));
    for (const [id, count, sum] of transfers(engine)) {
      add(id, { ...labels, le: '+Inf' }, rate(count));
      add(id, labels, rate(sum), true);
    }
    for (const [cause, values] of ends(engine.server, times)) add('logged-ends', { ...labels, cause }, values);
    const config = cacheLabels(engine);
    const told = config === null ? null : tellingTime(engine, times);
    if (config !== null && told !== null) add('cache-config', { ...labels, ...config }, [told]);
  }
  for (const server of servers) {
    const labels = { instance: server.instance };
    add('up', labels, serving(server, times));
    add('process-start', labels, starts(server, times));
    for (const [status, spans] of answers(server)) add('http-requests', { ...labels, status }, rate(spans));
  }
  return [...found].map(([id, { series, sums }]) => ({
    signal: id,
    // The name the same numbers have on /metrics, so that a query can be given along.
    metrics: signalById(id)
      .names.slice(0, 1)
      .map(({ metric }) => metric),
    query: null,
    series,
    sums,
  }));
}

/** Name of the model by server. A server whose start is not in the log serves what the others do, if that is one model. */
function modelNames(servers: readonly Server[]): ReadonlyMap<Server, string> {
  const told = new Map<Server, string>();
  for (const server of servers) {
    const model = server.lives.findLast((life) => life.settings.model !== null)?.settings.model;
    if (model) told.set(server, model);
  }
  if (told.size === 0) return told;
  const all = new Set(told.values());
  const rest = all.size === 1 ? ([...all][0] as string) : 'unknown';
  return new Map(servers.map((server) => [server, told.get(server) ?? rest]));
}

function enginesOf(server: Server, models: ReadonlyMap<Server, string>, interval: number): Engine[] {
  const ids = new Set(server.lives.flatMap((life) => [...life.points.keys()]));
  // One that died before it measured anything is an engine all the same.
  if (ids.size === 0 && server.lives.some((life) => deathOf(life) !== null)) ids.add('');
  const model = models.get(server);
  return [...ids].map((engine) => ({
    server,
    labels: {
      instance: server.instance,
      ...(engine === '' ? {} : { engine }),
      ...(model === undefined ? {} : { model_name: model }),
    },
    lives: server.lives.map((life) => ({
      life,
      stretches: stretchesOf(life.points.get(engine) ?? [], life, interval),
    })),
  }));
}

/** The newest stretch of the life that goes on at each grid time, and the time up to which it is known. */
function newest(engine: Engine, times: readonly number[]): ({ stretch: Stretch; known: number } | null)[] {
  let life = -1;
  let place = -1;
  return times.map((time) => {
    while (life + 1 < engine.lives.length && startOf(engine.lives[life + 1]?.life) <= time + SLACK) {
      life += 1;
      place = -1;
    }
    if (time + SLACK >= (engine.lives[life]?.life.died ?? Infinity)) return null;
    const stretches = engine.lives[life]?.stretches ?? [];
    for (let next = stretches[place + 1]; next && begins(next) <= time + SLACK; next = stretches[place + 1]) place += 1;
    const stretch = stretches[place];
    return stretch
      ? { stretch, known: stretch.silent ? Math.min(stretch.to, Math.max(time, stretch.from)) : stretch.to }
      : null;
  });
}

/** A line is known once it is written; a silence from the line before it. */
function begins(stretch: Stretch): number {
  return stretch.silent ? stretch.from : stretch.to;
}

function startOf(life: Life | undefined): number {
  return life?.first ?? -Infinity;
}

function gauges(engine: Engine, times: readonly number[], read: (point: Point) => number | null): Values {
  return newest(engine, times).map((found, i) =>
    found === null || (times[i] as number) - found.known > LOOKBACK ? null : read(found.stretch.point),
  );
}

function ages(engine: Engine, times: readonly number[]): Values {
  return newest(engine, times).map((found, i) => {
    if (found === null) return null;
    const age = Math.max(0, (times[i] as number) - found.known);
    return age > LOOKBACK ? null : age;
  });
}

/** The queue by reason, where the build splits it: it leaves `Deferred` out while it is 0. */
function waitingByReason(
  engine: Engine,
  gauge: (read: (point: Point) => number | null) => Values,
): readonly (readonly [string, Values])[] {
  if (pointsOf(engine).every(({ stats }) => stats.deferred === null)) return [];
  return [
    ['deferred', gauge(({ stats }) => stats.deferred ?? 0)],
    ['capacity', gauge(({ stats }) => (stats.waiting === null ? null : stats.waiting - (stats.deferred ?? 0)))],
  ];
}

function pointsOf(engine: Engine): Point[] {
  return engine.lives.flatMap(({ stretches }) => stretches.filter(({ silent }) => !silent).map(({ point }) => point));
}

type EngineRate = readonly [id: SignalId, part: Readonly<Record<string, string>>, spans: readonly Span[]];

function engineRates(engine: Engine): EngineRate[] {
  const spans = (rateOf: (point: Point, seconds: number, life: Life) => number | null): Span[] =>
    engine.lives.flatMap(({ life, stretches }) =>
      stretches.flatMap((stretch) => {
        const { from, to, point, silent } = stretch;
        const rate = rateOf(point, to - from, life);
        return rate === null ? [] : [{ from, to, rate: silent ? 0 : rate }];
      }),
    );
  return [
    ['output-tokens', {}, spans(({ stats }) => stats.output)],
    ['prompt-tokens', {}, spans(({ stats }, _, life) => (countsAll(stats, life) ? stats.prompt : null))],
    ['computed-prompt-tokens', {}, spans(({ stats }, _, life) => (countsComputed(stats, life) ? stats.prompt : null))],
    ['preemptions', {}, preemptions(engine, spans)],
    ...speculation(engine, spans),
  ];
}

/** Whether the prompt throughput of a line counts cached tokens as well; where nothing was cached it makes no difference. */
function countsAll({ dialect, hitRate }: Point['stats'], life: Life): boolean {
  return dialect === 'v0' || hitRate === 0 || life.settings.prefixCaching === false || isBefore(life) === true;
}

function countsComputed({ dialect, hitRate }: Point['stats'], life: Life): boolean {
  if (dialect === 'v0') return life.settings.prefixCaching === false;
  return hitRate === 0 || life.settings.prefixCaching === false || isBefore(life) === false;
}

/** Whether this build counts cached tokens as throughput; `null` where the log does not tell which build it is. */
function isBefore({ version }: Life): boolean | null {
  if (version === null) return null;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < COMPUTED_SINCE[0] || (major === COMPUTED_SINCE[0] && minor < COMPUTED_SINCE[1]);
}

type SpansOf = (rateOf: (point: Point, seconds: number, life: Life) => number | null) => Span[];

/**
 * V1 builds that print preemptions leave them out while there are none; most print none at all, so that silence tells nothing
 * until one was seen. V0 writes down the first, and then every fiftieth, so between two of them the mean is known.
 */
function preemptions(engine: Engine, spans: SpansOf): Span[] {
  if (pointsOf(engine).some(({ stats }) => stats.preemptions !== null))
    return spans(({ stats }, seconds) => (stats.preemptions ?? 0) / seconds);
  return engine.lives.flatMap(({ life, stretches }) => {
    if (stretches[0]?.point.stats.dialect !== 'v0' || life.first === null || life.last === null) return [];
    const first = life.preempted[0];
    const none = { from: life.first, to: first?.at ?? life.last, rate: 0 };
    return [
      ...((first?.total ?? (life.begun ? 1 : 0)) === 1 ? [none] : []),
      ...life.preempted.flatMap(({ at, total }, i) => {
        const before = life.preempted[i - 1];
        return before && at > before.at && total >= before.total
          ? [{ from: before.at, to: at, rate: (total - before.total) / (at - before.at) }]
          : [];
      }),
    ];
  });
}

/** Drafted and accepted tokens, and the drafts behind them where the line tells how many tokens a draft had. */
function speculation(engine: Engine, spans: SpansOf): EngineRate[] {
  const points = pointsOf(engine);
  const told = points.filter((point) => point.speculation !== null);
  if (told.length === 0) return [];
  if (told.some((point) => point.speculation?.cumulative)) return sinceStart(engine);
  // No line means no draft in that time, unless the log ends before it.
  const quiet = (point: Point) => (point === points.at(-1) ? null : 0);
  const rate = (read: (point: Point) => number | null) =>
    spans((point, seconds) => {
      if (point.speculation === null) return quiet(point);
      const amount = read(point);
      return amount === null ? null : amount / seconds;
    });
  const places = Math.max(...told.map((point) => point.speculation?.byPosition.length ?? 0));
  return [
    ['spec-draft-tokens', {}, rate((point) => point.speculation?.drafted ?? null)],
    ['spec-accepted-tokens', {}, rate((point) => point.speculation?.accepted ?? null)],
    ['spec-drafts', {}, rate(draftsOf)],
    ...Array.from({ length: places }, (_, position): EngineRate => {
      const accepted = (point: Point) => {
        const drafts = draftsOf(point);
        return drafts === null ? null : drafts * (point.speculation?.byPosition[position] ?? 0);
      };
      return ['spec-accepted-by-position', { position: String(position) }, rate(accepted)];
    }),
  ];
}

function draftsOf({ speculation: line }: Point): number | null {
  if (line === null) return null;
  if (line.acceptanceLength !== null && line.acceptanceLength >= TELLING_LENGTH)
    return line.accepted / (line.acceptanceLength - 1);
  return line.byPosition.length > 0 ? line.drafted / line.byPosition.length : null;
}

/** V0 counts from the start, so the rate is the difference of two lines. */
function sinceStart(engine: Engine): EngineRate[] {
  const between = (read: (line: NonNullable<Point['speculation']>) => number): Span[] =>
    engine.lives.flatMap(({ stretches }) => {
      const told = stretches.flatMap(({ point, silent }) => (silent || point.speculation === null ? [] : [point]));
      return told.flatMap((point, i) => {
        const before = told[i - 1];
        if (!before?.speculation || !point.speculation) return [];
        const grown = read(point.speculation) - read(before.speculation);
        return grown < 0 ? [] : [{ from: before.at, to: point.at, rate: grown / (point.at - before.at) }];
      });
    });
  return [
    ['spec-draft-tokens', {}, between((line) => line.drafted)],
    ['spec-accepted-tokens', {}, between((line) => line.accepted)],
  ];
}

/** KV transfers: how many, and the sum of their seconds and bytes. The line has means, so there are no buckets. */
function transfers(engine: Engine): (readonly [SignalId, Span[], Span[]])[] {
  const points = pointsOf(engine);
  if (points.every((point) => point.transfer === null)) return [];
  const spans = (read: (line: NonNullable<Point['transfer']>) => number | null): Span[] =>
    engine.lives.flatMap(({ stretches }) =>
      stretches.flatMap(({ from, to, point, silent }) => {
        const amount = silent ? 0 : point.transfer ? read(point.transfer) : point === points.at(-1) ? null : 0;
        return amount === null ? [] : [{ from, to, rate: amount / (to - from) }];
      }),
    );
  const count = spans((line) => line.count);
  const sized = points.some((point) => point.transfer?.bytes != null);
  return [
    ['kv-transfer-time', count, spans((line) => line.count * line.seconds)],
    ...(sized
      ? [['kv-transfer-bytes', count, spans((line) => (line.bytes === null ? null : line.count * line.bytes))] as const]
      : []),
  ].map(([id, n, sum]) => [id as SignalId, n as Span[], sum as Span[]] as const);
}

function cacheLabels(engine: Engine): Record<string, string> | null {
  const life = engine.lives.findLast(
    ({ life: one }) =>
      one.first !== null &&
      (one.cacheTokens.size > 0 || one.cacheBlocks !== null || one.settings.prefixCaching !== null),
  )?.life;
  if (!life) return null;
  const tokens = life.cacheTokens.get(engine.labels.engine ?? '0') ?? life.cacheTokens.get('');
  const { blockSize, prefixCaching, memoryShare } = life.settings;
  const v0 = pointsOf(engine).some(({ stats }) => stats.dialect === 'v0');
  const size = blockSize ?? (v0 && life.cacheBlocks !== null ? V0_BLOCK_SIZE : null);
  return {
    ...(tokens === undefined ? {} : { kv_cache_size_tokens: String(tokens) }),
    ...(life.cacheBlocks === null ? {} : { num_gpu_blocks: String(life.cacheBlocks) }),
    ...(size === null ? {} : { block_size: String(size) }),
    ...(prefixCaching === null ? {} : { enable_prefix_caching: prefixCaching ? 'True' : 'False' }),
    ...(memoryShare === null ? {} : { gpu_memory_utilization: memoryShare }),
  };
}

/** Time of the newest line on the grid, which dates what was told at the start; `null` if no line lies on it. */
function tellingTime(engine: Engine, times: readonly number[]): number | null {
  const end = (times.at(-1) ?? 0) + SLACK;
  const point = pointsOf(engine).findLast(({ at }) => at <= end)?.at;
  return point ?? engine.server.lives.findLast(({ first }) => first !== null && first <= end)?.first ?? null;
}

/**
 * How many processes of a server the log has seen die up to each grid time, by what they died of: the kind of trouble and the
 * words of the log. Zero without a cause where none has.
 */
function ends(server: Server, times: readonly number[]): [string, Values][] {
  const deaths = server.lives.map(deathOf).filter((death) => death !== null);
  const causes = deaths.map(({ kind, cause }) => `${kind}: ${cause?.words ?? ''}`);
  return [...new Set(['', ...causes])].map((cause) => [
    cause,
    times.map((time) => deaths.filter(({ at }, i) => causes[i] === cause && at !== null && at <= time + SLACK).length),
  ]);
}

/**
 * 1 while a server writes its log, 0 from the death of its process until the next one serves; `null` where that is not known:
 * before its first line, after its last, after it was told to end, and while a first process starts.
 */
function serving(server: Server, times: readonly number[]): Values {
  const lives = server.lives.flatMap((life) =>
    life.first === null || life.last === null
      ? []
      : [
          {
            first: life.first,
            until: Math.min(life.last + SLACK, life.shutdown ?? Infinity),
            served: servedAt(life) ?? Infinity,
            died: deathOf(life)?.at ?? Infinity,
          },
        ],
  );
  return times.map((time) => {
    const begun = lives.filter(({ first }) => first <= time + SLACK);
    const now = begun.at(-1);
    const dead = begun.findLast(({ served, died }) => Math.min(served, died) <= time + SLACK);
    if (dead && dead.died <= time + SLACK) return 0;
    return now && now.served <= time + SLACK && time <= now.until ? 1 : null;
  });
}

/** When a process is first seen at work; from the beginning where it is older than the log. `null` for one that never was. */
function servedAt(life: Life): number | null {
  if (!life.served) return null;
  if (!life.begun) return life.first;
  const first = [...life.points.values()].map((points) => points[0]?.at ?? Infinity);
  const at = Math.min(...first, life.answers[0]?.after ?? Infinity);
  return Number.isFinite(at) ? at : null;
}

/**
 * When the process of each grid time began. Of a process older than the log only that it is older is known, so it gets the
 * first line, and a value only where another process follows.
 */
function starts(server: Server, times: readonly number[]): Values {
  const timed = server.lives.filter((life) => life.first !== null);
  const known = timed.filter((life) => life.begun).length > 0;
  let place = -1;
  return times.map((time) => {
    while (place + 1 < timed.length && startOf(timed[place + 1]) <= time + SLACK) place += 1;
    return known ? (timed[place]?.first ?? null) : null;
  });
}

/** Completion requests answered, by status class: zero in between, as long as the log has access lines at all. */
function answers(server: Server): [string, Span[]][] {
  const classes = new Map<string, Span[]>();
  for (const life of server.lives) {
    for (const { answer, at } of timesOfAnswers(life)) {
      if (!COMPLETIONS.test(answer.path)) continue;
      const status = `${Math.floor(answer.status / 100)}xx`;
      // One answer within the second it fell into.
      const spans = classes.get(status) ?? [];
      spans.push({ from: at - 1, to: at, rate: 1 });
      classes.set(status, spans);
    }
  }
  const lives = server.lives.filter((life) => life.answers.length > 0 && life.first !== null && life.last !== null);
  return [...classes].map(([status, spans]) => [status, filled(spans, lives)]);
}

/** Lines without a stamp are spread evenly between the stamped ones around them. */
function timesOfAnswers(life: Life): { answer: Answer; at: number }[] {
  const out: { answer: Answer; at: number }[] = [];
  for (let i = 0; i < life.answers.length; ) {
    const first = life.answers[i] as Answer;
    let end = i;
    while (end < life.answers.length && sameGap(life.answers[end] as Answer, first)) end += 1;
    const span = (first.before ?? first.after) - first.after;
    for (let j = i; j < end; j += 1)
      out.push({ answer: life.answers[j] as Answer, at: first.after + (span * (j - i + 1)) / (end - i + 1) });
    i = end;
  }
  return out;
}

function sameGap(a: Answer, b: Answer): boolean {
  return a.after === b.after && a.before === b.before;
}

/** One span per second of the lives, the given ones added up in it. */
function filled(spans: readonly Span[], lives: readonly Life[]): Span[] {
  const seconds = new Map<number, number>();
  for (const { to } of spans) seconds.set(Math.ceil(to), (seconds.get(Math.ceil(to)) ?? 0) + 1);
  const out: Span[] = [];
  for (const life of lives) {
    let from = life.first as number;
    const mine = [...seconds].filter(([to]) => to >= (life.first as number) && to <= (life.last as number) + 1);
    for (const [to, rate] of mine.sort(([a], [b]) => a - b)) {
      if (to - 1 > from) out.push({ from, to: to - 1, rate: 0 });
      out.push({ from: to - 1, to, rate });
      from = to;
    }
    if ((life.last as number) > from) out.push({ from, to: life.last as number, rate: 0 });
  }
  return out;
}

/** Average rate over the window that ends at each time; `null` where next to nothing of it is covered. Spans ascend. */
function averages(spans: readonly Span[], times: readonly number[], window: number): Values {
  let first = 0;
  return times.map((time) => {
    while (first < spans.length && (spans[first] as Span).to <= time - window) first += 1;
    let covered = 0;
    let amount = 0;
    for (let i = first; i < spans.length; i += 1) {
      const span = spans[i] as Span;
      if (span.from >= time) break;
      const overlap = Math.min(span.to, time) - Math.max(span.from, time - window);
      if (overlap <= 0) continue;
      covered += overlap;
      amount += overlap * span.rate;
    }
    return covered < COVERED * window ? null : amount / covered;
  });
}
