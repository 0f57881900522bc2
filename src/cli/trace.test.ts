import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kinetoText, type Shape } from '../core/traces/testing/kineto-text.ts';
import { startCommand } from '../testing/command.ts';

const shape: Shape = { steps: 9, layers: 2, rank: 0, world: 1, hostEvents: 2 };
let folder = '';
let before = '';
let after = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trace-'));
  [before, after] = [join(folder, 'before.json'), join(folder, 'after.json.gz')];
  await writeFile(before, [...kinetoText(shape)].join(''));
  await writeFile(after, gzipSync([...kinetoText({ ...shape, hostDelay: 900 })].join('')));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (...args: string[]) => startCommand(['trace', ...args]).ended;

describe('trace', () => {
  test('as JSON: busy and idle make up the wall time, and the wait before steps is the host’s', async () => {
    const { code, stdout } = await run(after, '--compare', before);
    expect(code).toBe(0);
    const json = JSON.parse(stdout) as {
      schema: string;
      account: { wallSeconds: number; busySeconds: number; idleSeconds: number; shares: Record<string, number> };
      comparison: { blocks: { of: string; rows: { id: string; change: number }[] }[] };
    };
    expect(json.schema).toBe('vllm-triage/trace/1');
    const { wallSeconds, busySeconds, idleSeconds, shares } = json.account;
    expect(busySeconds + idleSeconds).toBeCloseTo(wallSeconds, 12);
    expect(shares['host-wait']).toBeGreaterThan(0.4);
    const decode = json.comparison.blocks.find(({ of }) => of === 'decode');
    expect(decode?.rows[0]?.id).toBe('host-wait');
    expect(decode?.rows[0]?.change).toBeGreaterThan(8e-4);
  });
  test('as text', async () => {
    const { stdout } = await run(after, '--format', 'text');
    expect(stdout).toMatch(/Wall time .* = busy .* \+ idle/);
    expect(stdout).toMatch(/Custom all-reduce/);
    expect(stdout).toMatch(/The textbook’s fractions/);
  });
  test('commands of a release, without a file', async () => {
    expect((await run('--commands', '0.32.0', '--format', 'text')).stdout).toMatch(/--profiler-config/);
    expect((await run('--commands', '0.11.0', '--format', 'text')).stdout).toMatch(/VLLM_TORCH_PROFILER_DIR/);
  });
  test.each([
    ['a file that is not there', ['nowhere.json'], /cannot read nowhere.json: no such file/],
    ['a file that is no profile', ['package.json'], /no event|no profile/],
    ['a folder', ['src'], /it is a folder/],
    ['no file', [], /a profile is needed/],
    ['a release that is none', ['--commands', 'newest'], /expected a release/],
  ])('%s is refused with exit 2', async (_, args, says) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
  });
});
