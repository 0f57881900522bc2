// Builds once more, from a copy of the sources in a folder of another name, and compares with what lies in dist/, file by file.
// Exit code 0 if all are equal; else 1, and the names of those that differ.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
/** Neither sources nor part of a build. */
const LEFT_OUT = new Set(['node_modules', 'dist', '.git', 'test-results', 'playwright-report', 'coverage']);

const folder = mkdtempSync(join(tmpdir(), 'built-again-'));
try {
  const copy = join(folder, 'somewhere', 'else');
  cpSync(root, copy, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const build = spawnSync('npm', ['run', '--silent', 'build'], { cwd: copy, encoding: 'utf8' });
  if (build.status !== 0) throw new Error(`The build failed: ${build.stderr}`);
  const [here, there] = [hashes(join(root, 'dist')), hashes(join(copy, 'dist'))];
  const different = [...new Set([...here.keys(), ...there.keys()])].filter(
    (file) => here.get(file) !== there.get(file),
  );
  for (const file of different) console.log(`${here.get(file) ?? 'missing'} ${there.get(file) ?? 'missing'} ${file}`);
  console.log(`${here.size} files, ${different.length} differ`);
  process.exitCode = different.length === 0 && here.size > 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * SHA-256 of every file below a folder, by its path from there.
 * @param {string} folder
 * @returns {Map<string, string>}
 */
function hashes(folder) {
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(folder.length + 1), createHash('sha256').update(readFileSync(path)).digest('hex')];
      }),
  );
}
