import { describe, expect, test } from 'vitest';
import { endOf, timeAt } from '../../base/grid.ts';
import { sayClock } from '../../base/say.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { mapValues, trimEvidence } from '../../evidence/slice.ts';
import { memoryLeak } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => memoryLeak.judge(judgedOf(evidence, LIMITS, false));

/** The same scrapes at a wider interval. */
function every(n: number, evidence: Evidence): Evidence {
  const { grid } = evidence;
  const count = Math.floor((grid.count - 1) / n) + 1;
  const skip = grid.count - 1 - (count - 1) * n;
  const step = grid.step * n;
  return {
    ...mapValues(evidence, { from: timeAt(grid, skip), step, count }, (values) =>
      values.filter((_, i) => i >= skip && (i - skip) % n === 0),
    ),
    scrapeInterval: step,
    window: 4 * step,
  };
}

/** One reading without its replicas' lines. */
function without(evidence: Evidence, id: keyof Evidence['readings']): Evidence {
  const reading = evidence.readings[id];
  return {
    ...evidence,
    readings: {
      ...evidence.readings,
      ...(reading ? { [id]: { ...reading, state: 'absent', lines: [], histograms: [], labels: [] } } : {}),
    },
  };
}

describe('KV blocks, at rest', () => {
  test('sick: usage at rest rises from rest to rest, and the pool has a date', () => {
    const finding = judge(SCENES.sick);
    expect(finding).toMatchObject({ state: 'detected', variant: 'kv-blocks', severity: 'warning', since: null });
    expect(finding.score).toBeGreaterThan(0.9);
    expect(finding.confidence).toBeLessThanOrEqual(0.9);
    expect(finding.facts[0]).toMatchObject({ signal: 'kv-cache-usage', observed: 0.17, expected: 0, unit: 'ratio' });
    expect(finding.facts[0]?.says).toContain('in 7 rests, rising from 0.02');
    expect(finding.facts[0]?.query).toContain('kv_cache_usage_perc');
    // 0.15 of the pool in the six hours between first and last rest; 0.83 is left, of 4,000 blocks of 16 tokens.
    const left = ((1 - 0.17) / (0.15 / 6)) * 3600;
    const end = endOf(SCENES.sick.grid);
    expect(finding.remedies[0]?.title).toBe(`Drain and restart vllm-0, before ${sayClock(end + left, end)}`);
    expect(finding.remedies[0]?.steps).toEqual([
      { sum: '(1 − 0.17) ÷ 0.025 an hour', result: 'pool gone in 33 h 12 min' },
      { sum: '64,000 tokens × (1 − 0.17)', result: '53,120 tokens left to work with' },
    ]);
    expect(left / 3600).toBeCloseTo(33.2, 5);
  });

  test('half an hour with a residue in three rests is enough, and it began after the rest that was empty', () => {
    const finding = judge(VARIANTS.rests);
    expect(finding).toMatchObject({ state: 'detected', variant: 'kv-blocks', severity: 'warning' });
    expect(finding.confidence).toBeGreaterThan(0.8);
    const { grid } = VARIANTS.rests;
    // Empty until the 30th sample; 1 % at the next rest, 2 % at the one after: the line through them is 0 at the first.
    expect(finding.since).toBe(timeAt(grid, 29));
  });

  test.each(['parked', 'released'] as const)('%s: blocks that come back did not leak', (name) => {
    expect(judge(VARIANTS[name])).toMatchObject({ state: 'cannot-tell', variant: null });
  });

  test('the same residues without a connector that parks them are a leak', () => {
    expect(judge(without(VARIANTS.parked, 'kv-transfer-time'))).toMatchObject({ variant: 'kv-blocks' });
  });

  test('a new process has a new pool: what was held before a restart does not count', () => {
    const { grid } = VARIANTS.rests;
    const restarted = mapReading(VARIANTS.rests, 'process-start', (v, i) =>
      i < 110 || v === null ? v : timeAt(grid, 105),
    );
    expect(judge(restarted)).toMatchObject({ state: 'cannot-tell' });
  });
});

function mapReading(
  evidence: Evidence,
  id: keyof Evidence['readings'],
  change: (value: number | null, i: number) => number | null,
): Evidence {
  const reading = evidence.readings[id];
  if (!reading) throw new Error(`${id} is not in the scene`);
  return {
    ...evidence,
    readings: {
      ...evidence.readings,
      [id]: { ...reading, lines: reading.lines.map((line) => ({ ...line, values: line.values.map(change) })) },
    },
  };
}

