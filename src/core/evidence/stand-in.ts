import type { Evidence, Replica } from './evidence.ts';

/** How many engines a replica is: one, or as many as it is the mean of. */
export function standsFor(replica: Replica): number {
  return replica.stands ?? 1;
}

/** Engines in all, of entries that each hold a replica or are one. */
export function countOf(engines: readonly { readonly trace: { readonly replica: Replica } }[]): number {
  return engines.reduce((sum, { trace }) => sum + standsFor(trace.replica), 0);
}

export function countReplicas(replicas: readonly Replica[]): number {
  return replicas.reduce((sum, replica) => sum + standsFor(replica), 0);
}

/** Replicas that are the mean of several, by id, with their number; empty for a fleet that was read one by one. */
export function standInsOf(evidence: Evidence): ReadonlyMap<string, number> {
  return new Map(
    evidence.replicas.flatMap(({ id, stands }) => (stands === undefined ? [] : ([[id, stands]] as const))),
  );
}
