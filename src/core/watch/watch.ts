import type { Status } from '../verdict/verdict.ts';
import { type Difference, differencesBetween, type Stand } from './stand.ts';

/** What is remembered from look to look. Plain JSON. */
export interface Memory {
  /** What was said last, and when. */
  readonly told: { readonly stand: Stand; readonly at: number };
  /** Looks in a row that saw it otherwise; `null` if the last one agreed. */
  readonly doubt: { readonly turn: Turn; readonly looks: number; readonly from: number } | null;
  /** Which changes were said within the last quarter of an hour, oldest first: for telling what flaps. */
  readonly recent: readonly { readonly key: string; readonly at: number }[];
}

/** `lost`: from knowing to not knowing. `other`: as bad as before, but different. */
export type Turn = 'worse' | 'better' | 'lost' | 'other';

/** What somebody is told. */
export interface Change {
  readonly turn: Turn | 'start';
  /** Unix seconds of the look that settled it. */
  readonly at: number;
  /** Unix seconds of the first look that saw it. */
  readonly seenFrom: number;
  readonly before: Stand | null;
  readonly after: Stand;
  readonly differs: readonly Difference[];
}

/**
 * Looks in a row before it is said. Bad news waits for one more look, so that one odd scrape wakes nobody; good news waits
 * longer, because whoever is told that it is over goes back to bed.
 */
const LOOKS: Readonly<Record<Turn, number>> = { worse: 2, lost: 2, other: 3, better: 4 };
/** Seconds after which something said again counts as new and not as flapping. */
const FLAPS_WITHIN = 900;
/** What flaps waits twice as long with every return, up to this; bad news no longer than `worse` allows. */
const MOST_PATIENCE = 8;
const MOST_PATIENCE_FOR_WORSE = 2;

const BADNESS: Readonly<Record<Status, number>> = { healthy: 0, unknown: 1, degraded: 2, critical: 3 };

/**
 * One look more: what is remembered, and what is to be said, if anything. The first look is said as it is. From then on a
 * change is said when enough looks in a row saw things otherwise; of several different ones the newest is said, so that a
 * finding which changes its name every time does not hide that things are bad. Pure.
 * @param memory `null` at the first look
 * @param at unix seconds of the look, later than those before
 */
export function look(memory: Memory | null, stand: Stand, at: number): { memory: Memory; change: Change | null } {
  if (memory === null) {
    const change: Change = { turn: 'start', at, seenFrom: at, before: null, after: stand, differs: [] };
    return { memory: { told: { stand, at }, doubt: null, recent: [] }, change };
  }
  const before = memory.told.stand;
  const differs = differencesBetween(before, stand);
  const recent = memory.recent.filter((one) => at - one.at <= FLAPS_WITHIN);
  if (differs.length === 0) return { memory: { ...memory, doubt: null, recent }, change: null };
  const turn = turnOf(before, stand);
  const last = memory.doubt;
  const doubt = last?.turn === turn ? { ...last, looks: last.looks + 1 } : { turn, looks: 1, from: at };
  if (doubt.looks < patience(turn, keyOf(turn, stand), recent))
    return { memory: { ...memory, doubt, recent }, change: null };
  return {
    memory: { told: { stand, at }, doubt: null, recent: [...recent, { key: keyOf(turn, stand), at }] },
    change: { turn, at, seenFrom: doubt.from, before, after: stand, differs },
  };
}

function turnOf(before: Stand, after: Stand): Turn {
  if (after.status === 'unknown') return before.status === 'unknown' ? 'other' : 'lost';
  const by = BADNESS[after.status] - BADNESS[before.status];
  return by > 0 ? 'worse' : by < 0 ? 'better' : 'other';
}

function patience(turn: Turn, key: string, recent: Memory['recent']): number {
  const returns = recent.filter((one) => one.key === key).length;
  return LOOKS[turn] * Math.min(2 ** returns, turn === 'worse' ? MOST_PATIENCE_FOR_WORSE : MOST_PATIENCE);
}

function keyOf(turn: Turn, { status, primary }: Stand): string {
  return `${turn} ${status} ${primary ?? ''}`;
}
