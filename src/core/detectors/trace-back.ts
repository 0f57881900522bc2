import { foundAs } from '../evidence/found.ts';
import type { Engine, Judged } from '../evidence/judged.ts';
import { gaugeQuery, increaseQuery, meanQuery, quantileQuery, rateQuery } from '../promql/compile.ts';
import { type SignalId, signalById } from '../signals/index.ts';
import { formatSelector, parseSelector } from '../signals/selector.ts';

/**
 * Every number shown can be had again: these write the PromQL that gives it, for the replicas a finding is about and under
 * the names that were found. Rates over a stretch are instant queries at its end.
 */
function scoped(judged: Judged, engines: readonly Engine[]): string {
  const every = engines.length === judged.evidence.replicas.length;
  if (every) return judged.evidence.selector;
  const instances = [...new Set(engines.map((e) => e.trace.replica.instance))];
  const escaped = instances.map((i) => i.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  return formatSelector([...parseSelector(judged.evidence.selector), { label: 'instance', op: '=~', value: escaped }]);
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
