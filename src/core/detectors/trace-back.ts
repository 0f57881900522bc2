import type { Evidence, Replica } from '../evidence/evidence.ts';
import { foundAs } from '../evidence/found.ts';
import type { Engine, Judged } from '../evidence/judged.ts';
import { gaugeQuery, increaseQuery, meanQuery, quantileQuery, rateQuery } from '../promql/compile.ts';
import { type SignalId, signalById } from '../signals/index.ts';
import { formatSelector, instancesIn, type Matcher, parseSelector } from '../signals/selector.ts';

/**
 * Every number shown can be had again: these write the PromQL that gives it, for the replicas a finding is about and under
 * the names that were found. Rates over a stretch are instant queries at its end.
 */
function scoped(judged: Judged, engines: readonly Engine[]): string {
  const every = engines.length === judged.evidence.replicas.length;
  if (every) return judged.evidence.selector;
  return formatSelector([...parseSelector(judged.evidence.selector), matcherOf(judged.evidence, engines)]);
}

/** The instances of some engines; of a mean engine, those behind it: what is listed with it, or all that is named nowhere else. */
function matcherOf({ replicas, coverage }: Evidence, engines: readonly Engine[]): Matcher {
  const behind = new Map(coverage?.means.map(({ replica, instances }) => [replica, instances]));
  const targetsOf = ({ id, instance }: Replica) => (behind.has(id) ? (behind.get(id) ?? null) : [instance]);
  const wanted = new Set(engines.map((e) => e.trace.replica.id));
  const listed = engines.map((e) => targetsOf(e.trace.replica));
  if (listed.every((targets) => targets !== null)) return instancesIn('=~', listed.flat());
  return instancesIn(
    '!~',
    replicas.filter(({ id }) => !wanted.has(id)).flatMap((replica) => targetsOf(replica) ?? []),
  );
}

export function gaugeOf(judged: Judged, engines: readonly Engine[], id: SignalId): string {
  return gaugeQuery(id, scoped(judged, engines), foundAs(judged.evidence.readings[id]));
}

/** Rate per second over `seconds`, all parts added; of a histogram, of its observations. */
export function rateOf(judged: Judged, engines: readonly Engine[], id: SignalId, seconds: number): string {
  return whole(id, rateQuery(id, scoped(judged, engines), seconds, foundAs(judged.evidence.readings[id])));
}

/** Events over `seconds`, all parts added; of a histogram, observations. */
export function increaseOf(judged: Judged, engines: readonly Engine[], id: SignalId, seconds: number): string {
  return whole(id, increaseQuery(id, scoped(judged, engines), seconds, foundAs(judged.evidence.readings[id])));
}

/** Mean of a histogram over `seconds`. */
export function meanOf(judged: Judged, engines: readonly Engine[], id: SignalId, seconds: number): string {
  return meanQuery(id, scoped(judged, engines), seconds, foundAs(judged.evidence.readings[id]));
}

export function quantileOf(
  judged: Judged,
  engines: readonly Engine[],
  id: SignalId,
  q: number,
  seconds: number,
): string {
  return quantileQuery(id, scoped(judged, engines), q, seconds, foundAs(judged.evidence.readings[id]));
}

function whole(id: SignalId, query: string): string {
  return signalById(id).by === undefined ? query : `sum (${query})`;
}
