import { stepsIn } from '../base/grid.ts';
import type { Engine, Judged } from './judged.ts';
import { lastSeen } from './trace.ts';

/** Seconds a replica must have been idle before it left, for its leaving to be the plan. */
const IDLE = 60;

/**
 * Whether a replica was taken away on purpose: its samples end without a failed scrape, and for its last minute nothing ran or
 * waited on it. One that is torn from its work, or whose scrape fails, has not departed.
 * @returns the grid index of its last sample; `null` where it is still there or did not leave so
 */
export function departedAt(judged: Judged, { trace }: Engine): number | null {
  const { grid, end, evidence } = judged;
  const last = lastSeen(trace);
  const limit = Math.max(3 * (evidence.scrapeInterval ?? grid.step), 30);
  if (last < 0 || end - last <= stepsIn(grid, limit)) return null;
  // Whoever says neither "up" nor "down" of a target knows nothing of it.
  if ((trace.up ?? []).slice(last, end + 1).some((up) => up !== null && up !== 1)) return null;
  const from = last - stepsIn(grid, IDLE);
  if (from < 0) return null;
  const none = (values: readonly (number | null)[] | null) =>
    (values ?? []).slice(from, last + 1).every((v) => v === null || v === 0);
  return trace.running && none(trace.running) && none(trace.waiting) ? last : null;
}
