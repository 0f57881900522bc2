import { expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { prefixCacheCollapse } from './detector.ts';
import { ONSET, SCENES } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => prefixCacheCollapse.judge(judgedOf(evidence, LIMITS, false));

test('sick: found with its onset', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({
    state: 'detected',
    severity: 'critical',
    scope: { kind: 'fleet', instances: ['vllm-0'] },
  });
  expect(finding.score).toBeGreaterThan(0.8);
  expect(finding.since).toBeGreaterThanOrEqual(ONSET);
  expect(finding.since).toBeLessThanOrEqual(ONSET + 45);
});

test('sick: hit rate, computed tokens, prompts as long as before', () => {
  const [rate, computed, prompts] = judge(SCENES.sick).facts;
  expect(rate).toMatchObject({ observed: 0, unit: 'ratio' });
  expect(rate?.expected).toBeCloseTo(0.8, 2);
  expect(computed?.observed).toBeCloseTo(7000, -2);
  expect(prompts?.observed).toBeCloseTo(prompts?.expected ?? 0, -2);
  for (const fact of [rate, computed, prompts]) expect(fact?.query).not.toBeNull();
});

test('sick: what a rollback saves', () => {
  const [first] = judge(SCENES.sick).remedies;
  expect(first?.steps.map((s) => s.result)).toEqual([
    `${(3.5 * 2000).toLocaleString('en-US')} prompt tokens/s asked`,
    `${((0.8 - 0) * 7000).toLocaleString('en-US')} tokens/s need not be computed`,
    `${Math.round((1 - 0) / (1 - 0.8))} × the prefill work`,
  ]);
  expect(first?.needsRestart).toBe(false);
});

test('sick: restarting is named among what will not help', () => {
  const finding = judge(SCENES.sick);
  expect(finding.willNotHelp.map((n) => n.title)).toContain('Restarting a replica');
  expect(finding.remedies.every((r) => !r.needsRestart)).toBe(true);
});

test('healthy: a rate that breathes', () => {
  expect(judge(SCENES.healthy)).toMatchObject({
    state: 'ruled-out',
    because: 'hit rate 0.8, at best 0.8 in this window',
  });
});

test('look-alike: there was never anything to lose', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because: 'hit rate 0.05 throughout: there was no reuse to lose',
  });
});

test('blind: without hits it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['prefix-cache-hits'] });
});

test('switched off on every replica it is ruled out', () => {
  const config = SCENES.sick.readings['cache-config'];
  if (!config) throw new Error('the scene has labels');
  const labels = config.labels.map((l) => ({ ...l, labels: { ...l.labels, enable_prefix_caching: 'False' } }));
  const off = { ...SCENES.sick, readings: { ...SCENES.sick.readings, 'cache-config': { ...config, labels } } };
  expect(judge(off).state).toBe('ruled-out');
});
