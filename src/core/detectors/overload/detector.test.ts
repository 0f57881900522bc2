import { expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { overload } from './detector.ts';
import { AT_THE_DOOR, ONSET, SCENES } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence, planned = false) => overload.judge(judgedOf(evidence, LIMITS, planned));

test('sick: found with its onset', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({
    state: 'detected',
    severity: 'critical',
    scope: { kind: 'fleet', instances: ['vllm-0'] },
  });
  expect(finding.score).toBeGreaterThan(0.8);
  expect(finding.confidence).toBeGreaterThan(0.8);
  expect(finding.since).toBeGreaterThanOrEqual(ONSET);
  expect(finding.since).toBeLessThanOrEqual(ONSET + 45);
  // Retries look the same without the gateway's counters.
  expect(finding.missing).toEqual([]);
});

test('sick: the queue, the work, the step, the load', () => {
  const [waiting, work, step, load] = judge(SCENES.sick).facts;
  expect(waiting).toMatchObject({ signal: 'waiting', observed: 360 });
  // Flat out: 2,048 tokens ÷ 281 ms = 7,288/s; the ramp has less.
  expect(work?.observed).toBeGreaterThan(6800);
  expect(work?.observed).toBeLessThan(7288);
  expect(step?.observed).toBeCloseTo(0.28, 1);
  // 6.5 arrive, 4.67 are served, for 3 min 20 s.
  expect(load?.observed).toBeGreaterThan(1.3);
  expect(load?.observed).toBeLessThan(1.5);
  for (const fact of [waiting, work, step, load]) expect(fact?.query).not.toBeNull();
});

test('sick: refuse beyond seats and what starts within the target, or add replicas for a load of 0.75', () => {
  const [shed, grow] = judge(SCENES.sick).remedies;
  const cap = 256 + Math.round(4.65 * LIMITS.ttft);
  expect(shed).toMatchObject({ knob: 'max-num-queued-reqs', to: cap, flag: `--max-num-queued-reqs ${cap}` });
  expect(grow).toMatchObject({ from: 1, to: Math.ceil(1.36 / 0.75) });
  expect(grow?.expect).toContain('Load 0.68 a replica');
});

test('a planned backlog hurts nobody: neither by waiting, nor by the pace of steps that are full on purpose', () => {
  expect(judge(SCENES.sick).severity).toBe('critical');
  expect(judge(SCENES.sick, true)).toMatchObject({ state: 'detected', severity: 'info' });
});

test('healthy: nobody waits', () => {
  expect(judge(SCENES.healthy)).toMatchObject({
    state: 'ruled-out',
    because: 'nobody waits for long: 0 on average over 40 s',
  });
});

test('look-alike: the queue waits for seats', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because: 'the queue waits for seats, not for engine time (0 % of scrapes)',
  });
});

test('blind: without KV usage it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['kv-cache-usage'] });
});

test('somebody at the door in every scrape, and first tokens that come too soon for a queue', () => {
  expect(judge(AT_THE_DOOR).state).toBe('ruled-out');
});
