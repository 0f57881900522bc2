import { expect, test } from 'vitest';
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { trimEvidence } from '../../evidence/slice.ts';
import { gpuUnderutilization } from './detector.ts';
import { SCENES } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => gpuUnderutilization.judge(judgedOf(evidence, LIMITS, false));

test('sick: a matter of cost on all replicas, less sure without SM activity', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({ state: 'detected', severity: 'info', since: null, missing: ['gpu-sm-active'] });
  expect(finding.scope.instances).toHaveLength(4);
  expect(finding.score).toBeGreaterThan(0.9);
  expect(finding.confidence).toBeLessThanOrEqual(0.75);
});

test('sick: the busiest twentieth, with its query', () => {
  const [load, output] = judge(SCENES.sick).facts;
  // 2 of 64 seats are more than 1.8 % of the cache.
  expect(load).toMatchObject({ observed: 2 / 64, expected: 0.75, figure: '0.031' });
  expect(load?.query).toContain('kv_cache_usage_perc');
  expect(output?.query).toContain('generation_tokens_total');
});

test('sick: replicas for the sum of busiest loads at 0.7', () => {
  const [first] = judge(SCENES.sick).remedies;
  expect(first).toMatchObject({ from: 4, to: Math.ceil((4 * (2 / 64)) / 0.7), title: 'Run 1 replica instead of 4' });
  expect(first?.steps[0]?.sum).toBe('sum of busiest loads 0.13 ÷ 0.7');
});

test('a lone replica is not taken away', () => {
  const one = SCENES.sick.replicas[0];
  const readings = Object.fromEntries(
    Object.entries(SCENES.sick.readings).map(([id, r]) => [
      id,
      {
        ...r,
        lines: r.lines.filter((l) => l.replica === one?.id),
        histograms: r.histograms.filter((h) => h.replica === one?.id),
      },
    ]),
  );
  const finding = judge({ ...SCENES.sick, replicas: one ? [one] : [], readings });
  expect(finding.state).toBe('detected');
  expect(finding.remedies[0]?.to).toBeNull();
});

test('healthy: half the seats in the afternoon', () => {
  expect(judge(SCENES.healthy)).toMatchObject({
    state: 'ruled-out',
    because: 'load reaches 0.5 in its busiest twentieth',
  });
});

test('look-alike: a queue means that the engine is not short of work', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because: 'up to 10 requests wait, so the engine is not short of work',
  });
});

test('blind: without KV usage it cannot tell, nor with less than six hours', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['kv-cache-usage'] });
  const short = judge(trimEvidence(SCENES.sick, timeAt(SCENES.sick.grid, 120)));
  expect(short.state).toBe('cannot-tell');
  expect(short.ask).toBe('Needs 6 h that include the usual peak; this window has 5 h. Busiest load so far 0.031.');
});
