import { type Grid, timeAt, type Values } from '../base/grid.ts';
import { printable } from '../base/printable.ts';
import { sayList } from '../base/say.ts';
import { DIALECTS } from '../signals/dialects/index.ts';
import { engineOf, groupOperator, partOf } from '../signals/grouping.ts';
import { type CatalogueSignal, type SignalId, SIGNALS, signalById } from '../signals/index.ts';
import type { GridSeries, Readout } from '../signals/readout.ts';
import { sameSettings } from '../signals/settings.ts';
import { spellingsOf } from '../signals/spellings.ts';
import type { EarlierLabels, Evidence, Histogram, InfoLabels, Line, Reading, Replica, SourceInfo } from './evidence.ts';

/** What a source hands over: everything it read, on one grid. */
export interface BuildInput {
  readonly grid: Grid;
  readonly window: number;
  readonly scrapeInterval: number | null;
  readonly source: SourceInfo;
  readonly selector: string;
  /** Served model to keep; all if left out. */
  readonly model?: string | undefined;
  readonly knobs: Readonly<Record<string, number>>;
  readonly warnings: readonly string[];
  readonly readouts: readonly Readout[];
  /** Pod of an `instance`, where the source knows it: joins GPU series to replicas. */
  readonly pods?: ReadonlyMap<string, string>;
}

/** Shortest age in seconds at which a sample is too old to speak of the present; below it one late scrape would blank the page. */
const STALE_AFTER = 30;
/** Scrapes missed in a row before a sample is too old. */
const STALE_SCRAPES = 3;

/**
 * Evidence out of what a source read; the one place where series become replicas, so that every source judges alike.
 *
 * Replicas are the (`instance`, engine, `model_name`) of the engine-level series; what tells engines apart is `engineOf`.
 * Where any series has a `model_name`, those of instances that have none are left out, whatever the signal: a router re-exports
 * vLLM's names with a label of its own. A series without an engine (V0, or a counter that all ranks share) belongs to the
 * only engine of its instance; among several, what adds up is booked on the first alone.
 *
 * Target-level series answer for every engine behind the target; those that add up over the fleet (HTTP answers, refusals)
 * are booked on the target's first engine alone, so that sums stay right. GPU series are joined by pod, else by host.
 *
 * Values nobody measured any more are `null`, see `maskStale`. Signals not among the readouts are marked absent.
 */
export function buildEvidence(input: BuildInput): Evidence {
  const possible = input.readouts.map(withoutImpossible);
  const readouts = possible.map(({ readout }) => withPrintableLabels(readout));
  const named = namedInstances(readouts);
  const warnings = [
    ...input.warnings,
    ...sayImpossible(possible.flatMap(({ readout, found }) => (found ? signalById(readout.signal).title : []))),
    ...unnamedEngines(readouts, named),
  ];
  const kept = readouts.map((readout) => keepEngines(readout, named, input.model));
  const replicas = replicasOf(kept);
  const readings: Partial<Record<SignalId, Reading>> = {};
  const byId = new Map(kept.map((readout) => [readout.signal, readout]));
  for (const signal of SIGNALS) {
    const readout = byId.get(signal.id) ?? { signal: signal.id, metrics: [], query: null, series: [], sums: [] };
    readings[signal.id] = readingOf(signal, readout, replicas, input);
  }
  warnings.push(...downTargets(byId.get('up'), replicas, input.selector));
  return maskStale({
    grid: input.grid,
    window: input.window,
    scrapeInterval: input.scrapeInterval,
    source: input.source,
    selector: input.selector,
    replicas,
    readings,
    knobs: input.knobs,
    warnings: [...new Set(warnings)],
  });
}

/** Beyond this a float no longer counts; nothing that is measured comes near it. */
const MOST = Number.MAX_SAFE_INTEGER;

/**
 * A readout without values that cannot be, which would make a sick engine look calm: below zero, or beyond all counting. An
 * age may be below zero where clocks differ, and V0 says −1 for a ratio there is none of, see `linesOf`.
 */
