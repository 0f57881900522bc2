import type { Verdict } from '../verdict/verdict.ts';
import { formatInstant, toJson, type VerdictJson } from '../verdict/format.ts';
import type { Stand } from './stand.ts';
import type { Change } from './watch.ts';

/** One line of `watch`: what changed, and the whole verdict it rests on. */
export interface WatchEvent {
  readonly schema: 'vllm-triage/watch/1';
  readonly event: Change['turn'];
  /** RFC 3339: the look that settled it, and the first one that saw it. */
  readonly at: string;
  readonly seenFrom: string;
  readonly changed: readonly string[];
  readonly before: StandJson | null;
  readonly after: StandJson;
  /** Address of the page as it looks at this moment; left out where no page was named. */
  readonly page?: string;
  /** `null` where the source could not be read. */
  readonly verdict: VerdictJson | null;
}

export interface StandJson extends Omit<Stand, 'since'> {
  /** RFC 3339. */
  readonly since: string | null;
}

/**
 * @param verdict what was judged at that look; `null` where nothing could be read
 * @param page address of the page; `null` where none was named
 */
export function eventOf(change: Change, verdict: Verdict | null, version: string, page: string | null): WatchEvent {
  return {
    schema: 'vllm-triage/watch/1',
    event: change.turn,
    at: formatInstant(change.at),
    seenFrom: formatInstant(change.seenFrom),
    changed: change.differs,
    before: change.before && standJson(change.before),
    after: standJson(change.after),
    ...(page === null ? {} : { page }),
    verdict: verdict && toJson(verdict, version),
  };
}

function standJson(stand: Stand): StandJson {
  return { ...stand, since: stand.since === null ? null : formatInstant(stand.since) };
}
