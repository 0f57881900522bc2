import { describe, expect, test } from 'vitest';
import { type RequestRecord, summarise } from './bench.ts';
import { DEFINITIONS } from './definitions.ts';
import { toBenchText } from './format.ts';
import { arrivalTimes, SCENARIOS, seededRandom } from './scenarios.ts';
import { readStreamEvent } from './stream.ts';

const request = (at: number, more: Partial<RequestRecord> = {}): RequestRecord => ({
  at,
  ttft: 0.2,
  e2e: 1.1,
  end: 1.2,
  gaps: [0.3, 0.3, 0.3],
  promptTokens: 10,
  outputTokens: 4,
  error: null,
  ...more,
});

const sum = (requests: readonly RequestRecord[]) =>
  summarise({
    scenario: 'x',
    startedAt: 1_800_000_000,
    settings: {
      arrivals: { kind: 'closed', concurrency: 1 },
      requests: requests.length,
      promptTokens: 10,
      outputTokens: 4,
      prefixTokens: 0,
      warmup: 0,
      timeoutSeconds: 10,
      ignoreEos: true,
      seed: 1,
    },
    prompts: { how: 'token-ids', exact: true, says: '' },
    interrupted: false,
    requests,
  });

describe('summary of a run', () => {
  test('wall time from the first request sent to the last answer closed; the textbook divides by the longest request', () => {
    const run = sum([request(5), request(6.2), request(7.4)]);
    expect(run.seconds).toEqual({ wall: expect.closeTo(3.6, 9), longestRequest: 1.1 });
    expect(run.throughput.outputTokensPerSecond).toBeCloseTo(12 / 3.6, 9);
    expect(run.throughput.totalTokensPerSecond).toBeCloseTo(42 / 3.6, 9);
    expect(run.throughput.textbookTokensPerSecond).toBeCloseTo(12 / 1.1, 9);
    expect(run.latencies.tpot.mean).toBeCloseTo(0.3, 9);
    expect(run.warnings).toEqual([]);
  });

  test('a failed request is counted and in no latency; one given up is no failure', () => {
    const broken = request(1, { error: { kind: 'reset', says: 'gone' }, ttft: 9 });
    const run = sum([request(0), broken, request(2, { error: { kind: 'stopped', says: '' } })]);
    expect(run.counts).toEqual({ sent: 3, ok: 1, failed: 1, stopped: 1 });
    expect(run.errors).toEqual([{ kind: 'reset', count: 1, example: 'gone' }]);
    expect(run.latencies.ttft.max).toBe(0.2);
    expect(run.throughput.outputTokensPerSecond).toBeCloseTo(4 / 3.2, 9);
  });

  test('several tokens to an event: the gap is said to be between events, TPOT is right', () => {
    const run = sum([request(0, { outputTokens: 10 })]);
    expect(run.latencies.itl.definition).toBe(DEFINITIONS['gaps-chunks']);
    expect(run.latencies.tpot.mean).toBeCloseTo(0.9 / 9, 9);
    expect(run.warnings.join()).toContain('10 tokens came in 4 events');
  });

  test('no usage: events stand in for tokens, and it is said', () => {
    const run = sum([request(0, { outputTokens: null, promptTokens: null }), request(1)]);
    expect(run.outputTokensFrom).toBe('usage-and-events');
    expect(run.throughput.totalTokensPerSecond).toBeNull();
    expect(run.warnings.join()).toContain('1 of 2 answers state no usage');
  });

  test('nothing finished is nothing measured, never zero', () => {
    const run = sum([request(0, { error: { kind: 'http-500', says: 'x' } })]);
    expect(run.latencies.ttft).toMatchObject({ count: 0, mean: null, p99: null });
    expect(run.throughput.textbookTokensPerSecond).toBeNull();
    expect(run.warnings).toEqual(['No request finished, so nothing was measured.']);
    const text = toBenchText({
      schema: 'vllm-triage/bench/1',
      generatedBy: { name: 'vllm-triage', version: '1' },
      target: { url: 'http://a', model: 'm', api: 'chat' },
      runs: [run],
    });
    expect(text).toContain('0 of 1 request finished');
    expect(text).toContain('1 × http-500: x');
    expect(text).not.toContain('TTFT');
  });
});

test('the scenarios have the figures of the textbook', () => {
  expect(
    SCENARIOS.map(({ id, arrivals, requests, promptTokens, outputTokens }) => [
      id,
      arrivals.kind === 'closed' && arrivals.concurrency,
      requests,
      promptTokens,
      outputTokens,
    ]),
  ).toEqual([
    ['low-load', 1, 50, 512, 256],
    ['saturation', 64, 500, 512, 256],
    ['long-prompts', 8, 50, 8192, 256],
    ['long-outputs', 16, 50, 256, 4096],
    ['burst', 128, 200, 512, 256],
  ]);
});

test('arrivals of an open loop: the rate asked, gaps as spread as their mean', () => {
  const times = arrivalTimes(20_000, 5, seededRandom(3));
  const gaps = times.slice(1).map((at, i) => at - (times[i] as number));
  const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length;
  const spread = Math.sqrt(gaps.reduce((a, b) => a + (b - mean) ** 2, 0) / gaps.length);
  expect(times[0]).toBe(0);
  expect(mean).toBeCloseTo(0.2, 2);
  expect(spread / mean).toBeCloseTo(1, 1);
});

describe('stream events', () => {
  test.each<[string, string, string]>([
    ['a role and no text', '{"choices":[{"delta":{"role":"assistant","content":""},"finish_reason":null}]}', 'nothing'],
    ['a text', '{"choices":[{"delta":{"content":"a"}}]}', 'output'],
    ['a role with a text', '{"choices":[{"delta":{"role":"assistant","content":"a"}}]}', 'output'],
    ['a thought', '{"choices":[{"delta":{"reasoning_content":"hm"}}]}', 'output'],
    ['a tool call', '{"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}', 'output'],
    ['a token without letters', '{"choices":[{"text":"","finish_reason":null}]}', 'output'],
    ['the last text with its reason', '{"choices":[{"text":"a","finish_reason":"length"}]}', 'output'],
    ['a reason alone', '{"choices":[{"text":"","finish_reason":"stop"}]}', 'nothing'],
    ['usage alone', '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}', 'nothing'],
    ['an error', '{"error":{"message":"no"}}', 'error'],
    ['no JSON', '{"choices', 'error'],
    ['the end', '[DONE]', 'done'],
  ])('%s', (_, data, kind) => {
    expect(readStreamEvent(data).kind).toBe(kind);
  });
});
