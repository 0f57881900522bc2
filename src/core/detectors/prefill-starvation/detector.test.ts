import { expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { prefillStarvation } from './detector.ts';
import { ONSET, SCENES } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => prefillStarvation.judge(judgedOf(evidence, LIMITS, false));

test('sick: found with its onset', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({
    state: 'detected',
    severity: 'critical',
    scope: { kind: 'fleet', instances: ['vllm-0'] },
  });
  expect(finding.score).toBeGreaterThan(0.6);
  expect(finding.confidence).toBeGreaterThan(0.7);
  expect(finding.since).toBeGreaterThanOrEqual(ONSET);
  expect(finding.since).toBeLessThanOrEqual(ONSET + 45);
});

test('sick: steps a prompt needs, share of decodes, pace of answers', () => {
  const [chunks, share, pace] = judge(SCENES.sick).facts;
  // 0.62 s of prefill ÷ 37 ms a step.
  expect(chunks?.observed).toBeGreaterThan(15);
  expect(chunks?.observed).toBeLessThan(17);
  expect(chunks?.query).toMatch(/request_prefill_time.*inter_token_latency/);
  // 5,050 output ÷ (5,050 + 1,700) tokens/s.
  expect(share?.observed).toBeCloseTo(0.75, 1);
  expect(pace?.observed).toBeLessThan(LIMITS.tbt);
  for (const fact of [chunks, share, pace]) expect(fact?.query).not.toBeNull();
});

test('sick: a budget that holds all decodes and half a prompt, in multiples of 256', () => {
  const [first] = judge(SCENES.sick).remedies;
  const chunk = Math.ceil(1000 / 2 / 256) * 256;
  const budget = Math.ceil((192 + chunk) / 256) * 256;
  expect(first).toMatchObject({
    knob: 'max-num-batched-tokens',
    from: 256,
    to: budget,
    flag: `--max-num-batched-tokens ${budget}`,
  });
  expect(first?.steps.at(-1)?.result).toBe(`${Math.ceil(1000 / chunk)} steps a prompt`);
});

test('sick: less sure where the budget is not told, and asks for it', () => {
  const { 'max-num-batched-tokens': _, ...knobs } = SCENES.sick.knobs;
  const finding = judge({ ...SCENES.sick, knobs });
  expect(finding.state).toBe('detected');
  expect(finding.confidence).toBeLessThan(judge(SCENES.sick).confidence);
  expect(finding.ask).toContain('max-num-batched-tokens');
});

test('healthy: as many decodes, a prompt in two steps', () => {
  const finding = judge(SCENES.healthy);
  expect(finding.state).toBe('ruled-out');
  expect(finding.because).toMatch(/^a prompt needs 2\.\d+ steps/);
});

test('look-alike: the queue of an overload, but a prompt needs two steps', () => {
  const finding = judge(SCENES.lookAlike);
  expect(finding.state).toBe('ruled-out');
  expect(finding.because).toMatch(/^a prompt needs (1\.9|2)\d* steps/);
});

test('blind: without prefill times it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['prefill-time'] });
});
