import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../../core/verdict/diagnose.ts';
import { targetsOf } from '../../core/verdict/profiles.ts';
import { SourceError, type SourceProblem } from '../errors.ts';
import { openFiles } from '../files.ts';
import { openRecording } from '../recording/source.ts';
import type { ReadRequest } from '../source.ts';
import { looksLikeLog, openLog } from './source.ts';

const root = join(import.meta.dirname, '../../..');
const unpacked = (path: string) => gunzipSync(readFileSync(join(root, path))).toString();
const log = (name: string) => unpacked(`e2e/fixtures/logs/${name}.log.gz`);
const platform = { fetch, now: () => Date.UTC(2026, 10, 26, 12) / 1000 };
const open = (text: string, name = 'a.log') => openLog({ name, files: [{ name, text }] }, platform);
const abort = new AbortController().signal;
const all: ReadRequest = { from: 'start', to: 'end', selector: '', knobs: {} };
const STATISTICS =
  'INFO 11-25 12:00:00 [loggers.py:335] Engine 000: Avg prompt throughput: 1.0 tokens/s, Avg generation throughput: 2.0 tokens/s, Running: 1 reqs, Waiting: 0 reqs, GPU KV cache usage: 1.0%, Prefix cache hit rate: 0.0%';

const verdictOf = async (text: string) => diagnose(await open(text).read(all, abort), targetsOf('chat'));

const problemOf = async (work: () => unknown): Promise<[SourceProblem, string]> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof SourceError) return [error.problem, error.message];
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('a whole log', () => {
  const source = open(log('imbalance'), 'imbalance.log');

  test('says what it covers', () => {
    const { from, to } = source.extent();
    expect([from, to].map((t) => new Date(t * 1000).toISOString())).toEqual([
      '2026-11-25T01:46:10.000Z',
      '2026-11-25T01:54:12.000Z',
    ]);
    expect(source.warnings).toEqual([]);
  });

  test('is one reading of all servers in it, on the grid of its lines', async () => {
    const evidence = await source.read(all, abort);
    expect(evidence.grid.step).toBe(10);
    expect(evidence.window).toBe(10);
    expect(evidence.scrapeInterval).toBe(10);
    expect(evidence.source).toEqual({ kind: 'log', label: 'imbalance.log', flavour: null });
    expect(evidence.replicas).toEqual([
      { id: 'imbalance.log (pid 8616)', instance: 'imbalance.log (pid 8616)', engine: '0', model: 'tiny' },
      { id: 'imbalance.log (pid 8618)', instance: 'imbalance.log (pid 8618)', engine: '0', model: 'tiny' },
    ]);
    expect(evidence.readings['cache-config']?.labels[0]?.labels).toMatchObject({
      block_size: '32',
      kv_cache_size_tokens: '48000',
      enable_prefix_caching: 'True',
    });
  });

  test('its arguments are knobs, and one that was told wins', async () => {
    const { knobs } = await source.read({ ...all, knobs: { 'max-num-seqs': 100 } }, abort);
    expect(knobs).toEqual({ 'max-num-seqs': 100, 'max-num-batched-tokens': 2048, 'max-model-len': 16_384 });
  });

  test('a selector, a model, a range, a step', async () => {
    const one = await source.read({ ...all, selector: '{instance=~".*8618.*"}', step: 20 }, abort);
    expect(one.replicas).toHaveLength(1);
    expect(one.grid.step).toBe(20);
    const { from } = source.extent();
    const part = await source.read({ ...all, from: from + 60, to: from + 120, model: 'tiny' }, abort);
    expect(part.grid).toEqual({ from: from + 60, step: 10, count: 7 });
  });

  test.each<[string, Partial<ReadRequest>, SourceProblem]>([
    ['a range before it', { from: 1000, to: 2000 }, 'empty'],
    ['a range that ends before it begins', { from: 1795571400, to: 1795571300 }, 'bad-query'],
    ['a selector nothing matches', { selector: '{instance="other"}' }, 'empty'],
    ['a model nobody serves', { model: 'other' }, 'empty'],
    ['a selector that is none', { selector: '{job=' }, 'bad-query'],
    ['a regular expression that is none', { selector: '{instance=~"("}' }, 'bad-query'],
  ])('%s', async (_, change, problem) => {
    expect((await problemOf(() => source.read({ ...all, ...change }, abort)))[0]).toBe(problem);
  });

  test('a read that was called off says so', async () => {
    expect((await problemOf(() => source.read(all, AbortSignal.abort())))[0]).toBe('aborted');
  });
});

