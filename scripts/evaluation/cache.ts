import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where runs keep what they need not do twice; nothing in it is missed when it is deleted. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(root, 'node_modules/.cache/evaluation');

/** @returns the folder of one kind of thing kept, made if need be */
export async function cacheFolder(name: string): Promise<string> {
  const folder = join(FOLDER, name);
  await mkdir(folder, { recursive: true });
  return folder;
}

/**
 * Name of a state of the code: another one as soon as a file changes.
 * @param paths files and folders from the root of the repository; of folders all TypeScript but tests
 */
export async function fingerprint(paths: readonly string[]): Promise<string> {
  const files = (await Promise.all(paths.map((path) => filesIn(join(root, path))))).flat().sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(relative(root, file)).update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

async function filesIn(path: string): Promise<string[]> {
  if (path.endsWith('.ts')) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && /\.ts$/.test(entry.name) && !/\.test\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** @returns the entries of a folder, newest first */
export async function newestIn(folder: string): Promise<string[]> {
  const paths = (await readdir(folder)).map((name) => join(folder, name));
  const aged = await Promise.all(paths.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
  return aged.sort((a, b) => b.at - a.at).map(({ path }) => path);
}

/** Removes all but the newest entries of a folder, and never the one in use. */
export async function prune(folder: string, kept: number, used: string): Promise<void> {
  const old = (await newestIn(folder)).filter((path) => path !== used).slice(kept);
  await Promise.all(old.map((path) => rm(path, { recursive: true, force: true })));
}