describe('KV blocks, never at rest', () => {
  test('more is held than the running requests explain, at constant lengths, and more and more', () => {
    const finding = judge(VARIANTS.busy);
    expect(finding).toMatchObject({ state: 'detected', variant: 'kv-blocks', severity: 'warning' });
    expect(finding.confidence).toBeLessThanOrEqual(0.8);
    const [held, growth] = finding.facts;
    // A prompt of 500, half an answer of 200, half a block of 16.
    expect(held?.expected).toBeCloseTo(500 + 100 + 8, 6);
    expect(held?.observed).toBeGreaterThan(2 * 608);
    // 0.375 % of the pool every 15 s.
    expect(growth?.observed).toBeCloseTo(0.00375 * 240, 0);
    expect(Math.abs((finding.since ?? 0) - ONSET)).toBeLessThanOrEqual(15);
  });

  test.each([1, 2, 4])('at scrapes every %i × 15 s alike', (n) => {
    const finding = judge(every(n, VARIANTS.busy));
    expect(finding).toMatchObject({ state: 'detected', variant: 'kv-blocks' });
    expect(Math.abs((finding.since ?? 0) - ONSET)).toBeLessThanOrEqual(60);
  });

  test('the pool is full, few run and many wait: the leak with its share of the pool', () => {
    const finding = judge(VARIANTS.full);
    expect(finding).toMatchObject({ variant: 'kv-blocks', severity: 'critical', since: null });
    expect(finding.story?.broke?.title).toBe('90 % of the pool is gone');
    expect(finding.lede).toContain('wait for what is left of it');
    // Of a full pool of 64,000 tokens, 11 requests of 608 explain a tenth.
    expect(1 - (10.9 * 608) / 64_000).toBeCloseTo(0.9, 2);
  });

  test('all that leak are named, worst first, and nobody else', () => {
    const finding = judge(VARIANTS.two);
    expect(finding.scope).toEqual({ kind: 'instances', instances: ['vllm-1', 'vllm-2'] });
    expect(finding.remedies[0]?.title).toContain('Drain and restart vllm-1 and vllm-2');
    expect(finding.lede).toContain('The same on vllm-2.');
  });

  test.each(['longerAnswers', 'giant', 'morning'] as const)('%s: what lives on holds it', (name) => {
    expect(judge(VARIANTS[name])).toMatchObject({ state: 'cannot-tell', variant: null });
  });

  test('the giant is told by its tokens: held, but never put in, they would be a leak', () => {
    const calm = VARIANTS.busy.readings;
    const tokensOfOthers = {
      ...VARIANTS.giant,
      readings: {
        ...VARIANTS.giant.readings,
        'output-tokens': calm['output-tokens'],
        'prompt-tokens': calm['prompt-tokens'],
      },
    } as Evidence;
    expect(judge(tokensOfOthers)).toMatchObject({ state: 'detected', variant: 'kv-blocks' });
  });

  test.each(['output-length', 'prompt-length', 'cache-config'] as const)('without %s nothing is worked out', (id) => {
    expect(judge(without(VARIANTS.busy, id))).toMatchObject({ state: 'cannot-tell', variant: null });
  });

  test('requests that load remote KV hold blocks while they wait', () => {
    const deferred = {
      ...VARIANTS.busy,
      readings: {
        ...VARIANTS.busy.readings,
        'waiting-by-reason': {
          ...VARIANTS.busy.readings.waiting,
          signal: 'waiting-by-reason',
          lines: [{ replica: 'vllm-0', part: 'deferred', values: VARIANTS.busy.readings.running?.lines[0]?.values }],
        },
      },
    } as Evidence;
    expect(judge(deferred)).toMatchObject({ state: 'cannot-tell', variant: null });
  });
});

