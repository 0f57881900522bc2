import { timeAt, type Values } from '../base/grid.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { alertsIn, configChangesIn, deploysIn, imagesIn } from '../evidence/happened.ts';
import { fleetLine, replicaLine } from '../evidence/lines.ts';
import { chosen } from './drawing.ts';

/** Something that happened at one time, for the timeline. */
export interface TimelineEvent {
  /** Unix seconds. */
  readonly at: number;
  readonly kind: 'restart' | 'down' | 'deploy' | 'image' | 'settings' | 'alert' | 'cache-full' | 'queue' | 'preemption';
  readonly label: string;
}

/** From here a KV cache counts as full: the textbook's red line. */
const FULL = 0.98;
/** Seconds between what a restart shows in one series and in another: two scrapes of the usual fifteen. */
const SAME_RESTART = 30;
/** Process start times jitter in the last digits of a float; a restart moves them by seconds. */
const SAME_START = 1;

/**
 * What can be dated without judging: restarts, targets lost, deployments, images and settings changed, alerts of the server's own
 * rules, and the first time after calm that the cache filled, somebody waited, or somebody was preempted. What was so from the
 * first sample on is no event. Settings that changed with a restart are told with it.
 */
export function eventsOf(evidence: Evidence, replicas?: readonly string[]): TimelineEvent[] {
  const ids = chosen(evidence, replicas);
  const many = ids.length > 1;
  const events: TimelineEvent[] = [];
  const settings = configChangesIn(evidence).filter(({ replica }) => ids.includes(replica));
  for (const id of ids) {
    const who = many ? ` ${id}` : '';
    const own = new Set(settings.filter(({ replica }) => replica === id));
    for (const i of restarts(replicaLine(evidence, 'process-start', id))) {
      const at = timeAt(evidence.grid, i);
      const changed = [...own].find((one) => Math.abs(one.at - at) <= SAME_RESTART);
      if (changed) own.delete(changed);
      events.push({ at, kind: 'restart', label: `restart${who}${changed ? `: ${changed.says}` : ''}` });
    }
    for (const { at, says } of own) events.push({ at, kind: 'settings', label: many ? `${id}: ${says}` : says });
    const lost = begins(replicaLine(evidence, 'up', id), (up) => up === 0);
    if (lost !== null) events.push({ at: timeAt(evidence.grid, lost), kind: 'down', label: `scrapes fail${who}` });
  }
  for (const { at, name } of deploysIn(evidence)) events.push({ at, kind: 'deploy', label: `deploy of ${name}` });
  for (const { at, name } of imagesIn(evidence)) events.push({ at, kind: 'image', label: name });
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
