import { gradeOf } from '../headline.ts';
import type { Moment, Watched } from '../moment.ts';
import { momentsIn, sinceOnset } from '../phases.ts';

/** How long the right answer took, and how far its onset lies from the true one. */
export interface Detection {
  readonly watched: Watched;
  /** Seconds from the onset to the first right answer that stood at the next look as well; `null` = never. */
  readonly delay: number | null;
  /** The same from when the trouble could first be noticed. */
  readonly delayShown: number | null;
}

/**
 * @param moments ascending, from the onset to the end of the trouble
 * @returns unix seconds of the first moment that is right and is followed by another one that is; `null` for none
 */
export function foundAt(moments: readonly Moment[], right: (moment: Moment) => boolean): number | null {
  for (let i = 0; i + 1 < moments.length; i++) {
    if (right(moments[i] as Moment) && right(moments[i + 1] as Moment)) return (moments[i] as Moment).at;
  }
  return null;
}

/** @returns `null` for healthy episodes and where the onset cannot be judged. */
export function detectionOf(watched: Watched): Detection | null {
  const { truth } = watched.episode;
  if (truth.onset === null || !watched.calm) return null;
  const found = foundAt(allSinceOnset(watched), (moment) => gradeOf(moment, truth) === 'right');
  return {
    watched,
    delay: found === null ? null : found - truth.onset,
    delayShown: found === null ? null : Math.max(0, found - (truth.shows ?? truth.onset)),
  };
}

/** The 15 s moments and the fine ones in one row, each time once. */
function allSinceOnset(watched: Watched): Moment[] {
  const byTime = new Map<number, Moment>();
  for (const moment of [...sinceOnset(watched), ...sinceOnset(watched, watched.fine)]) byTime.set(moment.at, moment);
  return [...byTime.values()].sort((a, b) => a.at - b.at);
}

/** `q`-quantile of delays in which `null` (never) is longer than anything; `Infinity` where it falls there, `null` of nothing. */
export function delayQuantile(delays: readonly (number | null)[], q: number): number | null {
  const sorted = delays.map((delay) => delay ?? Infinity).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const at = (sorted.length - 1) * q;
  const [low, high] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return high === Infinity ? (at === Math.floor(at) ? low : Infinity) : low + (high - low) * (at - Math.floor(at));
}

export interface Dated {
  /** Seconds between the onset given and the true one, absolute; the median over the right moments of an episode. */
  readonly error: number | null;
  /** The same with sign: positive is late. */
  readonly offset: number | null;
  /** Seconds outside the span from the true onset to when it could first be noticed. */
  readonly outside: number | null;
}

/** The onset as given, at moments whose headline is right; `null`s where none of them dated it. */
export function datedOf(watched: Watched): Dated | null {
  const { truth } = watched.episode;
  if (truth.onset === null || truth.primary === null || !watched.calm) return null;
  const { onset } = truth;
  const shows = truth.shows ?? onset;
  const given = momentsIn(watched, 'trouble')
    .filter((moment) => gradeOf(moment, truth) === 'right')
    .map((moment) => moment.findings.find((said) => said.pathology === truth.primary)?.since ?? null)
    .filter((since) => since !== null);
  return {
    error: middle(given.map((since) => Math.abs(since - onset))),
    offset: middle(given.map((since) => since - onset)),
    outside: middle(given.map((since) => Math.max(0, onset - since, since - shows))),
  };
}

/** Median; `null` of nothing. */
export function middle(list: readonly number[]): number | null {
  return list.length === 0 ? null : delayQuantile(list, 0.5);
}

/**
 * Whether the replicas named are the right ones, at the moments whose headline is right.
 * @returns `null` where it cannot be judged: one replica only, or nobody wrote down which
 */
export function scopeOf(watched: Watched): { readonly right: number; readonly of: number } | null {
  const { truth } = watched.episode;
  if (truth.primary === null || !watched.scoped) return null;
  let [right, of] = [0, 0];
  for (const moment of momentsIn(watched, 'trouble')) {
    if (moment.replicas < 2 || gradeOf(moment, truth) !== 'right') continue;
    const said = moment.findings.find((finding) => finding.pathology === truth.primary);
    of++;
    if (said && sameReplicas(said.instances, truth.instances, moment.replicas)) right++;
  }
  return of === 0 ? null : { right, of };
}

/** Empty stands for all. A replica may be named with its engine: `host:8000/0` is of `host:8000`. */
function sameReplicas(said: readonly string[], truth: readonly string[], all: number): boolean {
  const everyone = (list: readonly string[]) => list.length === 0 || list.length >= all;
  if (everyone(said) || everyone(truth)) return everyone(said) && everyone(truth);
  const covers = (id: string) => truth.some((name) => id === name || id.startsWith(`${name}/`));
  const named = (name: string) => said.some((id) => id === name || id.startsWith(`${name}/`));
  return said.every(covers) && truth.every(named);
}
