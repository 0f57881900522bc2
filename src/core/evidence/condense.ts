import type { Values } from '../base/grid.ts';
import { addsUp, COUNTED } from '../signals/grouping.ts';
import { type CatalogueSignal, type SignalId, signalById } from '../signals/index.ts';
import { choose, type Group, ONE_BY_ONE } from './choose.ts';
import type { Coverage, Evidence, Histogram, InfoLabels, Line, Reading, Replica } from './evidence.ts';
import { marksOf } from './marks.ts';

/** A large fleet as a small one. */
export interface Condensed {
  readonly evidence: Evidence;
  /** Engines behind each mean, by the id of its replica. */
  readonly behind: ReadonlyMap<string, readonly string[]>;
}

/**
 * A fleet of any size as one that can be judged at once: those that stand out and some that do not as they are, all others as
 * the mean engine of their kind, which counts as often as it stands for engines. Sums over the fleet stay what they were.
 * @param limit engines up to which nothing is put together
 * @returns the evidence itself where it is small, or was read so already
 */
export function condense(evidence: Evidence, limit: number = ONE_BY_ONE): Condensed {
  if (evidence.replicas.length <= limit || evidence.replicas.some(({ stands }) => stands !== undefined))
    return { evidence, behind: new Map() };
  const { each, groups } = choose(marksOf(evidence));
  if (groups.length === 0) return { evidence, behind: new Map() };
  const chosen = new Set(each.map(({ id }) => id));
  const placesOf = (idsOf: (group: Group) => readonly string[]) =>
    new Map(groups.flatMap((group, k) => idsOf(group).map((id) => [id, k] as const)));
  const places = { all: placesOf(({ ids }) => ids), sample: placesOf(({ sample }) => sample.ids) };
  const perInstance = enginesPerInstance(evidence);
  const readings: Partial<Record<SignalId, Reading>> = {};
  for (const [id, reading] of Object.entries(evidence.readings) as [SignalId, Reading][])
    readings[id] = condensedReading(signalById(id), reading, { groups, chosen, places, perInstance });
  const coverage = coverageOf(evidence.replicas.length, each, groups);
  return {
    behind: new Map(groups.map(({ name, ids }) => [name, ids])),
    evidence: {
      ...evidence,
      replicas: [...evidence.replicas.filter(({ id }) => chosen.has(id)), ...groups.map(standInOf)],
      readings,
      coverage,
      warnings: [...evidence.warnings, sayCoverage(coverage, 'judged')],
    },
  };
}

/** The mean engine of a group. Its instance is its name: no target is called so. */
export function standInOf({ name, model, ids }: Group): Replica {
  return { id: name, instance: name, engine: '', model, stands: ids.length };
}

export function coverageOf(
  engines: number,
  each: readonly { readonly id: string; readonly because: string }[],
  groups: readonly Group[],
): Coverage {
  return {
    engines,
    each: each.map(({ id, because }) => ({ replica: id, because })),
    means: groups.map(({ name, ids, sample, because, calm, instances }) => ({
      replica: name,
      engines: ids.length,
      ...(sample.ids.length === ids.length ? {} : { sampled: sample.ids.length }),
      because,
      ...(calm ? {} : { instances }),
    })),
  };
}

/** What was left out, in a sentence. */
export function sayCoverage({ engines, each, means }: Coverage, how: 'judged' | 'read'): string {
  const rest = means.reduce((sum, mean) => sum + mean.engines, 0);
  const kinds =
    means.length === 1
      ? 'their mean'
      : `the means of ${means.length} groups: ${means.map(({ replica }) => replica).join('; ')}`;
  const sampled = means.reduce((sum, mean) => sum + (mean.sampled ?? mean.engines), 0);
  const sample =
    sampled === rest
      ? ''
      : ` Traffic is that of all of them; how their latencies and lengths spread, and states, are those of ${sampled}, evenly chosen.`;
  return `${each.length} of ${engines.toLocaleString('en')} replicas were ${how} one by one, those that stand out and some usual ones; the other ${rest.toLocaleString('en')} as ${kinds}.${sample} Select one of them to see it alone.`;
}

/**
 * Evidence in which some replicas were read as the mean of others, with what a source cannot say of them: how many they stand
 * for, and their settings, which are those most of the replicas beside them have.
 */
