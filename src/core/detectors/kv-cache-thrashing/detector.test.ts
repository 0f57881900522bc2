import { expect, test } from 'vitest';
import { judgedOf } from '../../evidence/judged.ts';
import { stretchOf } from '../../evidence/stretch.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { kvCacheThrashing } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => kvCacheThrashing.judge(judgedOf(evidence, LIMITS, false));

test('sick: found with its onset, on the whole fleet', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({
    state: 'detected',
    severity: 'critical',
    scope: { kind: 'fleet', instances: ['vllm-0'] },
  });
  expect(finding.score).toBeGreaterThan(0.8);
  expect(finding.confidence).toBeGreaterThan(0.8);
  expect(finding.confidence).toBeLessThanOrEqual(0.95);
  expect(finding.since).toBeGreaterThanOrEqual(ONSET);
  expect(finding.since).toBeLessThanOrEqual(ONSET + 45);
  expect(finding.strength.slice(0, 40).every((s) => s === 0)).toBe(true);
});

test('sick: preemptions per finished request come first, with their query', () => {
  const [first, ...others] = judge(SCENES.sick).facts;
  expect(first).toMatchObject({ signal: 'preemptions', compared: 'normal < 0.1', unit: 'ratio' });
  // 0.9 preemptions/s over 0.65 finished requests/s once it stands; the first seconds have fewer.
  expect(first?.observed).toBeGreaterThan(1.2);
  expect(first?.observed).toBeLessThan(0.9 / 0.65);
  expect(first?.query).toMatch(/num_preemptions_total.*\/.*request_success_total/);
  expect(others.map((f) => f.signal)).toEqual(['kv-cache-usage', 'running', 'waiting']);
  const held = others.find((f) => f.signal === 'running');
  // 0.97 of 64,000 tokens ÷ 45 running.
  expect(held?.observed).toBeGreaterThan(1250);
  expect(held?.observed).toBeLessThan(1450);
});

test('sick: the answers fit the cache, and the load is carried', () => {
  const judged = judgedOf(SCENES.sick, LIMITS, false);
  const [first] = judge(SCENES.sick).remedies;
  expect(first?.knob).toBe('max-num-seqs');
  const cap = Number(/"max_new_tokens":(\d+)/.exec(first?.flag ?? '')?.[1]);
  const seats = Number(first?.to);
  expect(first?.flag).toBe(`--max-num-seqs ${seats} --override-generation-config '{"max_new_tokens":${cap}}'`);
  expect(cap % 64).toBe(0);
  // N·μ + z·σ·√N ≤ 0.92·C with μ = prompt + cap ÷ 2; σ from the two uniform spreads, here at least that of the answers.
  const mean = 280 + cap / 2;
  const sd = cap / Math.sqrt(12);
  expect(seats * mean + 2.33 * sd * Math.sqrt(seats)).toBeLessThanOrEqual(0.92 * 64_000);
  expect((seats + 16) * mean + 2.33 * sd * Math.sqrt(seats + 16)).toBeGreaterThan(0.92 * 64_000);
  const split = SCENES.sick.grid.count - 37;
  const now = stretchOf(judged.engines, judged.grid, split, judged.end);
  expect(((now.arrivals ?? 0) * cap * 0.035) / seats).toBeLessThan(0.76);
});

test('sick: without a cap on answers the seats come from what one request holds', () => {
  const second = judge(SCENES.sick).remedies[1];
  const seats = Number(second?.to);
  expect(second?.flag).toBe(`--max-num-seqs ${seats}`);
  expect(seats % 8).toBe(0);
  // Fewer than the 45 that thrash, more than half of what a pool of equal requests would take.
  expect(seats).toBeLessThan(45);
  expect(seats).toBeGreaterThanOrEqual(24);
});

test('before the counter moves: fewer run although nobody finished, and as many more wait', () => {
  const finding = judge(VARIANTS.uncounted);
  expect(finding).toMatchObject({ state: 'detected', severity: 'critical' });
  expect(finding.confidence).toBeLessThanOrEqual(0.75);
  expect(finding.facts[0]).toMatchObject({ signal: 'running', compared: 'counted so far 0', unit: 'requests' });
  // 62 → 45 with a full pool, less the two that at most finished in the rate window.
  expect(finding.facts[0]?.observed).toBeCloseTo(15, 0);
  expect(judge(VARIANTS.orderly).state).toBe('ruled-out');
});

test('healthy: 1 preemption for 14 finished requests is normal', () => {
  const finding = judge(SCENES.healthy);
  expect(finding.state).toBe('ruled-out');
  expect(finding.because).toBe('0.072 preemptions per finished request (below 0.1 is normal); KV usage at most 0.93');
});

test('look-alike: an orderly queue before a full pool is ruled out by the same ratio', () => {
  const finding = judge(SCENES.lookAlike);
  expect(finding.state).toBe('ruled-out');
  expect(finding.because).toMatch(/^0\.03\d* preemptions per finished request/);
});

test.each(['preemptions', 'kv-cache-usage', 'finished'] as const)('blind: without %s it cannot tell', (id) => {
  const evidence = { ...SCENES.sick, readings: { ...SCENES.sick.readings, [id]: undefined } };
  expect(judge(evidence)).toMatchObject({ state: 'cannot-tell', missing: [id] });
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['preemptions'] });
});
