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
  ...['ablations', 'acute', 'headline', 'moment', 'plan', 'recorded', 'watch'].map(
    (name) => `scripts/evaluation/${name}.ts`,
  ),
];

/**
 * The journal of the code as it is.
 * @param wanted where given, the newest journal that knows all these keys instead, whatever the code was then
 * @throws Error if none does
 */
export async function openJournal(wanted?: readonly string[]): Promise<Journal> {
  const folder = await cacheFolder('watched');
  if (wanted) return { known: await newestWith(folder, wanted), add: () => Promise.resolve() };
  const file = join(folder, `${await fingerprint(WATCHERS)}.jsonl`);
  const known = await readJournal(file);
  await prune(folder, KEPT, file);
  return {
    known,
    add: (key, watched) => appendFile(file, `${JSON.stringify({ key, watched })}\n`),
  };
}

async function newestWith(folder: string, wanted: readonly string[]): Promise<Map<string, Watched>> {
  for (const file of await newestIn(folder)) {
    const known = await readJournal(file);
    if (wanted.every((key) => known.has(key))) return known;
  }
  throw new Error(`No earlier run saw all ${wanted.length} episodes that are asked for; run without --cached.`);
}

async function readJournal(file: string): Promise<Map<string, Watched>> {
  const known = new Map<string, Watched>();
  for (const line of (await readFile(file, 'utf8').catch(() => '')).split('\n')) {
    const entry = entryOf(line);
    if (entry) known.set(entry.key, entry.watched);
  }
  return known;
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
