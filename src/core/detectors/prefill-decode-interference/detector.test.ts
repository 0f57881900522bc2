import { describe, expect, test } from 'vitest';
import type { Values } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { prefillDecodeInterference } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence, limits = LIMITS) =>
  prefillDecodeInterference.judge(judgedOf(evidence, limits, false));

/** The scene's machine: seconds a prompt token takes. */
const PER_TOKEN = 0.0001;

describe('sick', () => {
  test('answers miss their pace, with the onset', () => {
    const finding = judge(SCENES.sick);
    expect(finding).toMatchObject({ state: 'detected', severity: 'warning', scope: { kind: 'fleet' } });
    expect(finding.confidence).toBeGreaterThan(0.8);
    expect(Math.abs((finding.since ?? 0) - ONSET)).toBeLessThanOrEqual(15);
  });

  test('tail against median, as many stretched gaps as steps with a prompt, prompts computed', () => {
    const [tail, share, computed] = judge(SCENES.sick).facts;
    // 0.42 s lie in the bucket up to 0.5 s.
    expect(tail?.observed).toBe(0.5);
    expect(tail?.expected).toBeLessThan(0.025);
    expect(share?.observed).toBeCloseTo(29 / 255, 2);
    // 1.7 first tokens/s in 14.7 steps/s.
    expect(share?.expected).toBeCloseTo(1.7 / 14.7, 2);
    expect(computed?.observed).toBeCloseTo(6800, -2);
  });

  test('a pace that is missed wants fewer prompts here: replicas from the time prompts take', () => {
    const [apart, more] = judge(SCENES.sick).remedies;
    expect(apart?.steps[0]?.result).toBe(`${Math.round(6800 * PER_TOKEN * 100)} % of the time goes to prompts`);
    const allowed = 1 - 0.0185 / 0.045;
    expect(more).toMatchObject({ from: 1, to: Math.ceil((6800 * PER_TOKEN) / allowed) });
  });

  test('the budget that keeps a step within four targets', () => {
    const budget = judge(SCENES.sick).remedies.find((r) => r.knob === 'max-num-batched-tokens');
    const [median] = [judge(SCENES.sick).facts[0]?.expected ?? 0];
    expect(budget?.from).toBe(8192);
    expect(budget?.to).toBe(Math.floor((4 * LIMITS.tbt - median) / PER_TOKEN / 64) * 64);
    expect(budget?.expect).toContain('The mean pace stays');
  });

  test('a budget that is smaller already is not proposed again', () => {
    const small = { ...SCENES.sick, knobs: { 'max-num-batched-tokens': 512 } };
    expect(judge(small).remedies.some((r) => r.knob === 'max-num-batched-tokens')).toBe(false);
  });
});

test('stutter within the pace hurts nobody and is no finding', () => {
  expect(judge(VARIANTS.stutter)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringMatching(/answers keep their pace all the same$/) as string,
  });
});

test('healthy: a twentieth of the gaps beyond the target for prompts of 500 tokens is how chat runs', () => {
  const finding = judge(SCENES.healthy);
  expect(finding.state).toBe('ruled-out');
  expect(finding.because).toBe('0 % of gaps are longer than 200 ms, and 0 % of answers miss 50 ms a token');
});

test('look-alike: each gap is as slow as the other', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringMatching(/^the median gap is 6\d(\.\d)? ms itself/) as string,
  });
});

test('gaps that come from recomputation, or that no prompt explains, are not this', () => {
  expect(judge(VARIANTS.preempted)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringContaining('preemptions per finished request') as string,
  });
  expect(judge(VARIANTS.hiccups)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringMatching(/^11 % of gaps are stretched, but only 2\.\d+ % of steps carry a prompt$/) as string,
  });
});

test('the target decides: with 150 ms a token nobody is hurt', () => {
  expect(judge(SCENES.sick, { ...LIMITS, tbt: 0.15 }).state).toBe('ruled-out');
});

test('blind: without inter-token latency it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['itl'] });
});

test('a few hundred gaps say nothing of one in a hundred', () => {
  const itl = SCENES.sick.readings.itl;
  if (!itl) throw new Error('scene without gaps');
  const rare = <T>(line: readonly (T | null)[]) => line.map((v) => (typeof v === 'number' ? v / 100 : v));
  const thin = {
    ...SCENES.sick,
    readings: {
      ...SCENES.sick.readings,
      itl: {
        ...itl,
        histograms: itl.histograms.map((h) => ({
          ...h,
          count: rare(h.count),
          sum: rare(h.sum),
          cumulative: h.cumulative.map(rare),
        })),
      },
    },
  } as Evidence;
  expect(judge(thin).because).toMatch(/^fewer than 1,000 gaps/);
});

test('an engine that wakes from a standstill: its one long gap is no prompt', () => {
  // Half a minute without a token, over for a minute.
  const [from, to] = [SCENES.sick.grid.count - 20, SCENES.sick.grid.count - 13];
  const still = (values: Values) => values.map((v, i) => (i >= from && i < to ? 0 : v));
  const readings = Object.fromEntries(
    Object.entries(SCENES.sick.readings).map(([id, reading]) => [
      id,
      ['ttft', 'step-tokens', 'output-tokens'].includes(id)
        ? {
            ...reading,
            lines: reading.lines.map((line) => ({ ...line, values: still(line.values) })),
            histograms: reading.histograms.map((h) => ({ ...h, count: still(h.count) })),
          }
        : reading,
    ]),
  );
  expect(judge(SCENES.sick).state).toBe('detected');
  expect(judge({ ...SCENES.sick, readings }).strength.at(-1)).toBe(0);
});
