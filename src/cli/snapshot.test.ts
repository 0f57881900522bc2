import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'snapshot-'));
afterAll(() => rmSync(folder, { recursive: true }));

function triage(...args: string[]): { code: number | null; out: string; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  return { code: status, out: stdout, said: stderr };
}

test('the command line reads what it writes, from a file and from a link, and says what is left of a cut one', () => {
  const file = join(folder, 'seats.snapshot');
  const live = triage('diagnose', '--recording', 'public/library/seats.om.gz', '--profile', 'rag', '--save', file);
  expect(live.said).toMatch(/^saved .*seats\.snapshot: 1 replica, \d+ kB/);

  const again = triage('diagnose', '--snapshot', file);
  expect(again.code).toBe(live.code);
  expect(again.out).toBe(live.out);
  expect(again.said).toContain('the rules of today agree');

  const text = readFileSync(file, 'utf8').trim();
  const linked = triage('diagnose', '--snapshot', `http://127.0.0.1:9/?theme=dark#snapshot=${text}`);
  expect(linked.out).toBe(live.out);

  writeFileSync(file, text.slice(0, text.length * 0.8));
  const cut = triage('diagnose', '--snapshot', file, '--format', 'json');
  expect(cut.code).toBe(2);
  expect(cut.said).toContain('cut short: the verdict is whole');
  expect(JSON.parse(cut.out)).toEqual(JSON.parse(live.out));

  const other = triage('diagnose', '--snapshot', 'package.json');
  expect(other.code).toBe(2);
  expect(other.said).toContain('no snapshot in this text');
});
