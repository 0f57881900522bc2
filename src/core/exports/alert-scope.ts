import type { AlertScope } from '../detectors/alert.ts';
import { tracesOf } from '../evidence/trace.ts';
import { askOf } from '../promql/condition.ts';
import type { Targets } from '../verdict/profiles.ts';
import { edgeOf, type ExportScope, intervalOf, matchersOf, namesOf } from './scope.ts';

export interface AlertExport extends ExportScope {
  readonly targets: Targets;
  readonly knobs: Readonly<Record<string, number>>;
}

/** What the detectors' rules are written for. @throws SelectorError if the selector cannot be read */
export function alertScope(scope: AlertExport): AlertScope {
  return {
    ask: askOf({ matchers: matchersOf(scope), names: namesOf(scope), interval: intervalOf(scope) }),
    limits: scope.targets,
    knobs: { ...scope.evidence?.knobs, ...scope.knobs },
    capacity: sharedCapacity(scope),
    planned: scope.targets.profile === 'batch',
    edge: edgeOf(scope),
  };
}

/** Tokens each pool holds, if all replicas tell and hold the same. */
export function sharedCapacity({ evidence }: ExportScope): number | null {
  const sizes = new Set(evidence === null ? [] : tracesOf(evidence).map((trace) => trace.capacity));
  const [size] = sizes;
  return sizes.size === 1 && size !== undefined ? size : null;
}