function withoutImpossible(readout: Readout): { readonly readout: Readout; readonly found: boolean } {
  const { kind, unit, family } = signalById(readout.signal);
  // Telemetry that speaks nonsense was seen all the same: without it a target would seem to have left.
  if (kind === 'age' || family === 'telemetry') return { readout, found: false };
  const least = unit === 'ratio' ? -1 : 0;
  let found = false;
  const cannotBe = (value: number | null): boolean => value !== null && (value < least || value > MOST);
  const clean = (one: GridSeries): GridSeries => {
    if (!one.values.some(cannotBe)) return one;
    found = true;
    return { ...one, values: one.values.map((value) => (cannotBe(value) ? null : value)) };
  };
  const series = readout.series.map(clean);
  const sums = readout.sums.map(clean);
  return { readout: found ? { ...readout, series, sums } : readout, found };
}

function sayImpossible(titles: readonly string[]): string[] {
  if (titles.length === 0) return [];
  const more = titles.length - 3;
  const names = sayList([...titles.slice(0, 3), ...(more > 0 ? [`${more} more`] : [])]);
  return [`Values that cannot be, below zero or beyond counting, were left out of ${names}.`];
}

/** Labels come from anybody who can start a server, and stand in sentences, on pages and in terminals. Those of info are lists. */
function withPrintableLabels(readout: Readout): Readout {
  const most = signalById(readout.signal).kind === 'info' ? Infinity : undefined;
  const clean = (one: GridSeries): GridSeries => {
    const entries = Object.entries(one.labels);
    if (entries.every(([, value]) => printable(value, most) === value)) return one;
    return { ...one, labels: Object.fromEntries(entries.map(([name, value]) => [name, printable(value, most)])) };
  };
  return { ...readout, series: readout.series.map(clean), sums: readout.sums.map(clean) };
}

/** Whether a readout's series tell which engines exist. Those of info signals do not: they carry no model. */
function showsEngines(readout: Readout): boolean {
  const signal = signalById(readout.signal);
  return signal.level === 'engine' && signal.kind !== 'info';
}

/** Instances of which any series carries a `model_name`. */
function namedInstances(readouts: readonly Readout[]): ReadonlySet<string> {
  return new Set(
    readouts
      .filter(showsEngines)
      .flatMap(({ series }) =>
        series.filter(({ labels }) => labels.model_name).map(({ labels }) => labels.instance ?? ''),
      ),
  );
}

function keepEngines(readout: Readout, named: ReadonlySet<string>, model: string | undefined): Readout {
  if (!showsEngines(readout)) return readout;
  // A collector of somebody's own on an engine's page measures the same once more, in other buckets and parts.
  const twice = namedInstances([readout]);
  const keep = ({ labels }: GridSeries): boolean => {
    const name = labels.model_name ?? '';
    const instance = labels.instance ?? '';
    if (name === '' && (twice.has(instance) || (named.size > 0 && !named.has(instance)))) return false;
    return model === undefined || name === model;
  };
  return { ...readout, series: readout.series.filter(keep), sums: readout.sums.filter(keep) };
}

/**
 * Engines of a dialect that knows no `model_name`, left out because others of the scope have one. They cannot be told from a
 * router by their labels, but not mentioning them would hide them.
 */
function unnamedEngines(readouts: readonly Readout[], named: ReadonlySet<string>): string[] {
  if (named.size === 0) return [];
  return DIALECTS.flatMap((dialect) => {
    if (!dialect.unnamed) return [];
    const left = readouts.filter(showsEngines).flatMap(({ signal, metrics, series }) => {
      const own = dialect.names[signal]?.some(({ metric }) => metrics.includes(metric)) ?? false;
      return own ? series.filter(({ labels }) => !labels.model_name && !named.has(labels.instance ?? '')) : [];
    });
    if (left.length === 0) return [];
    const instances = [...new Set(left.map(({ labels }) => labels.instance ?? ''))].sort(natural);
    return [
      `${dialect.title} names no model, so beside engines that do it was left out: ${instances.join(', ')}. A selector that takes these alone shows them.`,
    ];
  });
}

