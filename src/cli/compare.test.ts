import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCommand } from '../testing/command.ts';
import { startPrometheus } from '../testing/prometheus.ts';

const KV = 'public/library/kv-thrash-a.om.gz';
const STEADY = 'public/library/healthy-steady.om.gz';
const run = (...args: string[]) => startCommand(['compare', ...args]).ended;
const two = (before: string, after: string) => ['--before', `recording:${before}`, '--after', `recording:${after}`];

test.each([
  ['public/library/seats.om.gz', 'e2e/fixtures/cures/seats.om.gz', 0, 'helped'],
  ['public/library/long-spike-a.om.gz', 'e2e/fixtures/cures/long-spike-a.om.gz', 0, 'relieved'],
  [KV, 'e2e/fixtures/cures/kv-thrash-a-8-seats.om.gz', 1, 'hurt'],
  [STEADY, STEADY, 0, 'no-difference'],
])('%s, then %s: exit %i, %s', async (before, after, exit, answer) => {
  const { code, stdout, stderr } = await run(...two(before, after));
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'vllm-triage/compare/1', answer });
  expect(code).toBe(exit);
});

test('one recording before its onset and at its end, as text', async () => {
  const { code, stdout, stderr } = await run('--recording', KV, '--before', 'onset', '--format', 'text');
  expect(stderr).toMatch(/^before 2026-11-25T\S+Z, the onset\n$/);
  expect(stdout).toMatch(/^WORSE {2}tiny$/m);
  const at = ['Configuration', 'Workload', 'Load', 'Outcome'].map((title) => stdout.indexOf(`\n${title}\n`));
  expect(at).toEqual([...at].sort((a, b) => a - b));
  expect(at[0]).toBeGreaterThan(0);
  expect(code).toBe(1);
});

test('a snapshot of before, judged by its own targets, and a recording of after', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'compare-'));
  try {
    const file = join(folder, 'before.snapshot');
    await startCommand([
      ...['diagnose', '--recording', 'public/library/seats.om.gz', '--profile', 'rag', '--save', file],
    ]).ended;
    const { code, stdout } = await run(
      '--before',
      `snapshot:${file}`,
      '--after',
      'recording:e2e/fixtures/cures/seats.om.gz',
    );
    expect(JSON.parse(stdout)).toMatchObject({ profile: 'rag', answer: 'helped' });
    expect(code).toBe(0);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('two moments of a Prometheus', async () => {
  const prometheus = await startPrometheus({ recordings: [KV] });
  try {
    const { code, stdout } = await run(
      ...['--prometheus', prometheus.url, '--before', '2026-11-25T01:53:00Z', '--at', '2026-11-25T01:57:50Z'],
    );
    const [model] = JSON.parse(stdout).models;
    expect(model.before).toMatchObject({ status: 'healthy', to: '2026-11-25T01:53:00Z' });
    expect(model.after).toMatchObject({ primary: 'kv-cache-thrashing', to: '2026-11-25T01:57:50Z' });
    expect(code).toBe(1);
  } finally {
    await prometheus.stop();
  }
});

test.each([
  [[], /expected --before SOURCE --after SOURCE/],
  [['--recording', KV], /one source needs --before TIME/],
  [['--recording', KV, '--before', 'lately'], /expected RFC 3339/],
  [['--recording', STEADY, '--before', 'onset'], /nothing began within this window/],
  [['--after', `recording:${KV}`], /needs --before SOURCE/],
  [['--before', KV, '--after', `recording:${KV}`], /--before .*expected KIND:PLACE, KIND one of prometheus/],
  [['--recording', KV, ...two(KV, KV)], /named by --before and --after alone/],
  [two(KV, 'no-such.om.gz'), /no-such/],
  [[...two(KV, KV), '--format', 'html'], /--format html: expected one of text, json/],
])('%j says what is wrong', async (args, said) => {
  const { code, stdout, stderr } = await run(...args);
  expect(stdout).toBe('');
  expect(stderr).toMatch(said);
  expect(code).toBe(2);
});
