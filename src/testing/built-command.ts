import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const BUILT = join(root, 'dist/cli/vllm-triage.js');

/**
 * Before the first test: the command line as it is delivered, built anew if anything it is made of is younger. Compiling it at each of some
 * hundred starts cost a minute of processor time.
 */
export default async function setup(): Promise<void> {
  const parts = ['src', 'vite.config.ts', 'package-lock.json'].map((part) => join(root, part));
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const newest = Math.max(...[...parts, ...sources.map((file) => join(root, 'src', file))].map(changed));
  if (newest > changed(BUILT)) await build({ root, mode: 'cli', logLevel: 'warn' });
}

/** Folders as well: they tell of files that went. 0 if there is no such file. */
function changed(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