function replicasOf(readouts: readonly Readout[]): Replica[] {
  const engines = new Map<string, { instance: string; engine: string; model: string }>();
  for (const readout of readouts.filter(showsEngines)) {
    for (const { labels } of readout.series) {
      const engine = { instance: labels.instance ?? '', engine: engineOf(labels), model: labels.model_name ?? '' };
      engines.set(JSON.stringify([engine.instance, engine.engine, engine.model]), engine);
    }
  }
  const neighboursOf = (all: Iterable<{ instance: string; engine: string; model: string }>) => {
    const behind = new Map<string, { instance: string; engine: string; model: string }[]>();
    for (const one of all) behind.set(one.instance, [...(behind.get(one.instance) ?? []), one]);
    return behind;
  };
  const all = neighboursOf(engines.values());
  // The same engine once with and once without a number (V0, then V1; counters of several ranks), or without a model.
  const real = [...engines.values()].filter((a) => {
    const others = (all.get(a.instance) ?? []).filter((b) => b !== a);
    if (a.model === '' && others.some((b) => b.model !== '')) return false;
    return a.engine !== '' || !others.some((b) => b.model === a.model);
  });
  real.sort((a, b) => natural(a.instance, b.instance) || natural(a.engine, b.engine) || natural(a.model, b.model));
  const kept = neighboursOf(real);
  return real.map((a) => {
    const neighbours = kept.get(a.instance) ?? [];
    const engines = new Set(neighbours.map((b) => b.engine)).size;
    const models = neighbours.filter((b) => b.engine === a.engine).length;
    const id = [a.instance, ...(engines > 1 ? [a.engine] : []), ...(models > 1 ? [a.model] : [])].join('/');
    return { id, instance: a.instance, engine: a.engine, model: a.model };
  });
}

/** vllm-2 before vllm-10. */
function natural(a: string, b: string): number {
  const partsA = a.match(/\d+|\D+/g) ?? [];
  const partsB = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.min(partsA.length, partsB.length); i += 1) {
    const [x, y] = [partsA[i] as string, partsB[i] as string];
    if (x === y) continue;
    const [nx, ny] = [Number(x), Number(y)];
    if (!Number.isNaN(nx) && !Number.isNaN(ny) && nx !== ny) return nx - ny;
    return x < y ? -1 : 1;
  }
  return partsA.length - partsB.length;
}

/** The replicas a series speaks of. */
function ownersOf(signal: CatalogueSignal, labels: Readonly<Record<string, string>>, join: Join): readonly Replica[] {
  switch (signal.level) {
    case 'engine': {
      const behind = join.byInstance.get(labels.instance ?? '') ?? [];
      const model = labels.model_name ?? '';
      const ofModel = model === '' ? behind : behind.filter((r) => r.model === model);
      const engine = engineOf(labels);
      const exact = ofModel.filter((r) => r.engine === engine);
      if (exact.length > 0) return exact;
      if (engine !== '') return [];
      return signal.across === 'sum' && signal.kind !== 'info' ? ofModel.slice(0, 1) : ofModel;
    }
    case 'target': {
      const behind = join.byInstance.get(labels.instance ?? '') ?? [];
      return signal.across === 'sum' ? behind.slice(0, 1) : behind;
    }
    case 'gateway':
      return join.all.slice(0, 1);
    case 'neighbour': {
      // What an engine's own page tells of its GPU is that engine's, also where several share the host.
      const own = join.byInstance.get(labels.instance ?? '');
      const pod = labels.exported_pod || labels.pod;
      const byPod = pod ? join.byPod.get(pod) : undefined;
      const byHost = () =>
        join.byHost.get(labels.Hostname || labels.hostname || hostOf(labels.instance ?? '')) ??
        join.byHost.get(hostOf(labels.instance ?? '')) ??
        [];
      const found = own ?? byPod ?? byHost();
      return signal.across === 'sum' ? found.slice(0, 1) : found;
    }
    default:
      return signal.level satisfies never;
  }
}

