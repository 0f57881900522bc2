import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Episode } from './episode.ts';

/** What episodes/index.ts offers. */
interface Episodes {
  readonly EPISODE_KINDS: readonly string[];
  readonly episodesOf: (seed: number, perKind: number) => Iterable<() => Episode>;
}

/** The labelled episodes of a seed, each built when it is asked for; none where there is no generator. */
export async function simulatedEpisodes(seed: number, perKind: number): Promise<(() => Episode)[]> {
  const generator = new URL('./episodes/index.ts', import.meta.url);
  if (!existsSync(fileURLToPath(generator))) return [];
  const { episodesOf } = (await import(generator.href)) as Episodes;
  return [...episodesOf(seed, perKind)];
}
