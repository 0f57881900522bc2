import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freePort, need, startPrometheus } from '../testing/prometheus.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const recording = join(root, 'public/library/imbalance.om.gz');

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const program = [join(root, 'node_modules/.bin/tsx'), 'src/cli/main.ts', ...args];
  return spawnSync(program[0] as string, program.slice(1), { cwd: root, encoding: 'utf8' });
}

test('the exported job holds the instances of a recording, and promtool accepts it', () => {
  const { status, stdout } = run('export', 'scrape-config', '--recording', recording, '--gpu', 'dcgm');
  expect(status).toBe(0);
  for (const target of ['vllm-0:8000', 'vllm-1:8000', 'vllm-0:9400']) expect(stdout).toContain(`- "${target}"`);
  const folder = mkdtempSync(join(tmpdir(), 'vllm-triage-export-'));
  writeFileSync(join(folder, 'prometheus.yml'), stdout);
  expect(spawnSync(need('promtool'), ['check', 'config', join(folder, 'prometheus.yml')]).status).toBe(0);
  rmSync(folder, { recursive: true });
});

test.each([
  ['nothing to take targets from', [], 'expected exactly one source, --prometheus URL, --metrics URL'],
  ['a target that is none', ['--metrics', 'a/b c'], 'neither host:port nor a URL'],
  ['an unknown exporter', ['--metrics', 'a:1', '--gpu', 'amd'], 'Allowed choices'],
])('export refuses %s with exit code 2', (_name, args, says) => {
  const { status, stdout, stderr } = run('export', 'scrape-config', ...args);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain(says);
});

test('the doctor finds nothing wrong with a Prometheus in order, and says so by the exit code', async () => {
  const prometheus = await startPrometheus({ recordings: [recording] });
  try {
    const asked = ['diagnose', '--prometheus', prometheus.url, '--doctor', '--at', '2026-11-25T01:54:00Z'];
    const { status, stdout } = run(...asked, '--format', 'text');
    expect(stdout).toContain('✓ They are fresh');
    expect(stdout).not.toContain('✗');
    expect(status).toBe(0);
    const json = JSON.parse(run(...asked, '--format', 'json', '--origin', 'https://triage.example').stdout) as object[];
    expect(json).toContainEqual(expect.objectContaining({ id: 'cors', state: 'ok' }));
  } finally {
    await prometheus.stop();
  }
});

test('after a failure the steps follow on stderr, and nothing is on stdout', async () => {
  const { status, stdout, stderr } = run('diagnose', '--prometheus', `http://127.0.0.1:${await freePort()}`);
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/✗ Something answers .*ECONNREFUSED/);
  expect(stderr).toContain('? not reached: ');
});
