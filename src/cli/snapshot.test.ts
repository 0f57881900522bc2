import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { leftovers } from '../core/snapshot/redact.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'snapshot-'));
afterAll(() => rmSync(folder, { recursive: true }));

function triage(...args: string[]): { code: number | null; out: string; said: string } {
  // Without the hook for raw texts: only exporting alert rules needs it.
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

  // A file is a file, whatever its name looks like.
  const odd = join(folder, '#snapshot=1.seats');
  writeFileSync(odd, text);
  expect(triage('diagnose', '--snapshot', odd).out).toBe(live.out);

  const other = triage('diagnose', '--snapshot', 'package.json');
  expect(other.code).toBe(2);
  expect(other.said).toContain('no snapshot in this text');
});

test('names are replaced and the file is locked before it is written; a wrong passphrase is a sentence', async () => {
  const file = join(folder, 'locked.snapshot');
  const [right, wrong] = [join(folder, 'right'), join(folder, 'wrong')];
  writeFileSync(right, 'correct horse\n');
  writeFileSync(wrong, 'battery staple\n');
  const recording = ['diagnose', '--recording', 'public/library/seats.om.gz'];
  const saved = triage(...recording, '--save', file, '--redact', '--passphrase-file', right);
  expect(saved.said).toMatch(/saved .*: 1 replica, \d names replaced, locked, \d+ kB/);
  expect(saved.out).toContain('vllm-0');

  const opened = triage('diagnose', '--snapshot', file, '--passphrase-file', right);
  expect(opened.code).toBe(saved.code);
  const [then, now] = [JSON.parse(saved.out), JSON.parse(opened.out)] as { findings: { pathology: string }[] }[];
  expect(now?.findings.map(({ pathology }) => pathology)).toEqual(then?.findings.map(({ pathology }) => pathology));
  expect(opened.out).toContain('replica-1');
  expect(leftovers(opened.out, ['vllm-0', 'seats.om.gz'])).toEqual([]);

  const unlocked = triage('diagnose', '--snapshot', file);
  expect(unlocked.code).toBe(2);
  expect(unlocked.said).toContain('locked with a passphrase');
  expect(triage('diagnose', '--snapshot', file, '--passphrase-file', wrong).said).toContain(
    'This passphrase does not open the snapshot.',
  );
  const page = join(folder, 'seats.html');
  expect(triage(...recording, '--save', page).said).toMatch(/saved .*\.html: 1 replica, \d+ kB/);
  const html = readFileSync(page, 'utf8');
  expect(html.length).toBeLessThanOrEqual(1_500_000);
  writeFileSync(file, /id="vllm-triage-snapshot">([^<]*)</.exec(html)?.[1] ?? '');
  expect(triage('diagnose', '--snapshot', file).out).toBe(saved.out);

  expect(triage(...recording, '--redact').said).toContain('give --save FILE as well');
  expect(triage(...recording, '--save', file, '--redact', 'hosts,faces').said).toContain(
    'expected some of hosts, pods',
  );
});
