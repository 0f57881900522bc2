import { expect, test } from 'vitest';
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { sliceEvidence } from '../../evidence/slice.ts';
import { telemetryGap } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => telemetryGap.judge(judgedOf(evidence, LIMITS, false));

test('sick, target down: the replica by name, since its last answer', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({
    state: 'detected',
    variant: 'target-down',
    severity: 'warning',
    since: ONSET,
    score: 0.5,
    scope: { kind: 'telemetry', instances: ['vllm-1'] },
  });
  expect(finding.facts[0]).toMatchObject({ figure: '1 of 2', observed: 1, expected: 0 });
  expect(finding.facts[0]?.query).toContain('up');
  expect(finding.lede).toMatch(/^vllm-1 has not answered for 3 min:/);
  expect(finding.remedies[0]?.steps[0]?.sum).toContain('http://vllm-1/metrics');
});

test.each([
  ['stale', VARIANTS.stale, 'stale', ['vllm-1']],
  ['all down', VARIANTS.allDown, 'target-down', ['vllm-0', 'vllm-1']],
  ['no series', VARIANTS.noSeries, 'no-series', []],
  ['missing series', SCENES.blind, 'missing-series', []],
] as const)('sick, %s', (_, scene, variant, instances) => {
  const finding = judge(scene);
  expect(finding).toMatchObject({ state: 'detected', variant, scope: { kind: 'telemetry', instances } });
  expect(finding.ask).not.toBe('');
});

test('a sample that stopped is dated by the age that was allowed', () => {
  const { since } = judge(VARIANTS.stale);
  const { grid } = VARIANTS.stale;
  expect(since).toBeGreaterThanOrEqual(timeAt(grid, 40));
  expect(since).toBeLessThanOrEqual(timeAt(grid, 40) + 30);
});

test('healthy: one lost scrape, even at the very end', () => {
  expect(judge(SCENES.healthy)).toMatchObject({
    state: 'ruled-out',
    because: '2 of 2 replicas answered within 5 s',
  });
  expect(judge(sliceEvidence(SCENES.healthy, timeAt(SCENES.healthy.grid, 71))).state).toBe('ruled-out');
});

test('look-alike: values stand still, but they are fresh', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because: '2 of 2 replicas answered within 5 s',
  });
});

/** The other detectors answer "cannot tell" where they are blind; this one is how it is known that they are. */
test('blind: names the series that are gone', () => {
  const finding = judge(SCENES.blind);
  expect(finding.missing).toEqual(['kv-cache-usage', 'ttft', 'output-tokens']);
  expect(finding.lede).toBe('Most of what a verdict needs is missing: kv-cache-usage, ttft and output-tokens.');
});