export function withStandIns(evidence: Evidence, groups: readonly Group[], coverage: Coverage): Evidence {
  const byName = new Map(groups.map((group) => [group.name, group]));
  const one = evidence.replicas.filter(({ id }) => !byName.has(id));
  const perInstance = enginesPerInstance({ ...evidence, replicas: one });
  const readings: Partial<Record<SignalId, Reading>> = {};
  for (const [id, reading] of Object.entries(evidence.readings) as [SignalId, Reading][]) {
    const labels = groups.flatMap((group) => {
      const peers = new Set(one.filter(({ model }) => model === group.model).map((replica) => replica.id));
      return usualLabels(
        reading.labels.filter(({ replica }) => peers.has(replica)),
        group,
        perInstance,
      );
    });
    readings[id] = labels.length === 0 ? reading : { ...reading, labels: [...reading.labels, ...labels] };
  }
  return {
    ...evidence,
    replicas: [...one, ...evidence.replicas.filter(({ id }) => byName.has(id))].map((replica) => {
      const group = byName.get(replica.id);
      return group ? { ...replica, stands: group.ids.length } : replica;
    }),
    readings,
    coverage,
    warnings: [...evidence.warnings, sayCoverage(coverage, 'read')],
  };
}

interface Parts {
  readonly groups: readonly Group[];
  readonly chosen: ReadonlySet<string>;
  readonly places: {
    /** Number of the group, by replica. */
    readonly all: ReadonlyMap<string, number>;
    /** The same of those alone that speak for their group. */
    readonly sample: ReadonlyMap<string, number>;
  };
  readonly perInstance: ReadonlyMap<string, number>;
}

/** States and times of which no mean can be taken: of one engine they say something, of many nothing. */
const OF_ONE_ALONE: ReadonlySet<SignalId> = new Set(['process-start', 'container-last-end', 'gpu-xid', 'logged-ends']);

/** Whether a mean of several engines says something of this signal. */
export function hasMean(signal: CatalogueSignal): boolean {
  return !OF_ONE_ALONE.has(signal.id);
}

/** As a large fleet is asked of a server (promql/fleet.ts): what adds up is taken of all, the rest of those that speak for them. */
function condensedReading(signal: CatalogueSignal, reading: Reading, parts: Parts): Reading {
  const { groups, chosen, places, perInstance } = parts;
  const kept = <T extends { readonly replica: string }>(list: readonly T[]) =>
    list.filter((one) => chosen.has(one.replica));
  if (!hasMean(signal)) return { ...reading, lines: kept(reading.lines) };
  const some = <T extends { readonly replica: string }>(list: readonly T[]) =>
    grouped(list, places.sample, groups.length);
  const all = <T extends { readonly replica: string }>(list: readonly T[]) => grouped(list, places.all, groups.length);
  const counted = COUNTED.has(signal.id) ? all(reading.histograms) : null;
  return {
    ...reading,
    lines: [
      ...kept(reading.lines),
      ...(addsUp(signal) ? all : some)(reading.lines).flatMap((lines, k) =>
        meanLines(signal, lines, groups[k] as Group),
      ),
    ],
    histograms: [
      ...kept(reading.histograms),
      ...some(reading.histograms).flatMap((sample, k) =>
        sample.length === 0 ? [] : [meanHistogram(sample, counted?.[k] ?? null, groups[k] as Group)],
      ),
    ],
    labels: [
      ...kept(reading.labels),
      ...some(reading.labels).flatMap((labels, k) => usualLabels(labels, groups[k] as Group, perInstance)),
    ],
  };
}

/** Entries of a list by the group their replica is in. */
function grouped<T extends { readonly replica: string }>(
  list: readonly T[],
  placeOf: ReadonlyMap<string, number>,
  count: number,
): T[][] {
  const out: T[][] = Array.from({ length: count }, () => []);
  for (const one of list) {
    const place = placeOf.get(one.replica);
    if (place !== undefined) out[place]?.push(one);
  }
  return out;
}

/** What adds up over a fleet is divided by all engines of the group, so that their number times it is the sum; the rest by those that have it. */
function meanLines(signal: CatalogueSignal, lines: readonly Line[], group: Group): Line[] {
  const byPart = new Map<string, Values[]>();
  for (const { part, values } of lines) {
    const list = byPart.get(part);
    if (list) list.push(values);
    else byPart.set(part, [values]);
  }
  const divisor = signal.across === 'sum' ? group.ids.length : null;
  return [...byPart].map(([part, all]) => ({ replica: group.name, part, values: meanOf(all, divisor) }));
}

