import type { SignalId } from '../index.ts';
import { DIALECTS } from './index.ts';

/**
 * Why an engine that was found does not give a signal although a name of its own looks like it; empty if there is no reason
 * but that it is not there.
 * @param found names of series that were read
 */
export function leftOutReason(id: SignalId, found: ReadonlySet<string>): string {
  const there = DIALECTS.filter(({ names }) =>
    Object.values(names).some((list) => list.some(({ metric }) => found.has(metric))),
  );
  return there.map(({ leftOut }) => leftOut[id]).find((reason) => reason !== undefined) ?? '';
}
