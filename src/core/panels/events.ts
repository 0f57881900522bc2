import { timeAt, type Values } from '../base/grid.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { alertsIn, deploysIn } from '../evidence/happened.ts';
import { fleetLine, replicaLine } from '../evidence/lines.ts';
import { chosen } from './drawing.ts';

/** Something that happened at one time, for the timeline. */
export interface TimelineEvent {
  /** Unix seconds. */
  readonly at: number;
  readonly kind: 'restart' | 'down' | 'deploy' | 'alert' | 'cache-full' | 'queue' | 'preemption';
  readonly label: string;
}

/** From here a KV cache counts as full: the textbook's red line. */
const FULL = 0.98;
/** Process start times jitter in the last digits of a float; a restart moves them by seconds. */
const SAME_START = 1;

/**
 * What can be dated without judging: restarts, targets lost, deployments changed, alerts of the server's own rules, and the first time after calm that the cache filled, somebody
 * waited, or somebody was preempted. What was so from the first sample on is no event.
 */
export function eventsOf(evidence: Evidence, replicas?: readonly string[]): TimelineEvent[] {
  const many = chosen(evidence, replicas).length > 1;
  const events: TimelineEvent[] = [];
  for (const id of chosen(evidence, replicas)) {
    const who = many ? ` ${id}` : '';
    for (const i of restarts(replicaLine(evidence, 'process-start', id)))
      events.push({ at: timeAt(evidence.grid, i), kind: 'restart', label: `restart${who}` });
    const lost = begins(replicaLine(evidence, 'up', id), (up) => up === 0);
    if (lost !== null) events.push({ at: timeAt(evidence.grid, lost), kind: 'down', label: `scrapes fail${who}` });
  }
  for (const { at, name } of deploysIn(evidence)) events.push({ at, kind: 'deploy', label: `deploy of ${name}` });
  for (const { at, name } of alertsIn(evidence)) events.push({ at, kind: 'alert', label: `alert ${name}` });
  const first = (
    kind: TimelineEvent['kind'],
    label: string,
    values: Values | null,
    test: (v: number) => boolean,
  ): void => {
    const i = begins(values, test);
    if (i !== null) events.push({ at: timeAt(evidence.grid, i), kind, label });
  };
  first('cache-full', 'cache full', fleetLine(evidence, 'kv-cache-usage', replicas), (v) => v >= FULL);
  first('queue', 'queue starts', fleetLine(evidence, 'waiting', replicas), (v) => v >= 1);
  first('preemption', 'first preemption', fleetLine(evidence, 'preemptions', replicas), (v) => v > 0);
  return events.sort((a, b) => a.at - b.at);
}

/** First index at which the test holds, if it did not hold at the first value known; else `null`. */
function begins(values: Values | null, test: (v: number) => boolean): number | null {
  let calm = false;
  for (const [i, v] of (values ?? []).entries()) {
    if (v === null) continue;
    if (!test(v)) calm = true;
    else return calm ? i : null;
  }
  return null;
}

function restarts(values: Values | null): number[] {
  const at: number[] = [];
  let last: number | null = null;
  for (const [i, v] of (values ?? []).entries()) {
    if (v === null) continue;
    if (last !== null && v > last + SAME_START) at.push(i);
    last = v;
  }
  return at;
}
