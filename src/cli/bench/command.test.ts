import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { BenchResult, BenchRun } from '../../core/loadtest/bench.ts';
import { readRecords } from '../../core/loadtest/records.ts';
import { readLoadRecords } from '../../core/loadtest/read.ts';
import { startCommand } from '../../testing/command.ts';
import { type OpenAiServer, type ServerSettings, SOUND, startOpenAiServer } from '../../testing/openai-server.ts';

let folder: string;
let server: OpenAiServer;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vllm-triage-bench-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => server?.stop());

const FAST = { ...SOUND, firstMs: 20, gapMs: 5 };

async function serve(settings: Partial<ServerSettings> = {}): Promise<void> {
  server = await startOpenAiServer({ behave: () => FAST, tokenize: true, ...settings });
}
const bench = (...args: string[]) => startCommand(['bench', '--url', server.url, ...args]).ended;
const small = ['--requests', '12', '--prompt-tokens', '64', '--output-tokens', '10'];

function runsOf(stdout: string): readonly BenchRun[] {
  return (JSON.parse(stdout) as BenchResult).runs;
}

describe('bench', () => {
  test('closed loop: never more at a time than asked, all of them, exact lengths, JSON that reads back', async () => {
    await serve();
    const ended = await bench('--concurrency', '4', ...small);
    expect(ended.code, ended.stderr).toBe(0);
    const [run] = runsOf(ended.stdout);
    expect(run?.counts).toEqual({ sent: 12, ok: 12, failed: 0, stopped: 0 });
    expect(server.peak()).toBe(4);
    expect(run?.prompts).toMatchObject({ how: 'fitted-text', exact: true });
    expect(run?.lengths.prompt).toEqual({ asked: 64, mean: 64, min: 64, max: 64 });
    expect(run?.lengths.output.mean).toBe(10);
    // How late this machine reads depends on what else it does.
    expect(run?.warnings.filter((warning) => !warning.startsWith('This machine'))).toEqual([]);
    expect(server.seen[5]).toMatchObject({ ignore_eos: true, max_tokens: 10, stream_options: { include_usage: true } });
    // Two warm-ups went first and are in no number.
    expect(server.seen).toHaveLength(14);
    const wall = run?.seconds.wall ?? 0;
    expect(run?.throughput.outputTokensPerSecond).toBeCloseTo(120 / wall, 1);
    expect(run?.throughput.textbookTokensPerSecond).toBeCloseTo(120 / (run?.seconds.longestRequest ?? 0), 1);
    // Three rounds of requests: dividing by the longest one is too high.
    expect(run?.throughput.textbookTokensPerSecond).toBeGreaterThan(1.5 * (run?.throughput.outputTokensPerSecond ?? 0));

    const { runs, warnings } = readLoadRecords(readRecords(ended.stdout), 'own.json');
    expect(warnings).toEqual([]);
    expect(runs[0]).toMatchObject({
      format: 'own',
      load: { kind: 'concurrency', value: 4 },
      lengths: { input: 64, output: 10 },
    });
  });

  test('open loop sends at its rate whatever comes back', async () => {
    await serve({ behave: () => ({ ...FAST, firstMs: 800 }) });
    const ended = await bench('--rate', '20', ...small, '--warmup', '0');
    const [run] = runsOf(ended.stdout);
    const starts = run?.requests.map(({ at }) => at) ?? [];
    // Eleven exponential gaps of 50 ms, the same at every run of this seed; the first answer comes after 800 ms.
    expect(starts.at(-1)).toBeGreaterThan(0.2);
    expect(starts.at(-1)).toBeLessThan(1.4);
    expect(server.peak()).toBeGreaterThan(6);
    expect(new Set(starts.slice(1).map((at, i) => Math.round((at - (starts[i] ?? 0)) * 200))).size).toBeGreaterThan(4);
  });

  test('a rate with a limit keeps to both', async () => {
    await serve({ behave: () => ({ ...FAST, firstMs: 200 }) });
    await bench('--rate', '1000', '--concurrency', '3', ...small, '--warmup', '0');
    expect(server.peak()).toBe(3);
    expect(server.seen).toHaveLength(12);
  });

  test('errors by kind, once each and never again; what failed is in no latency', async () => {
    await serve({
      behave: (index) =>
        index % 4 === 1
          ? { ...FAST, fault: { kind: 'status', status: 429, body: 'full' } }
          : index % 4 === 2
            ? { ...FAST, fault: { kind: 'reset', after: 4 } }
            : FAST,
    });
    const ended = await bench('--concurrency', '3', ...small, '--warmup', '0');
    expect(ended.code).toBe(1);
    const [run] = runsOf(ended.stdout);
    expect(run?.counts).toEqual({ sent: 12, ok: 6, failed: 6, stopped: 0 });
    expect(run?.errors.map(({ kind, count }) => [kind, count]).sort()).toEqual([
      ['http-429', 3],
      ['reset', 3],
    ]);
    expect(server.seen).toHaveLength(12);
    expect(run?.latencies.ttft.count).toBe(6);
    expect(run?.latencies.itl.count).toBe(6 * 9);
  });

  test('Ctrl-C keeps what was measured', async () => {
    await serve({ behave: () => ({ ...FAST, gapMs: 20 }) });
    const out = join(folder, 'stopped.json');
    const { process, ended } = startCommand([
      ...['bench', '--url', server.url, '--concurrency', '2', '--requests', '5000', '--out', out],
      ...['--prompt-tokens', '10', '--output-tokens', '10', '--warmup', '0', '--api', 'completions'],
    ]);
    await expect.poll(() => server.seen.length, { timeout: 30_000 }).toBeGreaterThan(8);
    process.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('(ended by Ctrl-C)');
    const [run] = runsOf(readFileSync(out, 'utf8'));
    expect(run?.interrupted).toBe(true);
    expect(run?.counts.ok).toBeGreaterThan(4);
    expect(run?.counts.stopped).toBe(2);
    expect(run?.counts.failed).toBe(0);
  });

  test('a warm-up that fails ends it before anything is measured', async () => {
    await serve({ behave: () => ({ ...FAST, fault: { kind: 'status', status: 400, body: 'no such model' } }) });
    const ended = await bench('--concurrency', '2', ...small);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('http-400: 400 no such model');
    expect(server.seen).toHaveLength(1);
  });

  test('a scenario longer than the server takes is refused before anything is sent, or left out of all', async () => {
    await serve({ maxModelLen: 4096 });
    const ended = await bench('--scenario', 'long-prompts');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('needs 8448 tokens and the server takes 4096');
    expect(server.seen).toHaveLength(0);
  });

  test.each<[string, string[], RegExp]>([
    ['nothing to send', [], /say what to send: --scenario low-load\|saturation/],
    [
      'a scenario there is not',
      ['--scenario', 'heavy'],
      /expected low-load, saturation, long-prompts, long-outputs, burst or all/,
    ],
    ['a model it does not serve', ['--concurrency', '1', '--model', 'other'], /the server names tiny/],
    ['a prefix as long as the prompt', ['--concurrency', '1', '--prefix-tokens', '512'], /must be below/],
    ['an unknown flag', ['--concurency', '1'], /Did you mean --concurrency/],
  ])('refuses %s', async (_, args, says) => {
    await serve();
    const ended = await bench(...args);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(says);
    expect(server.seen).toHaveLength(0);
  });

  test('headers go with every question', async () => {
    await serve();
    const token = join(folder, 'token');
    writeFileSync(token, 'secret\n');
    await bench(
      '--concurrency',
      '1',
      '--requests',
      '1',
      '--prompt-tokens',
      '20',
      '--output-tokens',
      '2',
      '--header',
      `Authorization: Bearer @${token}`,
    );
    expect(server.asked.length).toBeGreaterThan(4);
    expect(server.asked.every(({ headers }) => headers.authorization === 'Bearer secret')).toBe(true);
  });

  test('does not replace a file', async () => {
    await serve();
    const out = join(folder, 'precious.json');
    writeFileSync(out, 'mine');
    expect((await bench('--concurrency', '1', '--out', out)).stderr).toContain('is there already');
    expect(readFileSync(out, 'utf8')).toBe('mine');
  });
});