test('several files are one incident, each a server by its name', async () => {
  const files = ['seats', 'overload'].map((name) => ({ name: `${name}.log`, text: log(name) }));
  const evidence = await openLog({ name: 'both', files, warnings: ['cut'] }, platform).read(all, abort);
  expect(evidence.replicas.map(({ id }) => id)).toEqual(['overload.log', 'seats.log']);
  expect(evidence.knobs['max-num-seqs']).toBeUndefined();
  expect(evidence.warnings).toContain('cut');
});

describe('what is no log', () => {
  test.each<[string, string, SourceProblem, string]>([
    ['nothing', ' \n', 'empty', 'is empty'],
    ['a web page', '<html>\n<body>Sign in</body>', 'unreadable', 'got "<html> <body>Sign in</body>"'],
    [
      'the log of something else, its beginning quoted',
      `2026-11-25 nginx: ${'x'.repeat(100)}`,
      'unreadable',
      `got "2026-11-25 nginx: ${'x'.repeat(41)}…"`,
    ],
    [
      'lines without any time',
      '10.0.0.1:1 - "POST /v1/completions HTTP/1.1" 200 OK',
      'empty',
      'No line of file has a time',
    ],
  ])('%s', async (_, content, problem, words) => {
    const [found, message] = await problemOf(() => open(content, 'file'));
    expect(found).toBe(problem);
    expect(message).toContain(words);
  });
});

describe('a server that never came to work', () => {
  const text = [
    '(APIServer pid=1) INFO 11-25 12:00:00 [api_server.py:1] vLLM API server version 0.20.0',
    '(EngineCore_DP0 pid=9) ERROR 11-25 12:01:00 [core.py:1] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB',
    '(EngineCore_DP0 pid=9) ERROR 11-25 12:01:00 [core.py:1] EngineCore failed to start.',
  ].join('\n');

  test('is critical, with what the log says killed it', async () => {
    const verdict = await verdictOf(text);
    expect(verdict).toMatchObject({ status: 'critical', headline: 'Restart, crash loop, OOM on a.log' });
    expect(verdict.findings[0]).toMatchObject({ pathology: 'crash-loop', severity: 'critical', confidence: 0.95 });
    expect(verdict.lede).toContain('failed to start');
    expect(verdict.lede).toContain('GPU memory ran out');
    expect(JSON.stringify(verdict.findings)).not.toMatch(/scrape/i);
    expect(verdict.warnings).toEqual([
      '12:01:00: the engine failed to start: CUDA out of memory.',
      expect.stringContaining('no statistics line'),
    ]);
  });

  test('again and again is a loop, dated to its first end', async () => {
    const times = [0, 3, 6].map((minutes) => text.replace(/12:0(\d)/g, (_, m) => `12:0${Number(m) + minutes}`));
    const [finding] = (await verdictOf(times.join('\n'))).findings;
    expect(finding).toMatchObject({ pathology: 'crash-loop', variant: 'loop', severity: 'critical' });
    expect(finding?.facts[0]).toMatchObject({ observed: 3, signal: 'logged-ends' });
    expect(Math.abs((finding?.since ?? 0) - Date.UTC(2026, 10, 25, 12, 1) / 1000)).toBeLessThanOrEqual(10);
  });

  test('for another reason names that', async () => {
    const length = text.replace(
      'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB',
      "ValueError: To serve at least one request with the models's max seq len (131072), (16.00 GiB KV cache is needed, which is larger than the available KV cache memory (5.20 GiB). Based on the available memory, the estimated maximum model length is 42590.",
    );
    const [remedy] = (await verdictOf(length)).plan.steps.map((step) => step.remedy);
    // Whole blocks of 16 in 42,590 tokens.
    expect(remedy).toMatchObject({ knob: 'max-model-len', from: 131072, to: Math.floor(42590 / 16) * 16 });
  });

  test('and says nothing of its end: the last error is told', async () => {
    const alone = '(EngineCore_DP0 pid=9) ERROR 11-25 12:36:59 [core.py:700] RuntimeError: shapes do not match';
    const verdict = await verdictOf(alone);
    expect(verdict).toMatchObject({ status: 'unknown', headline: 'Cannot tell: nothing is measured in this log' });
    expect(verdict.warnings.join(' ')).toContain('RuntimeError: shapes do not match.');
  });

  test('and has no time: the error is told', async () => {
    const traceback = [
      'Traceback (most recent call last):',
      '  File "/usr/lib/python3/dist-packages/vllm/v1/engine/core.py", line 700, in run_engine_core',
      'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.',
    ].join('\n');
    expect(looksLikeLog(traceback)).toBe(true);
    expect((await problemOf(() => open(traceback)))[1]).toContain('OutOfMemoryError: CUDA out of memory. Tried');
  });
});

