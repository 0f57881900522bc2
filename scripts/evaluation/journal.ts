import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, fingerprint, newestIn, prune } from './cache.ts';
import type { Watched } from './moment.ts';

/**
 * What was watched, kept as JSON lines so that a report can be made again, and a run that was broken off goes on. One file per
 * state of the code that watches: a changed detector or episode begins a new one.
 */
export interface Journal {
  /** By the key of the task. */
  readonly known: ReadonlyMap<string, Watched>;
  add(key: string, watched: Watched): Promise<void>;
}

/** Files kept of earlier states of the code. */
const KEPT = 20;

/** Code that what is watched depends on. */
const WATCHERS = [
  'src/core',
  'src/sources',
  'scripts/evaluation/simulator',
  'scripts/evaluation/episodes',
  ...['ablations', 'acute', 'headline', 'moment', 'plan', 'recorded', 'watch', 'z-score'].map(
    (name) => `scripts/evaluation/${name}.ts`,
  ),
];

/** @param cached take what the last run saw, whatever the code was then */
export async function openJournal(cached: boolean): Promise<Journal> {
  const folder = await cacheFolder('watched');
  const own = join(folder, `${await fingerprint(WATCHERS)}.jsonl`);
  const file = cached ? ((await newestIn(folder))[0] ?? own) : own;
  const known = new Map<string, Watched>();
  for (const line of (await readFile(file, 'utf8').catch(() => '')).split('\n')) {
    const entry = entryOf(line);
    if (entry) known.set(entry.key, entry.watched);
  }
  await prune(folder, KEPT, file);
  return {
    known,
    add: (key, watched) => appendFile(file, `${JSON.stringify({ key, watched })}\n`),
  };
}

/** A line that a broken-off run left unfinished is none. */
function entryOf(line: string): { key: string; watched: Watched } | null {
  if (line === '') return null;
  try {
    return JSON.parse(line) as { key: string; watched: Watched };
  } catch {
    return null;
  }
}
