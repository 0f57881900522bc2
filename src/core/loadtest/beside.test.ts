import { describe, expect, test } from 'vitest';
import { buildScene } from '../evidence/notation.ts';
import { curvesOf, latencyAt, limitByKnee, limitByTargets } from './curve.ts';
import { UNKNOWN } from './formats/format.ts';
import { lengthWarnings, liveSide, outsideEngine } from './live.ts';
import type { LoadRun, RequestTimes } from './run.ts';
import { saturationOf } from './saturation.ts';

const run = (more: Partial<LoadRun> = {}): LoadRun => ({
  ...UNKNOWN,
  format: 'vllm',
  tool: 'vllm bench serve',
  file: 'a.json',
  name: 'x',
  model: 'm',
  lengths: { input: 512, output: 256 },
  ...more,
});

/** A run at a concurrency: output tokens/s, TTFT and TPOT p95. */
const at = (concurrency: number, tokens: number, ttft: number, tpot = 0.03): LoadRun =>
  run({
    load: { kind: 'concurrency', value: concurrency, max: null },
    throughput: { requests: tokens / 256, outputTokens: tokens, totalTokens: null },
    latencies: (
      [
        ['ttft', ttft, 'ttft-client'],
        ['tpot', tpot, 'tpot-per-request'],
      ] as const
    ).map(([measure, seconds, definition]) => ({
      measure,
      called: measure,
      definition,
      mean: seconds,
      std: null,
      min: null,
      max: null,
      count: 100,
      percentiles: [{ q: 0.95, seconds }],
    })),
  });

const SWEEP = [at(64, 860, 2.9), at(1, 38, 0.07), at(16, 470, 0.2), at(4, 140, 0.1), at(32, 800, 0.4)];
const TARGETS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const curve = (runs: readonly LoadRun[]) =>
  curvesOf(runs, 'ttft', 'p95').curves[0] as ReturnType<typeof curvesOf>['curves'][0];

describe('curves', () => {
  test('by load; other lengths are another curve; what states nothing is named', () => {
    const silent = run({ throughput: { requests: 1, outputTokens: 1, totalTokens: null } });
    const longer = { ...at(8, 300, 0.3), lengths: { input: 2048, output: 256 } };
    const { curves, without } = curvesOf([...SWEEP, longer, silent], 'ttft', 'p95');
    expect(curves.map(({ points }) => points.map((point) => point.run.load.value))).toEqual([[1, 4, 16, 32, 64], [8]]);
    expect(without).toEqual([silent]);
  });

  test('the limit by targets is the last point that meets them, and a p95 that is not stated meets nothing', () => {
    expect(limitByTargets(curve(SWEEP), TARGETS)?.point.throughput).toBe(800);
    expect(limitByTargets(curve(SWEEP), { ...TARGETS, ttft: 0.15 })?.point.throughput).toBe(140);
    expect(limitByTargets(curve(SWEEP), { ...TARGETS, tbt: 0.01 })).toBeNull();
    const noTpot = SWEEP.map((one) => ({ ...one, latencies: one.latencies.slice(0, 1) }));
    expect(limitByTargets(curve(noTpot), TARGETS)).toBeNull();
  });

  test('the knee is where throughput bends, and a straight line has none', () => {
    expect(limitByKnee(curve(SWEEP))?.point.run.load.value).toBe(32);
    expect(limitByKnee(curve([1, 2, 4, 8, 16].map((n) => at(n, n * 30, 0.1))))).toBeNull();
    expect(limitByKnee(curve(SWEEP.slice(0, 3)))).toBeNull();
  });

  test('what the test saw at a throughput', () => {
    expect(latencyAt(curve(SWEEP), 305)).toBeCloseTo(0.15, 6);
    expect(latencyAt(curve(SWEEP), 10)).toBe(0.07);
    expect(latencyAt(curve(SWEEP), 900)).toBeNull();
  });
});