/** Time by time; `null` where none has a value. @param divisor what the sum is divided by; how many have a value if `null` */
function meanOf(all: readonly Values[], divisor: number | null): Values {
  const length = all[0]?.length ?? 0;
  const sums = new Float64Array(length);
  const gaps = new Uint32Array(length);
  for (const values of all) addTo(sums, gaps, values);
  return Array.from(sums, (sum, i) => {
    const count = all.length - (gaps[i] as number);
    return count === 0 ? null : sum / (divisor ?? count);
  });
}

/** Millions of numbers go this way: gaps are counted since they are the rarer, and one question tells them. */
function addTo(sums: Float64Array, gaps: Uint32Array, values: Values): void {
  for (let i = 0; i < sums.length; i += 1) {
    const value = values[i];
    if (typeof value === 'number') sums[i] = (sums[i] as number) + value;
    else gaps[i] = (gaps[i] as number) + 1;
  }
}

/**
 * @param some of the engines that speak for the group
 * @param counted of all engines, where the number of observations and their sum are to be those of all
 */
function meanHistogram(
  some: readonly Histogram[],
  counted: readonly Histogram[] | null,
  { name, ids, sample }: Group,
): Histogram {
  const first = some[0] as Histogram;
  const same = some.every(
    ({ bounds }) =>
      bounds === first.bounds ||
      (bounds.length === first.bounds.length && bounds.every((bound, i) => bound === first.bounds[i])),
  );
  // Bounds that not all have are left out, as where replicas are added up.
  const bounds = same ? first.bounds : first.bounds.filter((bound) => some.every((h) => h.bounds.includes(bound)));
  const at = (h: Histogram, k: number): Values =>
    (same ? h.cumulative[k] : h.cumulative[h.bounds.indexOf(bounds[k] as number)]) ?? [];
  const mean = (of: (h: Histogram) => Values) => meanOf(some.map(of), sample.ids.length);
  const own = {
    replica: name,
    bounds,
    cumulative: bounds.map((_, k) => mean((h) => at(h, k))),
    count: mean((h) => h.count),
    sum: mean((h) => h.sum),
  };
  if (counted === null || sample.ids.length === ids.length) return own;
  const meanOfAll = (of: (h: Histogram) => Values) => meanOf(counted.map(of), ids.length);
  const count = meanOfAll((h) => h.count);
  // Where the sample has seen nothing there is nothing to be scaled.
  const factors = count.map((value, i) => (value === null || !own.count[i] ? 1 : value / own.count[i]));
  const scaled = (line: Values) => line.map((v, i) => (v === null ? null : v * (factors[i] as number)));
  return { ...own, cumulative: own.cumulative.map(scaled), count, sum: meanOfAll((h) => h.sum) };
}

/** Labels that name an engine or its place, by which no two are alike. */
const NAMING = new Set([
  'instance',
  'engine',
  'pod',
  'exported_pod',
  'node',
  'container',
  'uid',
  'WorkerId',
  'ReplicaId',
]);

/** The settings most of them have. Several engines behind one target repeat the blocks of all, which one of them does not have. */
function usualLabels(
  all: readonly InfoLabels[],
  { name }: Group,
  perInstance: ReadonlyMap<string, number>,
): InfoLabels[] {
  const counted = new Map<string, { info: InfoLabels; times: number }>();
  for (const info of all) {
    const key = JSON.stringify(Object.entries(info.labels).filter(([label]) => !NAMING.has(label)));
    const known = counted.get(key);
    if (known) known.times += 1;
    else counted.set(key, { info, times: 1 });
  }
  const usual = [...counted.values()].sort((a, b) => b.times - a.times)[0]?.info;
  if (!usual) return [];
  const engines = perInstance.get(usual.replica) ?? 1;
  const blocks = Number(usual.labels.num_gpu_blocks);
  const labels =
    engines > 1 && blocks > 0 ? { ...usual.labels, num_gpu_blocks: String(blocks / engines) } : usual.labels;
  return [{ replica: name, labels }];
}

/** How many engines of its model share a replica's target, by replica. */
function enginesPerInstance({ replicas }: Evidence): ReadonlyMap<string, number> {
  const keyOf = ({ instance, model }: Replica) => `${instance}\n${model}`;
  const counts = new Map<string, number>();
  for (const replica of replicas) counts.set(keyOf(replica), (counts.get(keyOf(replica)) ?? 0) + 1);
  return new Map(replicas.map((replica) => [replica.id, counts.get(keyOf(replica)) ?? 1]));
}
