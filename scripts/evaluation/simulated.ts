import { type EpisodeThunk, episodesOf } from './episodes/index.ts';

/** The labelled episodes of a seed, so many of each kind and strength, none built yet. */
export function simulatedEpisodes(seed: number, perKind: number): EpisodeThunk[] {
  return [...episodesOf(seed, perKind)];
}

/** 1003 of `overload/mild/1003`. */
export function seedOf(id: string): number {
  return Number(id.split('/').at(-1));
}
