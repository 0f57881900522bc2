import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { sliceEvidence } from '../../evidence/slice.ts';
import { slowReplica } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => slowReplica.judge(judgedOf(evidence, LIMITS, false));

/** The scene's machine: 25 ms a step and 0.125 ms a token, 840 tokens/s; and 2.5 times that. */
const CALM = 0.025 / (1 - 0.000125 * 840);
const SLOW = (2.5 * 0.025) / (1 - 2.5 * 0.000125 * 840);

describe('sick', () => {
  test('the replica by name, with its onset, at full confidence', () => {
    const finding = judge(SCENES.sick);
    expect(finding).toMatchObject({
      state: 'detected',
      variant: null,
      severity: 'critical',
      scope: { kind: 'instances', instances: ['vllm-1'] },
    });
    expect(finding.confidence).toBeGreaterThan(0.85);
    expect(Math.abs((finding.since ?? 0) - ONSET)).toBeLessThanOrEqual(15);
  });

  test('step time against what the same work takes on its peers, and the work beside it', () => {
    const [step, work] = judge(SCENES.sick).facts;
    expect(step?.observed).toBeCloseTo(SLOW, 3);
    expect(step?.expected).toBeCloseTo(CALM, 2);
    expect(Number.parseFloat(step?.figure ?? '')).toBeCloseTo(SLOW / CALM, 0);
    // 240 tokens of answers and 600 of prompts.
    expect(work?.observed).toBeCloseTo(840, 0);
    expect(work?.expected).toBeCloseTo(840, 0);
  });

  test('found within two minutes, and not before it has lasted', () => {
    const at = (seconds: number) => judge(sliceEvidence(SCENES.sick, ONSET + seconds)).state;
    expect(at(30)).toBe('ruled-out');
    expect(at(120)).toBe('detected');
  });

  test('what the others take over: its requests and the step that follows from their tokens', () => {
    const [drain] = judge(SCENES.sick).remedies;
    expect(drain).toMatchObject({ from: 3, to: 2 });
    expect(drain?.steps[0]).toEqual({ sum: '6 requests/s ÷ 2 others', result: '3/s each' });
    // (840 × 2 + 840) ÷ 2 tokens/s.
    expect(drain?.steps[1]?.result).toMatch(/^1,260\/s each/);
  });

  test('the weight it may keep is the inverse of how much longer it takes', () => {
    const weight = judge(SCENES.sick).remedies.find((r) => r.title.startsWith('Route'));
    expect(weight?.to).toBeCloseTo(CALM / SLOW, 1);
  });
});

describe('what it is compared with', () => {
  test('of two, their past tells which is odd; the confidence stays lower', () => {
    const finding = judge(VARIANTS.pair);
    expect(finding.scope.instances).toEqual(['vllm-1']);
    expect(finding.confidence).toBeLessThanOrEqual(0.8);
  });

  test('alone: its own past, at most 0.5, and nothing is taken out of rotation', () => {
    const finding = judge(VARIANTS.alone);
    expect(finding).toMatchObject({ state: 'detected', variant: 'own-history' });
    expect(finding.confidence).toBeLessThanOrEqual(0.5);
    expect(finding.remedies).toHaveLength(1);
    expect(finding.lede).toContain('earlier it took 28.6 ms');
  });

  test('slower since before the range: said so, no onset, at most 0.6', () => {
    const finding = judge(VARIANTS.always);
    expect(finding).toMatchObject({ state: 'detected', variant: 'always-slower', since: null });
    expect(finding.lede).toContain('always slower in this range');
    expect(finding.confidence).toBeLessThanOrEqual(0.6);
  });

  test('the order and the names of replicas do not matter', () => {
    const swapped = { ...SCENES.sick, replicas: [...SCENES.sick.replicas].reverse() };
    const { score, since, scope } = judge(SCENES.sick);
    expect(judge(swapped)).toMatchObject({ score, since, scope });
  });
});

describe('what the hardware says', () => {
  test('a clock below the peers is a fact; without DCGM it is asked for', () => {
    expect(judge(VARIANTS.clock).facts.find((f) => f.signal === 'gpu-sm-clock')).toMatchObject({
      observed: 690e6,
      expected: 1755e6,
    });
    expect(judge(VARIANTS.clock).missing).toEqual([]);
    expect(judge(SCENES.sick).missing).toEqual(['gpu-sm-clock']);
    expect(judge(VARIANTS.clock).confidence).toBeGreaterThanOrEqual(judge(SCENES.sick).confidence);
  });

  test('a throttled CPU is the likelier cause', () => {
    expect(judge(VARIANTS.throttled)).toMatchObject({
      state: 'ruled-out',
      because: 'vllm-1 takes 2.97 times as long a step, but its CPU limit stops it in 50 % of periods',
    });
  });
});

test('healthy: a third more work and a hiccup of 25 s', () => {
  expect(judge(SCENES.healthy)).toMatchObject({
    state: 'ruled-out',
    because: 'the slowest, vllm-2, takes 99 % of the time its peers take for a step at the same work',
  });
});

test('look-alike: longer steps on the replica that gets most requests are what so many tokens cost', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because: 'the slowest, vllm-1, takes 100 % of the time its peers take for a step at the same work',
  });
});

test('blind: without inter-token latency it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['itl'] });
});

test('all of them slow at once is not one slow replica', () => {
  const readings = SCENES.sick.readings;
  const itl = readings.itl;
  const slow = itl?.histograms.find((h) => h.replica === 'vllm-1');
  if (!itl || !slow) throw new Error('scene without gaps');
  const everywhere = {
    ...SCENES.sick,
    readings: {
      ...readings,
      itl: { ...itl, histograms: itl.histograms.map((h) => ({ ...slow, replica: h.replica })) },
    },
  } as Evidence;
  expect(judge(everywhere).state).toBe('ruled-out');
});

test('a process that has just begun is not compared', () => {
  const fresh = SCENES.sick.grid.from + 45 * SCENES.sick.grid.step;
  const start = SCENES.sick.readings['process-start'];
  if (!start) throw new Error('no such signal');
  const lines = SCENES.sick.replicas.map((r) => ({
    replica: r.id,
    part: '',
    values: Array.from({ length: SCENES.sick.grid.count }, (_, i) => (r.id === 'vllm-1' && i >= 45 ? fresh : 1.7e9)),
  }));
  const restarted = {
    ...SCENES.sick,
    readings: { ...SCENES.sick.readings, 'process-start': { ...start, state: 'present', lines } },
  } as Evidence;
  // Two minutes after its start it is compared again, and then it must last.
  expect(judge(sliceEvidence(restarted, fresh + 150)).state).toBe('ruled-out');
});