describe('host and GPU memory over hours', () => {
  test.each([
    // variant, bytes an hour, signal, metric
    ['host', 1.2e6 * 60, 'process-memory', 'process_resident_memory_bytes'],
    ['gpu', 1.5e6 * 60, 'gpu-memory-used', 'DCGM_FI_DEV_FB_USED'],
  ] as const)('sick, %s: growth in every half hour', (variant, perHour, signal, metric) => {
    const finding = judge(VARIANTS[variant]);
    expect(finding).toMatchObject({ state: 'detected', variant });
    expect(finding.facts[0]).toMatchObject({ signal, unit: 'bytes' });
    expect(finding.facts[0]?.observed).toBeCloseTo(perHour, -3);
    expect(finding.facts[0]?.figure).toBe(`${(perHour / 2 ** 20).toFixed(1)} MiB/h`);
    expect(finding.facts[0]?.query).toContain(metric);
  });

  test('without the label there is no flag, and the sentence says what is missing', () => {
    expect(judge(VARIANTS.gpu).remedies[0]).toMatchObject({ knob: 'gpu-memory-utilization', flag: null, to: null });
    expect(judge(VARIANTS.gpu).remedies[0]?.why).toContain('utilization is in no label');
  });

  test('what was not measured, or not for long enough, is not called steady', () => {
    const unmeasured = { ...SCENES.healthy, readings: { ...SCENES.healthy.readings, 'gpu-memory-used': undefined } };
    expect(judge(unmeasured)).toMatchObject({ state: 'cannot-tell', missing: ['gpu-memory-used'] });
    expect(judge(VARIANTS.young)).toMatchObject({ state: 'cannot-tell', variant: null });
    const short = judge(trimEvidence(VARIANTS.host, timeAt(VARIANTS.host.grid, 120)));
    expect(short.state).toBe('cannot-tell');
    expect(short.ask).toContain('A trend needs 6 h beyond warm-up; this window has 5 h');
  });
});

describe('host and GPU memory in half an hour', () => {
  test('a container that reaches its limit within hours: a hint, with the time to restart', () => {
    const finding = judge(VARIANTS.fastHost);
    expect(finding).toMatchObject({ state: 'detected', variant: 'host', severity: 'warning' });
    expect(finding.confidence).toBeLessThanOrEqual(0.6);
    expect(finding.score).toBeLessThanOrEqual(0.7);
    expect(finding.lede).toContain('six hours tell it from a busy morning');
    // 15 MB a sample of 15 s; 24 GB less what is used now.
    const perHour = 1.5e7 * 240;
    const left = ((2.4e10 - (1.2e10 + 120 * 1.5e7)) / perHour) * 3600;
    const end = endOf(VARIANTS.fastHost.grid);
    expect(left / 3600).toBeCloseTo(2.83, 2);
    expect(finding.remedies[0]?.title).toBe(`Restart vllm-0 before ${sayClock(end + left, end)}`);
    expect(finding.remedies[0]?.steps[0]?.result).toContain('2 h 50 min');
  });

  test('the same growth a day from its limit is none', () => {
    const roomy = mapReading(VARIANTS.fastHost, 'container-memory-limit', () => 2e11);
    expect(judge(roomy).state).toBe('cannot-tell');
  });

  test('GPU: utilization less the growth to the next restart, less 0.02', () => {
    const finding = judge(VARIANTS.fastGpu);
    expect(finding).toMatchObject({ variant: 'gpu', severity: 'warning' });
    // 7.5 MB a sample; 72 GB are 0.9 of the GPU.
    const share = (7.5e6 * 240 * 6) / (7.2e10 / 0.9);
    expect(finding.remedies[0]).toMatchObject({ from: 0.9, to: 0.74, flag: '--gpu-memory-utilization 0.74' });
    expect(Math.floor((0.9 - share - 0.02) * 100) / 100).toBe(0.74);
    // A day of it would cost more than a fifth.
    expect(share * 4).toBeGreaterThan(0.2);
  });

  test.each(['filling', 'morning'] as const)('%s is no leak', (name) => {
    expect(judge(VARIANTS[name])).toMatchObject({ state: 'cannot-tell', variant: null });
  });

  test('a process younger than half an hour is filling its caches', () => {
    const young = mapReading(VARIANTS.fastHost, 'process-start', () => 1_800_000_000 - 2000);
    expect(judge(young).state).toBe('cannot-tell');
  });

  test('killed for memory twice: near-proof', () => {
    const finding = judge(VARIANTS.sawtooth);
    expect(finding).toMatchObject({ variant: 'host', severity: 'warning' });
    expect(finding.confidence).toBeGreaterThan(0.8);
    // Without the reason of the end two teeth are still a pattern, and less of a proof.
    const unsaid = judge(without(VARIANTS.sawtooth, 'container-last-end'));
    expect(unsaid).toMatchObject({ state: 'detected', variant: 'host' });
    expect(unsaid.confidence).toBeLessThanOrEqual(0.75);
  });
});

test('healthy: steady memory, an empty cache at rest', () => {
  expect(judge(SCENES.healthy)).toMatchObject({
    state: 'ruled-out',
    because: 'host and GPU memory steady over 7 h. At rest the KV cache is empty.',
  });
});

test('look-alike: usage that stays up because requests hold it', () => {
  const finding = judge(SCENES.lookAlike);
  expect(finding.state).toBe('ruled-out');
  expect(finding.because).toContain('At rest the KV cache is empty');
});

test('blind: without KV usage it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['kv-cache-usage'] });
});
