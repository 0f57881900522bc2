import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Episode } from './episode.ts';

/** An episode that is not built yet, with its id: `class/strength/seed`. */
export type Unbuilt = (() => Episode) & { readonly id: string };

/** What episodes/index.ts offers. */
interface Episodes {
  readonly episodesOf: (seed: number, perKind: number) => Iterable<Unbuilt>;
}

/** The labelled episodes of a seed, so many of each kind and strength; none where there is no generator. */
export async function simulatedEpisodes(seed: number, perKind: number): Promise<Unbuilt[]> {
  const generator = new URL('./episodes/index.ts', import.meta.url);
  if (!existsSync(fileURLToPath(generator))) return [];
  const { episodesOf } = (await import(generator.href)) as Episodes;
  return [...episodesOf(seed, perKind)];
}

/** 1003 of `overload/mild/1003`. */
export function seedOf(id: string): number {
  return Number(id.split('/').at(-1));
}