interface Join {
  readonly all: readonly Replica[];
  readonly byInstance: ReadonlyMap<string, readonly Replica[]>;
  readonly byPod: ReadonlyMap<string, readonly Replica[]>;
  readonly byHost: ReadonlyMap<string, readonly Replica[]>;
}

function joinOf(replicas: readonly Replica[], pods: ReadonlyMap<string, string> | undefined): Join {
  const group = (key: (replica: Replica) => string | undefined): Map<string, Replica[]> => {
    const groups = new Map<string, Replica[]>();
    for (const replica of replicas) {
      const name = key(replica);
      if (name) groups.set(name, [...(groups.get(name) ?? []), replica]);
    }
    return groups;
  };
  const byInstance = group((replica) => replica.instance);
  // Series may lack `instance` altogether; then all of them are one target.
  const nowhere = replicas.filter((replica) => replica.instance === '');
  if (nowhere.length > 0) byInstance.set('', nowhere);
  return {
    all: replicas,
    byInstance,
    byPod: group((r) => pods?.get(r.instance)),
    byHost: group((r) => hostOf(r.instance)),
  };
}

/** The host part of `host:port`; an IPv6 address keeps its brackets. */
function hostOf(instance: string): string {
  return instance.replace(/:\d+$/, '');
}

function readingOf(
  signal: CatalogueSignal,
  readout: Readout,
  replicas: readonly Replica[],
  input: BuildInput,
): Reading {
  const join = joinOf(replicas, input.pods);
  const lines = signal.kind === 'histogram' || signal.kind === 'info' ? [] : linesOf(signal, readout.series, join);
  const histograms = signal.kind === 'histogram' ? histogramsOf(signal, readout, join, input.grid) : [];
  const labels = signal.kind === 'info' ? infoOf(signal, readout.series, join) : [];
  const earlier = earlierOf(signal, readout.history ?? [], join, input.grid);
  const order = new Map(replicas.map((replica, index) => [replica.id, index]));
  const place = (a: { replica: string }, b: { replica: string }) =>
    (order.get(a.replica) ?? 0) - (order.get(b.replica) ?? 0);
  const covered = new Set([...lines, ...histograms, ...labels].map((one) => one.replica));
  return {
    signal: signal.id,
    state: stateOf(signal, readout, covered, replicas),
    metrics: readout.metrics,
    query: readout.query,
    ...(readout.problem === undefined ? {} : { problem: readout.problem }),
    lines: lines.sort((a, b) => place(a, b) || natural(a.part, b.part)),
    histograms: histograms.sort(place),
    labels: labels.sort(place),
    ...(earlier.length === 0 ? {} : { earlier }),
  };
}

/** How a reading is marked, from the names it was found under and the replicas it covers. */
export function stateOf(
  signal: CatalogueSignal,
  readout: Pick<Reading, 'metrics' | 'problem'>,
  covered: ReadonlySet<string>,
  replicas: readonly Replica[],
): Reading['state'] {
  if (readout.problem !== undefined) return 'failed';
  if (covered.size === 0) return 'absent';
  const instances = new Set(replicas.filter((replica) => covered.has(replica.id)).map((replica) => replica.instance));
  const complete =
    signal.level === 'engine'
      ? replicas.every((replica) => covered.has(replica.id))
      : replicas.every((replica) => instances.has(replica.instance));
  if (!complete) return 'partial';
  // What vLLM has no name for cannot be renamed.
  const newest = signal.names[0]?.metric;
  return newest === undefined || readout.metrics.includes(newest) ? 'present' : 'renamed';
}

/** Several series of one owner: the first that has a value wins, except GPUs, which combine. */
function combine(signal: CatalogueSignal, all: readonly Values[]): Values {
  const first = all[0] as Values;
  if (all.length === 1) return first;
  const adds = signal.level === 'neighbour';
  const average = adds && groupOperator(signal) === 'avg';
  return first.map((_, i) => {
    const found = all.map((values) => values[i] ?? null).filter((value) => value !== null);
    if (found.length === 0) return null;
    if (!adds) return found[0] as number;
    const sum = found.reduce((a, b) => a + b, 0);
    return average ? sum / found.length : sum;
  });
}

