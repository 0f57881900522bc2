import { expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { sliceEvidence } from '../../evidence/slice.ts';
import { engineStall } from '../engine-stall/detector.ts';
import { retryStorm } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => retryStorm.judge(judgedOf(evidence, LIMITS, false));

test('sick: the load stays after its trigger, and the same prompts come again', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({ state: 'detected', variant: 'storm', severity: 'critical' });
  expect(finding.confidence).toBeGreaterThan(0.8);
  expect(Math.abs((finding.since ?? 0) - ONSET)).toBeLessThanOrEqual(15);
  const by = (signal: string) => finding.facts.find((f) => f.signal === signal);
  expect(by('prefix-cache-hits')).toMatchObject({ expected: 0 });
  expect(by('prefix-cache-hits')?.observed).toBeCloseTo(32_000 / 36_000, 2);
  expect(by('http-requests')?.observed).toBeCloseTo(38, 6);
  expect(by('http-requests')?.expected).toBe(2.6);
  expect(by('gateway-requests')?.observed).toBeCloseTo(1, 1);
});

test('found within 45 s', () => {
  expect(judge(sliceEvidence(SCENES.sick, ONSET + 45)).state).toBe('detected');
  expect(judge(sliceEvidence(SCENES.sick, ONSET)).state).toBe('ruled-out');
});

test('sick: half of what it has shown it can do is let in', () => {
  const [admit, budget, refuse] = judge(SCENES.sick).remedies;
  // 2.6/s finished in the calm minutes.
  expect(admit).toMatchObject({ from: '38/s', to: '1.3/s' });
  expect(admit?.steps.at(-1)?.result).toBe(`${Math.round((1 - 1.3 / 38) * 100)} % turned away at the gateway`);
  expect(budget?.steps[0]?.sum).toContain('38 attempts/s');
  // 192 seats and 2.6/s for half a second.
  expect(refuse?.flag).toBe('--max-num-queued-reqs 193');
});

test.each([
  ['without a gateway', VARIANTS.withoutGateway],
  ['without HTTP counters either', VARIANTS.withoutHttp],
])('%s: overload or retries, and never surer than 0.55', (_, scene) => {
  const finding = judge(scene);
  expect(finding).toMatchObject({ state: 'detected', missing: ['gateway-requests'] });
  expect(finding.confidence).toBeLessThanOrEqual(0.55);
  expect(finding.ask).toMatch(/^Overload or retries/);
});

test('live-lock: the stall sees that no token comes, this sees why', () => {
  expect(judge(VARIANTS.liveLock)).toMatchObject({ state: 'detected', variant: 'live-lock', severity: 'critical' });
  expect(engineStall.judge(judgedOf(VARIANTS.liveLock, LIMITS, false))).toMatchObject({ variant: 'live-lock' });
});

test('retries of the gateway itself: more attempts at the engines than requests at the gateway', () => {
  const finding = judge(VARIANTS.gatewayRetries);
  expect(finding.state).toBe('detected');
  expect(finding.lede).toContain('the gateway sends each request 3');
});

test('a queue so deep that nothing is computed to be hit: growth alone, and never surer than 0.55', () => {
  const finding = judge(VARIANTS.deepQueue);
  expect(finding.state).toBe('detected');
  expect(finding.confidence).toBeLessThanOrEqual(0.55);
  expect(finding.lede).toMatch(/as if/);
});

test('who leaves only after a minute of more than can be served adds to an overload; where they left at once it is a storm', () => {
  expect(judge(VARIANTS.afterOverload)).toMatchObject({ state: 'detected', variant: 'after-overload' });
  expect(judge(VARIANTS.deepQueue)).toMatchObject({ state: 'detected', variant: 'storm' });
});

test('healthy: a hit rate of half is no storm', () => {
  expect(judge(SCENES.healthy)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringMatching(/^0 % of requests/),
  });
});

test('look-alike: those who leave do not come again', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because: '99 % of requests are given up, and they do not come again: hit rate 0, before 0',
  });
});

test('more requests with a shared prefix, all answered, are a new tenant', () => {
  expect(judge(VARIANTS.newTenant).state).toBe('ruled-out');
});

test('prompts of another length are other work', () => {
  expect(judge(VARIANTS.longerPrompts)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringMatching(/prompts are 5\.\d+ times as long/),
  });
});

test('blind: without the counters of the prefix cache, or with caching off and no gateway', () => {
  expect(judge(SCENES.blind)).toMatchObject({
    state: 'cannot-tell',
    missing: ['prefix-cache-queries', 'prefix-cache-hits'],
  });
  expect(judge(VARIANTS.cachingOff)).toMatchObject({ state: 'cannot-tell', missing: ['gateway-requests'] });
});

test('the queue it leaves behind is its own until it is empty', () => {
  const dying = judge(VARIANTS.dying);
  expect(dying).toMatchObject({ state: 'detected', variant: 'storm', severity: 'critical' });
  expect(dying.lede).toMatch(/^Few leave by now, .* %, and 70 requests wait from the storm\.$/);
  expect(judge(VARIANTS.over).state).toBe('ruled-out');
});
