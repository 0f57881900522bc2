import { expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { seatCeiling } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => seatCeiling.judge(judgedOf(evidence, LIMITS, false));

test.each([
  ['read off the flat top', SCENES.sick],
  ['told', VARIANTS.told],
])('sick, cap %s: found with its onset', (_, scene) => {
  const finding = judge(scene);
  expect(finding).toMatchObject({
    state: 'detected',
    severity: 'critical',
    scope: { kind: 'fleet', instances: ['vllm-0'] },
  });
  expect(finding.score).toBeGreaterThan(0.8);
  expect(finding.since).toBeGreaterThanOrEqual(ONSET - 5);
  expect(finding.since).toBeLessThanOrEqual(ONSET + 45);
});

test('a cap that is told makes it surer than one that is inferred', () => {
  expect(judge(VARIANTS.told).confidence).toBeGreaterThan(judge(SCENES.sick).confidence);
});

test('sick: seats, memory, queue', () => {
  const [seats, memory, waiting] = judge(SCENES.sick).facts;
  expect(seats).toMatchObject({ figure: '8 of 8', limit: 8, unit: 'requests' });
  expect(memory?.observed).toBeCloseTo(0.07, 2);
  expect(waiting?.observed).toBeCloseTo(9 + 5.6 * 39, 5);
  for (const fact of [seats, memory, waiting]) expect(fact?.query).not.toBeNull();
});

test('sick: the smallest of what fits, what keeps the pace, and what the demand needs', () => {
  const [raise, replicas] = judge(SCENES.sick).remedies;
  // Little: 2.88 arrivals/s × (150 × 29.7 ms + 90 ms) ÷ 0.75, up to a multiple of 8.
  const needed = (2.88 * (150 * 0.0297 + 0.09)) / 0.75;
  const to = Math.ceil(needed / 8) * 8;
  expect(raise).toMatchObject({ from: 8, to, flag: `--max-num-seqs ${to}` });
  expect(raise?.steps.map((s) => s.result)).toEqual([
    expect.stringMatching(/^\d+ fit the cache$/),
    expect.stringMatching(/^\d+ keep the token target$/),
    `${Math.ceil(needed)} needed`,
    `${to} seats`,
  ]);
  expect(replicas).toMatchObject({ from: 1, to: Math.ceil(needed / 8 / 0.75) });
});

test('healthy: below the cap', () => {
  const finding = judge(SCENES.healthy);
  expect(finding).toMatchObject({ state: 'ruled-out', because: 'nobody waits; at most 4 of 8 seats taken' });
});

test('look-alike: a flat top that memory makes', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because: 'at most 5 run, and never pinned there while others wait',
  });
});

test('blind: without waiting it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['waiting'] });
});