function linesOf(signal: CatalogueSignal, series: readonly GridSeries[], join: Join): Line[] {
  const names = spellingsOf(signal);
  const found = new Map<string, { replica: string; part: string; all: Values[] }>();
  for (const one of series) {
    if (one.values.every((value) => value === null)) continue;
    const part = partOf(signal, names, one.labels);
    for (const { id } of ownersOf(signal, one.labels, join)) {
      const key = JSON.stringify([id, part]);
      const line = found.get(key) ?? { replica: id, part, all: [] };
      line.all.push(one.values);
      found.set(key, line);
    }
  }
  const clean = (values: Values): Values => {
    // Servers subtract unix seconds as floats, which leaves dust behind the millisecond.
    if (signal.kind === 'age') return values.map((value) => (value === null ? null : Math.round(value * 1000) / 1000));
    // V0 says −1 for the hit rate of a cache that is off.
    if (signal.unit === 'ratio') return values.map((value) => (value !== null && value < 0 ? null : value));
    return values;
  };
  return [...found.values()].map(({ replica, part, all }) => ({ replica, part, values: clean(combine(signal, all)) }));
}

function histogramsOf(signal: CatalogueSignal, readout: Readout, join: Join, grid: Grid): Histogram[] {
  const nothing: Values = Array.from({ length: grid.count }, () => null);
  const found = new Map<string, { buckets: Map<number, Values[]>; sums: Values[] }>();
  const of = (replica: string) => {
    const one = found.get(replica) ?? { buckets: new Map<number, Values[]>(), sums: [] };
    found.set(replica, one);
    return one;
  };
  for (const { labels, values } of readout.series) {
    const bound = labels.le === '+Inf' ? Infinity : Number(labels.le ?? 'NaN');
    if (Number.isNaN(bound)) continue;
    for (const { id } of ownersOf(signal, labels, join)) {
      const buckets = of(id).buckets;
      buckets.set(bound, [...(buckets.get(bound) ?? []), values]);
    }
  }
  for (const { labels, values } of readout.sums) {
    for (const { id } of ownersOf(signal, labels, join)) found.get(id)?.sums.push(values);
  }
  return [...found].map(([replica, { buckets, sums }]) => {
    const bounds = [...buckets.keys()].filter(Number.isFinite).sort((a, b) => a - b);
    const at = (bound: number) => combine(signal, buckets.get(bound) ?? [nothing]);
    return {
      replica,
      bounds,
      cumulative: bounds.map(at),
      count: at(Infinity),
      sum: combine(signal, sums.length > 0 ? sums : [nothing]),
    };
  });
}

function infoOf(signal: CatalogueSignal, series: readonly GridSeries[], join: Join): InfoLabels[] {
  const newest = new Map<string, { at: number; labels: Readonly<Record<string, string>> }>();
  for (const { labels, values } of series) {
    const at = values.at(-1) ?? -Infinity;
    for (const { id } of ownersOf(signal, labels, join)) {
      if (at > (newest.get(id)?.at ?? -Infinity)) newest.set(id, { at, labels });
    }
  }
  return [...newest].map(([replica, { labels }]) => ({ replica, labels: given(labels) }));
}

/** An empty label is no label, as servers have it. */
function given(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}

/** At each grid time the label set with the newest sample holds; where another takes its place, it is an earlier one. */
function earlierOf(
  signal: CatalogueSignal,
  history: readonly GridSeries[],
  join: Join,
  grid: Grid,
): readonly EarlierLabels[] {
  const holds = new Map<string, Readonly<Record<string, string>>>();
  const earlier: EarlierLabels[] = [];
  for (let i = 0; i < grid.count; i += 1) {
    const newest = new Map<string, { at: number; labels: Readonly<Record<string, string>> }>();
    for (const { labels, values } of history) {
      const at = values[i] ?? null;
      if (at === null) continue;
      for (const { id } of ownersOf(signal, labels, join))
        if (at > (newest.get(id)?.at ?? -Infinity)) newest.set(id, { at, labels });
    }
    for (const [replica, { labels }] of newest) {
      const before = holds.get(replica);
      if (before && !sameSettings(before, labels))
        earlier.push({ replica, labels: given(before), until: timeAt(grid, i) });
      if (!before || !sameSettings(before, labels)) holds.set(replica, labels);
    }
  }
  return earlier;
}

