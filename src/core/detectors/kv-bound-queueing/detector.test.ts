import { expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { kvBoundQueueing } from './detector.ts';
import { ONSET, SCENES } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => kvBoundQueueing.judge(judgedOf(evidence, LIMITS, false));

test('sick: found with its onset although the pool is never seen full', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({
    state: 'detected',
    severity: 'critical',
    scope: { kind: 'fleet', instances: ['vllm-0'] },
  });
  expect(finding.score).toBeGreaterThan(0.8);
  expect(finding.since).toBeGreaterThanOrEqual(ONSET - 5);
  expect(finding.since).toBeLessThanOrEqual(ONSET + 45);
});

test('sick: free tokens against the next prompt, nothing thrown away, a queue', () => {
  const [free, thrown, waiting] = judge(SCENES.sick).facts;
  expect(free?.observed).toBeCloseTo((1 - 0.77) * 16_000, -2);
  expect(free?.expected).toBeCloseTo(3000, -2);
  expect(thrown).toMatchObject({ signal: 'preemptions', observed: 0, compared: 'thrashing > 0.1' });
  expect(waiting?.observed).toBeCloseTo(5 + 3.2 * 38, 5);
  for (const fact of [free, thrown, waiting]) expect(fact?.query).not.toBeNull();
});

test('sick: pools for a load of 0.75', () => {
  const [fp8, replicas, shorter] = judge(SCENES.sick).remedies;
  const load = 1.83 / 1.24;
  expect(fp8).toMatchObject({ flag: '--kv-cache-dtype fp8', to: 'fp8' });
  expect(fp8?.steps.map((s) => s.result)).toEqual([
    'load 1.48',
    `${(load / 0.75).toFixed(2)} × today's KV cache`,
    '≈ 32,000 tokens',
  ]);
  expect(replicas).toMatchObject({ from: 1, to: Math.ceil(load / 0.75) });
  expect(shorter?.steps[0]?.result).toBe(`${Math.floor(16_000 / 3055)} fit at a time`);
});

test('without the size of the pool it is less sure and names no tokens', () => {
  const finding = judge({ ...SCENES.sick, readings: { ...SCENES.sick.readings, 'cache-config': undefined } });
  expect(finding.confidence).toBeLessThan(judge(SCENES.sick).confidence);
  expect(finding.facts.every((f) => !f.says.includes('KV tokens free'))).toBe(true);
});

test('healthy: a full pool with nobody waiting', () => {
  const finding = judge(SCENES.healthy);
  expect(finding.state).toBe('ruled-out');
  expect(finding.because).toMatch(/^nobody waits; [\d,]+ KV tokens free at the tightest moment/);
});

test('look-alike: the same queue, but work is thrown away', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because: 'not orderly: 1.2 preemptions per finished request',
  });
});

test('blind: without KV usage it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['kv-cache-usage'] });
});

test('without the counter of preemptions it is likely at best, and claims no order', () => {
  const finding = judge({ ...SCENES.sick, readings: { ...SCENES.sick.readings, preemptions: undefined } });
  expect(finding).toMatchObject({ state: 'detected', missing: ['preemptions'] });
  expect(finding.confidence).toBeLessThanOrEqual(0.6);
  expect(finding.facts.map((f) => f.signal)).not.toContain('preemptions');
});