describe('a log that ends in a crash', () => {
  const whole = log('overload');
  const cut = whole.indexOf('Engine 000: Avg', whole.length / 2);
  const before = whole.slice(0, whole.indexOf('\n', cut) + 1);
  const [, last] = /11-25 (\d\d:\d\d:\d\d)(?![\s\S]*11-25)/.exec(before) as RegExpExecArray;
  const time = (last as string).replace(/\d$/, (digit) => String(Math.min(9, Number(digit) + 3)));
  const crash = [
    `(EngineCore pid=9) ERROR 11-25 ${time} [core.py:1] EngineCore encountered a fatal error.`,
    `(EngineCore pid=9) ERROR 11-25 ${time} [core.py:1] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 4.00 GiB. GPU 0 has a total capacity of 80.00 GiB of which 1.00 GiB is free.`,
    `(APIServer pid=9509) ERROR 11-25 ${time} [async_llm.py:1] vllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue.`,
  ].join('\n');

  test('is a crash and no overload, with what was on it in the last line', async () => {
    const verdict = await verdictOf(before + crash);
    expect(verdict.status).toBe('critical');
    const [finding] = verdict.findings;
    expect(finding).toMatchObject({ pathology: 'crash-loop', variant: 'down', severity: 'critical' });
    const [, running, waiting] = /Running: (\d+) reqs, Waiting: (\d+) reqs/.exec(before.slice(cut)) as RegExpExecArray;
    expect(finding?.facts.find(({ signal }) => signal === 'running')?.observed).toBe(Number(running) + Number(waiting));
    expect(verdict.ruledOut).toEqual([]);
  });

  test('gives back what was short of, in hundredths of the GPU', async () => {
    const [step] = (await verdictOf(before + crash)).plan.steps;
    // (4 − 1) ÷ 80 = 0.0375, up to 0.04 and one more, off the default of 0.92.
    expect(step?.remedy).toMatchObject({ knob: 'gpu-memory-utilization', from: 0.92, to: 0.87 });
  });

  test('and goes on without an engine: the same', async () => {
    const after = '(APIServer pid=9509) INFO 11-25 02:10:00 [x.py:1] still here';
    const [finding] = (await verdictOf(`${before}${crash}\n${after}`)).findings;
    expect(finding).toMatchObject({ pathology: 'crash-loop', variant: 'down', severity: 'critical' });
  });
});

describe('told by what is in it', () => {
  test.each([
    ['statistics', STATISTICS],
    ['Docker json-file', JSON.stringify({ log: `${STATISTICS}\n`, stream: 'stdout', time: '2026-11-25T12:00:00Z' })],
    ['a crash alone', '(EngineCore_DP0 pid=9) ERROR 05-05 12:36:59 [core.py:700] RuntimeError: x'],
    ['access lines', 'INFO:     1.2.3.4:5 - "POST /v1/chat/completions HTTP/1.1" 200 OK'],
  ])('%s', async (_, text) => {
    expect(looksLikeLog(text)).toBe(true);
    const files = [{ name: 'x', text: `${text}\n${STATISTICS}` }];
    expect((await openFiles({ name: 'x', files, warnings: [] }, platform)).kind).toBe('log');
  });

  test('a recording stays one', async () => {
    const text = unpacked('public/library/seats.om.gz');
    expect(looksLikeLog(text)).toBe(false);
    const opened = await openFiles({ name: 'x', files: [{ name: 'x', text }], warnings: [] }, platform);
    expect(opened.kind).toBe('recording');
  });
});

describe('the same incident, from its log and from its scrapes', () => {
  test.each(['overload', 'kv-bound', 'seats', 'prefix-collapse', 'healthy-steady'])('%s', async (name) => {
    const told = await open(log(name)).read(all, abort);
    const files = { name: 'x.om', texts: [unpacked(`public/library/${name}.om.gz`)] };
    const scraped = await openRecording(files, platform).read({ ...all, step: 10 }, abort);
    for (const id of ['output-tokens', 'computed-prompt-tokens', 'running', 'waiting', 'kv-cache-usage'] as const) {
      const mean = (evidence: typeof told) => {
        const from = Math.max(told.grid.from, scraped.grid.from) + 30;
        const values = (evidence.readings[id]?.lines[0]?.values ?? []).filter(
          (value, i) => value !== null && evidence.grid.from + i * evidence.grid.step >= from,
        ) as number[];
        return values.reduce((a, b) => a + b, 0) / values.length;
      };
      const [a, b] = [mean(told), mean(scraped)];
      // Ten seconds apart on a queue that grows, and gauges of one moment: a tenth, and half a request.
      expect(Math.abs(a - b), `${id} ${a} ${b}`).toBeLessThan(0.1 * b + (id === 'kv-cache-usage' ? 0.01 : 0.5));
    }
  });
});
