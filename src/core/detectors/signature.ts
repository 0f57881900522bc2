import { type Grid, stepsIn, timeAt, type Values } from '../base/grid.ts';

/** Strength at which a finding is entered, and left again: two levels, so that it does not flap. */
export const ENTER = 0.5;
const LEAVE = 0.25;
/** Seconds the strength must stay to count, and must be gone to end. The long quiet time spans the pauses of an intermittent cause. */
const HOLD = 10;
const QUIET = 75;
/** An onset is looked for at most this long before the signature was complete. */
const LOOKBACK = 600;
/** Level between "not yet" and "already" for the change point. */
const DATING_LEVEL = 0.4;

export interface Episode {
  /** Grid index at which the signature was first complete. */
  readonly from: number;
  /** Last grid index at which it still stood. */
  readonly to: number;
  /** Still on at the end of the window. */
  readonly on: boolean;
}

/** @returns the last episode of a strength line, `null` if it never was one. Gaps neither start nor end one. */
export function lastEpisode(strength: Values, grid: Grid): Episode | null {
  const hold = Math.max(2, Math.ceil(HOLD / grid.step));
  const quiet = Math.max(2, stepsIn(grid, QUIET));
  let episode: { from: number; to: number } | null = null;
  let open: { from: number; to: number } | null = null;
  let run = 0;
  let runFrom = 0;
  let low = 0;
  for (let i = 0; i < strength.length; i++) {
    const s = strength[i] ?? null;
    if (s === null) continue;
    if (!open) {
      run = s >= ENTER ? run + 1 : 0;
      if (run === 1) runFrom = i;
      if (run >= hold) {
        open = { from: runFrom, to: i };
        low = 0;
      }
      continue;
    }
    if (s >= LEAVE) {
      open.to = i;
      low = 0;
    } else if (++low >= quiet) {
      episode = open;
      open = null;
      run = 0;
    }
  }
  if (open) return { ...open, on: true };
  return episode ? { ...episode, on: false } : null;
}

/**
 * Change point of a condition: the start that best splits "not yet" from "already", i.e. the maximum of the backward sum of
 * (condition − level). A stray earlier spike does not win, since the calm between costs more than it brings.
 * @param condition 0 to 1 per grid time, unsmoothed: the earliest honest sign, not the full signature
 * @param episode where the signature is complete; the search reaches back from there
 * @returns grid index, or `null` if the condition already holds at the first known grid time: it began before the window
 * Source: Page 1954 (CUSUM), read backwards.
 */
export function onsetIndex(condition: Values, grid: Grid, episode: Episode, level = DATING_LEVEL): number | null {
  const reach = Math.max(0, episode.from - stepsIn(grid, LOOKBACK));
  const until = Math.min(episode.to, episode.from + stepsIn(grid, 30));
  let sum = 0;
  let best = -Infinity;
  let at = episode.from;
  for (let i = until; i >= reach; i--) {
    const c = condition[i] ?? null;
    if (c === null) continue;
    sum += c - level;
    if (sum >= best && c >= level) {
      best = sum;
      at = i;
    }
  }
  const first = condition.findIndex((c) => c !== null);
  return at <= first ? null : at;
}

/** @returns unix seconds for a grid index, `null` for `null`. */
export function timeOf(grid: Grid, index: number | null): number | null {
  return index === null ? null : timeAt(grid, index);
}

/** Share of the last minute in which the signature stood: the persistence of pathologies.md §3. */
export function persistence(strength: Values, grid: Grid): number {
  const last = strength.slice(-Math.max(4, stepsIn(grid, 60)));
  const known = last.filter((s): s is number => s !== null);
  return known.length === 0 ? 0 : known.filter((s) => s >= ENTER).length / known.length;
}

/** Strongest of several lines per grid time; `null` only where all are gaps. */
export function strongest(lines: readonly Values[], count: number): (number | null)[] {
  return Array.from({ length: count }, (_, i) => {
    let best: number | null = null;
    for (const line of lines) {
      const v = line[i] ?? null;
      if (v !== null) best = best === null ? v : Math.max(best, v);
    }
    return best;
  });
}