/** Targets of a chosen scope that are down now and never showed an engine: they cannot be judged, but not mentioning them would hide them. */
function downTargets(up: Readout | undefined, replicas: readonly Replica[], selector: string): string[] {
  if (!up || selector === '{}') return [];
  const known = new Set(replicas.map((replica) => replica.instance));
  const down = up.series
    .filter((series) => series.values.at(-1) === 0 && !known.has(series.labels.instance ?? ''))
    .map((series) => series.labels.instance ?? '');
  if (down.length === 0) return [];
  const names = down.sort(natural).slice(0, 5).join(', ');
  return [
    `${down.length} target${down.length > 1 ? 's' : ''} in scope cannot be scraped and show no engine: ${names}.`,
  ];
}

/**
 * The evidence with every value blanked that nobody measured any more: at grid times where the target's `up` is 0, or where
 * the engine's newest sample is older than three scrape intervals (30 s at least). Prometheus goes on answering with the last
 * values for five minutes where text carried no staleness marks; a frozen number must not read as a calm one.
 *
 * Telemetry itself (up, scrape duration, sample age) stays, GPU series come from another exporter and stay too. Where the
 * age is unknown although the target is still listed (staleness marks), it grows from the last known one.
 */
export function maskStale(evidence: Evidence): Evidence {
  const { grid, replicas, readings } = evidence;
  const limit = Math.max(STALE_SCRAPES * (evidence.scrapeInterval ?? grid.step), STALE_AFTER);
  const byReplica = (id: SignalId) => new Map(readings[id]?.lines.map(({ replica, values }) => [replica, values]));
  const [ups, sampleAges] = [byReplica('up'), byReplica('sample-age')];
  const ages = new Map<string, Values>();
  const stale = new Map<string, readonly boolean[]>();
  for (const { id } of replicas) {
    const up = ups.get(id);
    const age = sampleAges.get(id);
    const grown = age && growAge(age, up, grid.step);
    if (grown) ages.set(id, grown);
    stale.set(
      id,
      Array.from({ length: grid.count }, (_, i) => up?.[i] === 0 || (grown?.[i] ?? 0) > limit),
    );
  }
  const blank = (replica: string, values: Values): Values => {
    const masked = stale.get(replica);
    if (!masked?.includes(true)) return values;
    return values.map((value, i) => (masked[i] ? null : value));
  };
  const masked: Partial<Record<SignalId, Reading>> = {};
  for (const [id, reading] of Object.entries(readings) as [SignalId, Reading][]) {
    const signal = signalById(id);
    if (id === 'sample-age') {
      masked[id] = {
        ...reading,
        lines: reading.lines.map((line) => ({ ...line, values: ages.get(line.replica) ?? line.values })),
      };
    } else if (signal.level === 'neighbour' || signal.level === 'gateway' || signal.family === 'telemetry')
      masked[id] = reading;
    else {
      masked[id] = {
        ...reading,
        lines: reading.lines.map((line) => ({ ...line, values: blank(line.replica, line.values) })),
        histograms: reading.histograms.map((h) => ({
          ...h,
          cumulative: h.cumulative.map((values) => blank(h.replica, values)),
          count: blank(h.replica, h.count),
          sum: blank(h.replica, h.sum),
        })),
      };
    }
  }
  return { ...evidence, readings: masked };
}

function growAge(age: Values, up: Values | undefined, step: number): Values {
  if (!up) return age;
  const out: (number | null)[] = [];
  let last: number | null = null;
  for (let i = 0; i < age.length; i += 1) {
    const known = age[i] ?? null;
    const listed = (up[i] ?? null) !== null;
    last = known ?? (last !== null && listed ? last + step : null);
    out.push(last);
  }
  return out;
}
