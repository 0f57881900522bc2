import { expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { loadImbalance } from './detector.ts';
import { ONSET, SCENES } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => loadImbalance.judge(judgedOf(evidence, LIMITS, false));

test('sick: the hot replica by name, with its onset', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({
    state: 'detected',
    severity: 'critical',
    scope: { kind: 'instances', instances: ['vllm-0'] },
  });
  expect(finding.score).toBeGreaterThan(0.8);
  expect(finding.since).toBeGreaterThanOrEqual(ONSET);
  expect(finding.since).toBeLessThanOrEqual(ONSET + 45);
});

test('sick: running, waiting, share of arrivals', () => {
  const [running, waiting, share] = judge(SCENES.sick).facts;
  expect(running?.observed).toBeCloseTo(24, 0);
  expect(running?.expected).toBeCloseTo(2, 0);
  expect(waiting).toMatchObject({ observed: 7 + 5 * 38, expected: 0 });
  // 6.5 of 8 requests/s; one of four replicas.
  expect(share?.observed).toBeCloseTo(6.5 / 8, 1);
  expect(share?.expected).toBe(0.25);
  for (const fact of [running, waiting, share]) expect(fact?.query).not.toBeNull();
});

test('sick: what each replica would carry', () => {
  const [first] = judge(SCENES.sick).remedies;
  const inAll = 23.9 + 197 + 5.85;
  expect(first?.steps.map((s) => s.result)).toEqual([`${Math.round(inAll)} in all`, `${(inAll / 4).toFixed(1)} each`]);
});

test('sick: replicas of one port are ranks, which have a flag', () => {
  const ranks = {
    ...SCENES.sick,
    replicas: SCENES.sick.replicas.map((r, i) => ({ ...r, instance: 'node', engine: String(i) })),
  };
  expect(judge(ranks).remedies.map((r) => r.flag)).toContain('--data-parallel-hybrid-lb');
});

test('healthy: 9 against 2, and nobody waits', () => {
  const finding = judge(SCENES.healthy);
  expect(finding.state).toBe('ruled-out');
  expect(finding.because).toMatch(/^nobody waits on any replica over 40 s \(busiest 8\.\d+, median 5\.\d+ requests\)$/);
});

test('look-alike: unequal queues without anybody idle', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because: 'the busiest replica has 408 requests, the median 298',
  });
});

test('blind: without waiting it cannot tell; with one replica there is nothing to compare', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['waiting'] });
  const [one] = SCENES.sick.replicas;
  expect(judge({ ...SCENES.sick, replicas: one ? [one] : [] })).toMatchObject({
    state: 'ruled-out',
    because: 'only one replica in scope',
  });
});

/** The scene as a server's log tells it: no latencies, nothing finished. */
const inLog = (evidence: Evidence): Evidence => ({
  ...evidence,
  readings: Object.fromEntries(
    Object.entries(evidence.readings).filter(([id, { histograms }]) => id !== 'finished' && histograms.length === 0),
  ),
});

test('sick, without first tokens: prompt tokens tell that more arrives', () => {
  const finding = judge(inLog(SCENES.sick));
  expect(finding).toMatchObject({ state: 'detected', scope: { instances: ['vllm-0'] } });
  expect(finding.confidence).toBeLessThan(judge(SCENES.sick).confidence);
  expect(finding.facts.map((f) => f.signal)).toEqual(['running', 'waiting']);
  expect(finding.story?.changed?.says).toMatch(/^9\d % of the requests on 1 of 4 replicas$/);
});

test('a slow replica, without first tokens: a queue, and no more prompt tokens than its peers', () => {
  const log = inLog(SCENES.sick);
  const prompt = log.readings['prompt-tokens'];
  const even = prompt && { ...prompt, lines: prompt.lines.map((l) => ({ ...l, values: l.values.map(() => 300) })) };
  const finding = judge({ ...log, readings: { ...log.readings, ...(even ? { 'prompt-tokens': even } : {}) } });
  expect(finding.state).toBe('ruled-out');
});
