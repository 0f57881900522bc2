import { expect, test } from 'vitest';
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { trimEvidence } from '../../evidence/slice.ts';
import { memoryLeak } from './detector.ts';
import { SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => memoryLeak.judge(judgedOf(evidence, LIMITS, false));

test('sick, KV blocks: usage at rest rises from rest to rest', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({ state: 'detected', variant: 'kv-blocks', severity: 'warning', since: null });
  expect(finding.score).toBeGreaterThan(0.9);
  expect(finding.confidence).toBeLessThanOrEqual(0.85);
  expect(finding.facts[0]).toMatchObject({ signal: 'kv-cache-usage', observed: 0.17, expected: 0, unit: 'ratio' });
  expect(finding.facts[0]?.says).toContain('in 7 rests, rising from 0.02');
  expect(finding.facts[0]?.query).toContain('kv_cache_usage_perc');
  // 0.15 of the pool in the six hours between first and last rest; 0.83 is left.
  expect(finding.remedies[0]?.steps).toEqual([
    { sum: '(1 − 0.17) ÷ 0.025 an hour', result: 'pool gone in 33 h 12 min' },
  ]);
  expect((1 - 0.17) / (0.15 / 6)).toBeCloseTo(33.2, 5);
});

test.each([
  // variant, bytes an hour, share of the level a day
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

test('what was not measured, or not for long enough, is not called steady', () => {
  const unmeasured = { ...SCENES.healthy, readings: { ...SCENES.healthy.readings, 'gpu-memory-used': undefined } };
  expect(judge(unmeasured)).toMatchObject({ state: 'cannot-tell', missing: ['gpu-memory-used'] });
  expect(judge(VARIANTS.young)).toMatchObject({ state: 'cannot-tell', variant: null });
  const short = judge(trimEvidence(VARIANTS.host, timeAt(VARIANTS.host.grid, 120)));
  expect(short.state).toBe('cannot-tell');
  expect(short.ask).toContain('A trend needs 6 h beyond warm-up; this window has 5 h.');
});
