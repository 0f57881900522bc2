import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { cacheFolder, fingerprint, prune } from './cache.ts';
import type { Episode } from './episode.ts';

/**
 * Episodes as they were built, kept between runs: building plays a story until its books prove the label, and the simulator
 * changes more seldom than what judges it.
 */
export interface Shelf {
  /** The episode of that name, built only where it is not there yet. */
  take(name: string, build: () => Episode): Promise<Episode>;
}

const MAKERS = ['scripts/evaluation/simulator', 'scripts/evaluation/episodes', 'scripts/evaluation/episode.ts'];
/** Earlier states of the simulator of which the episodes are kept. */
const KEPT = 4;

export async function openShelf(): Promise<Shelf> {
  const parent = await cacheFolder('episodes');
  const folder = await cacheFolder(join('episodes', await fingerprint(MAKERS)));
  await prune(parent, KEPT, folder);
  return {
    take: async (name, build) => {
      const file = join(folder, `${name}.json.gz`);
      const kept = await readFile(file).catch(() => null);
      if (kept) return JSON.parse((await promisify(gunzip)(kept)).toString('utf8')) as Episode;
      const episode = build();
      const packed = await promisify(gzip)(JSON.stringify(episode), { level: 4 });
      // Whole or not at all, since several processes share the shelf.
      await writeFile(`${file}.${process.pid}`, packed);
      await rename(`${file}.${process.pid}`, file);
      return episode;
    },
  };
}
