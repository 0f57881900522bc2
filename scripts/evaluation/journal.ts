import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Watched } from './moment.ts';

/**
 * What was watched, kept as JSON lines so that a report can be made again, and a run that was broken off goes on. One file per
 * state of the code that watches: a changed detector or episode begins a new one.
 */
export interface Journal {
  readonly file: string;
  /** By the key of the task; `null` for an episode of another kind than was asked for. */
  readonly known: ReadonlyMap<string, Watched>;
  add(key: string, watched: Watched): Promise<void>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(root, 'node_modules/.cache/evaluation');
/** Files kept of earlier states of the code. */
const KEPT = 6;

/** Code and data that what is watched depends on. */
const SOURCES = ['src/core', 'src/sources', 'scripts/evaluation/simulator', 'scripts/evaluation/episodes'];
const WATCHERS = ['ablations', 'acute', 'moment', 'plan', 'recorded', 'watch', 'z-score'].map(
  (name) => `scripts/evaluation/${name}.ts`,
);

/** @param cached take what the last run saw, whatever the code was then */
export async function openJournal(cached: boolean): Promise<Journal> {
  await mkdir(FOLDER, { recursive: true });
  const own = join(FOLDER, `${await fingerprint()}.jsonl`);
  const file = cached ? ((await newest()) ?? own) : own;
  const known = new Map<string, Watched>();
  for (const line of (await readFile(file, 'utf8').catch(() => '')).split('\n')) {
    const entry = entryOf(line);
    if (entry) known.set(entry.key, entry.watched);
  }
  await prune(file);
  return {
    file,
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

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  const files = (await Promise.all(SOURCES.map((folder) => filesIn(join(root, folder))))).flat();
  for (const file of [...files, ...WATCHERS.map((name) => join(root, name))].sort()) {
    hash.update(relative(root, file)).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !/\.test\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function byAge(): Promise<string[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.jsonl')).map((name) => join(FOLDER, name));
  const aged = await Promise.all(names.map(async (name) => ({ name, at: (await stat(name)).mtimeMs })));
  return aged.sort((a, b) => b.at - a.at).map(({ name }) => name);
}

async function newest(): Promise<string | null> {
  return (await byAge())[0] ?? null;
}

async function prune(used: string): Promise<void> {
  const old = (await byAge()).filter((name) => name !== used).slice(KEPT);
  await Promise.all(old.map((name) => rm(name)));
}
