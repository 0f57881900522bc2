import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { decodeSlowdown } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence, limits = LIMITS) => decodeSlowdown.judge(judgedOf(evidence, limits, false));

/** The scene's machine. */
const ALPHA = 0.02;
const BETA = 0.0001;
const STEP = ALPHA / (1 - BETA * 7200);

describe('sick', () => {
  test('evenly slow, with the onset', () => {
    const finding = judge(SCENES.sick);
    expect(finding).toMatchObject({ state: 'detected', severity: 'warning', scope: { kind: 'fleet' } });
    expect(finding.confidence).toBeGreaterThan(0.8);
    expect(Math.abs((finding.since ?? 0) - ONSET)).toBeLessThanOrEqual(15);
  });

  test('the load explains the step, and the step the pace', () => {
    const [step, running, slow] = judge(SCENES.sick).facts;
    expect(step?.observed).toBeCloseTo(STEP, 3);
    expect(step?.expected).toBeCloseTo(STEP, 3);
    expect(running?.expected).toBeCloseTo(17, 0);
    expect(slow?.observed).toBe(1);
  });

  test('replicas and seats follow from the empty step and the load', () => {
    const [more, fewer] = judge(SCENES.sick).remedies;
    const planned = 0.9 * LIMITS.tbt;
    const load = BETA * 7200;
    const allowed = 1 - ALPHA / planned;
    expect(more).toMatchObject({ from: 1, to: Math.ceil(load / allowed) });
    // At the rate the target allows, so many answers are in one step.
    expect(fewer?.to).toBe(Math.floor(((allowed / load) * 2400 * planned) / 8) * 8);
    expect(fewer?.risk).toContain(`serves ${Math.round((allowed / load) * 100)} %`);
  });
});

test('longer contexts: read from the cache, not computed, and fp8 halves what is read', () => {
  const finding = judge(VARIANTS.contexts);
  expect(finding.state).toBe('detected');
  expect(finding.story?.changed?.title).toMatch(/longer$/);
  expect(finding.remedies.some((r) => r.flag === '--kv-cache-dtype fp8')).toBe(true);
  expect(judge(SCENES.sick).remedies.some((r) => r.flag === '--kv-cache-dtype fp8')).toBe(false);
});

test('releases that do not tell the time per token of a request: by the mean pace, at most 0.6', () => {
  const finding = judge(VARIANTS.old);
  expect(finding).toMatchObject({ state: 'detected', missing: ['time-per-output-token'] });
  expect(finding.confidence).toBeLessThanOrEqual(0.6);
});

test('scraped once a minute', () => {
  const finding = judge(VARIANTS.minute);
  expect(finding.state).toBe('detected');
  const onset = VARIANTS.minute.grid.from + 30 * 60;
  expect(Math.abs((finding.since ?? 0) - onset)).toBeLessThanOrEqual(60);
});

test('healthy: traffic rises within the target', () => {
  expect(judge(SCENES.healthy)).toMatchObject({
    state: 'ruled-out',
    because: '0 % of answers come slower than 50 ms a token',
  });
});

test('look-alike: slow at the load it always had', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because:
      '100 % of answers come slower than 50 ms a token, but the load did not vary with it: it is not what slows them',
  });
});

test('blind: without inter-token latency it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['itl'] });
});

test('the target decides: 100 ms are kept, and 15 ms no batch could keep', () => {
  expect(judge(SCENES.sick, { ...LIMITS, tbt: 0.1 }).state).toBe('ruled-out');
  expect(judge(SCENES.sick, { ...LIMITS, tbt: 0.015 })).toMatchObject({
    state: 'ruled-out',
    because: expect.stringContaining('even an empty step takes 20 ms') as string,
  });
});
