import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { prefixCacheCollapse } from './detector.ts';
import { ONSET, SCENES, STATED } from './scenes.ts';

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

test('stated by the last batch: a fall that holds is found, with less confidence than where hits are counted', () => {
  const finding = judge(STATED.fall);
  expect(finding).toMatchObject({ state: 'detected', missing: ['prefix-cache-queries', 'prefix-cache-hits'] });
  expect(finding.confidence).toBeLessThanOrEqual(0.5);
  expect(finding.since).toBeGreaterThanOrEqual(ONSET - 5);
  expect(finding.since).toBeLessThanOrEqual(ONSET + 30);
  expect(finding.facts[0]).toMatchObject({ signal: 'prefix-cache-hit-rate' });
  expect(finding.facts[0]?.observed).toBeCloseTo(0.055, 3);
  expect(finding.lede).not.toContain('average');
});

test('stated by the last batch: noise is no fall, and no health either', () => {
  const { state, ask } = judge(STATED.noise);
  expect(state).toBe('cannot-tell');
  expect(ask).toContain('stands out of its own spread');
});

test('stated by the last batch: a few low batches at the end are no fall', () => {
  expect(judge(STATED.dip).state).toBe('cannot-tell');
});

test('stated by the last batch: batches drawn at random from one mix are never a collapse', () => {
  const share = fc.integer({ min: 0, max: 100 });
  fc.assert(
    fc.property(fc.array(share, { minLength: 80, maxLength: 80 }), (batches) => {
      const line = batches.map((percent) => String(percent / 100)).join(' ');
      const evidence = buildScene({ ...STATED.text, lines: { ...STATED.text.lines, 'prefix-cache-hit-rate': line } });
      const readings = STATED.foreign(evidence);
      expect(judge(readings).state).not.toBe('detected');
    }),
    { numRuns: 200, seed: 1 },
  );
});