describe('over-saturation', () => {
  const open = (rate: number, requests: readonly RequestTimes[] | null, more: Partial<LoadRun> = {}) =>
    run({ load: { kind: 'rate', value: rate, max: null }, requests, ...more });
  /** One server that needs `service` seconds for each request, in order of arrival. */
  const queue = (count: number, rate: number, service: number): RequestTimes[] => {
    let free = 0;
    return Array.from({ length: count }, (_, i) => {
      const start = i / rate;
      free = Math.max(free, start) + service;
      return { start, end: free, ttft: free - start - service / 2, ok: true };
    });
  };

  test('more arrives than is done: what is in flight and TTFT climb', () => {
    expect(saturationOf(open(2, queue(100, 2, 0.8)))).toMatchObject({ state: 'over' });
    expect(saturationOf(open(2, queue(100, 2, 0.4)))).toMatchObject({ state: 'within' });
  });

  test('without single requests by the rates, and not of a run that is mostly its end', () => {
    const rates = (requests: number, ok: number, duration: number) =>
      saturationOf(
        open(5, null, {
          throughput: { requests, outputTokens: null, totalTokens: null },
          counts: { ok, failed: 0, incomplete: null },
          duration,
          latencies: at(1, 1, 1).latencies.map((one) => ({ ...one, measure: 'e2e' as const, mean: 9 })),
        }),
      )?.state;
    expect(rates(4.9, 3000, 610)).toBe('within');
    expect(rates(3.2, 1920, 600)).toBe('over');
    expect(rates(3.2, 50, 15)).toBe('cannot-tell');
  });

  test('a closed loop cannot be overrun', () => {
    expect(saturationOf(at(64, 860, 9))).toBeNull();
  });
});

describe('beside the live fleet', () => {
  const evidence = buildScene({
    step: 15,
    window: 60,
    replicas: ['vllm-0', 'vllm-1'],
    end: 1_800_000_000,
    lines: { 'output-tokens@vllm-0': '400x80', 'output-tokens@vllm-1': '0x80', running: '4x80' },
    histograms: {
      'ttft@vllm-0': '0.2*2x80',
      'prompt-length': { bounds: [100, 1000, 10_000], series: '500*2x80' },
      'output-length': { bounds: [10, 100, 1000], series: '250*2x80' },
    },
  });

  test('a replica is a point where it has both numbers; otherwise the reason is given', () => {
    const { points, missing, lengths } = liveSide(evidence, 'ttft', 'mean');
    expect(points).toEqual([{ replica: 'vllm-0', throughput: 400, latency: expect.closeTo(0.2, 6), beyond: false }]);
    expect(missing).toEqual(['vllm-1: no output in the last 5 min.']);
    expect(lengths).toEqual({ input: expect.closeTo(500, 6), output: expect.closeTo(250, 6) });
    expect(liveSide(evidence, 'e2e-per-token', 'mean')).toMatchObject({
      points: [],
      missing: [expect.stringContaining('no histogram')],
    });
    expect(liveSide(evidence, 'itl', 'p95').missing[0]).toContain('no histogram of itl');
  });

  test('lengths a quarter apart are warned of, alike ones are not', () => {
    expect(lengthWarnings([run()], { input: 500, output: 250 })).toEqual([]);
    expect(lengthWarnings([run()], { input: 4000, output: 250 })).toEqual([
      expect.stringMatching(/^Prompts have 4,000 tokens now and 512 in/),
    ]);
    expect(lengthWarnings([run()], { input: null, output: null })).toEqual([]);
  });

  test('client TTFT − server TTFT, of the same minutes only', () => {
    const tested = (begin: number, clock: 'zoned' | 'local' = 'zoned') =>
      run({
        latencies: at(1, 1, 0.26).latencies,
        started: { at: begin, clock },
        duration: 300,
        counts: { ok: 600, failed: 0, incomplete: null },
      });
    const begin = 1_800_000_000 - 600;
    expect(outsideEngine(tested(begin), evidence, 0)).toMatchObject({
      state: 'known',
      outside: expect.closeTo(0.06, 6),
    });
    expect(outsideEngine(tested(begin - 3600, 'local'), evidence, 3600)).toMatchObject({ state: 'known' });
    expect(outsideEngine(tested(begin - 7200), evidence, 0)).toMatchObject({
      state: 'unknown',
      because: expect.stringContaining('outside the range'),
    });
    expect(outsideEngine(run(), evidence, 0)).toMatchObject({
      state: 'unknown',
      because: 'the run states no mean TTFT',
    });
  });

  test('somebody else’s requests in those minutes are said', () => {
    const few = run({
      latencies: at(1, 1, 0.26).latencies,
      started: { at: 1_800_000_000 - 600, clock: 'zoned' },
      duration: 300,
      counts: { ok: 60, failed: 0, incomplete: null },
    });
    expect(outsideEngine(few, evidence, 0)).toMatchObject({ says: expect.stringContaining('not the same requests') });
  });
});
