import type { Moment, Watched } from './moment.ts';

/** Seconds after a trouble could first be noticed that the product gets before its answer counts. */
export const GRACE = 60;

/** The part of an episode in which a moment lies; `open` is not judged: onset until the grace is over, and what follows the end. */
export type Phase = 'healthy' | 'trouble' | 'open';

/** Healthy are healthy episodes and the calm before an onset; trouble lasts from (shows + grace) to its end. */
export function phaseOf(watched: Watched, at: number): Phase {
  const { onset, shows, end } = watched.episode.truth;
  if (onset === null) return 'healthy';
  if (at < onset) return watched.calm ? 'healthy' : 'open';
  if (end !== null && at > end) return 'open';
  return at >= (shows ?? onset) + GRACE ? 'trouble' : 'open';
}

/** @returns the moments of an episode that lie in a phase, of the 15 s row or of another one. */
export function momentsIn(
  watched: Watched,
  phase: Phase,
  moments: readonly Moment[] = watched.moments,
): readonly Moment[] {
  return moments.filter((moment) => phaseOf(watched, moment.at) === phase);
}

/** @returns hours between the first and the last moment of a phase, each moment standing for the time until the next. */
export function hoursIn(watched: Watched, phase: Phase, every: number): number {
  return (momentsIn(watched, phase).length * every) / 3600;
}

/** @returns the moments from the onset to the end of the trouble, the grace included. */
export function sinceOnset(watched: Watched, moments: readonly Moment[] = watched.moments): readonly Moment[] {
  const { onset, end } = watched.episode.truth;
  if (onset === null) return [];
  return moments.filter((moment) => moment.at >= onset && (end === null || moment.at <= end));
}
