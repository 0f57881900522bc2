import type { Replica } from '../../core/evidence/evidence.ts';

/** A replica of condensed evidence may be the mean of several. */
type Standing = Replica & { readonly stands?: number };

/** Names of those that are no replica but the mean of many, by id; all others are called by their id. */
export function namesOf(replicas: readonly Standing[]): ReadonlyMap<string, string> {
  return new Map(
    replicas.flatMap(({ id, stands = 1 }) => (stands > 1 ? [[id, `${stands} others as their mean`] as const] : [])),
  );
}
