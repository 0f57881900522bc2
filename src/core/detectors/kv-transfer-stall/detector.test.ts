import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import type { SignalId } from '../../signals/index.ts';
import { kvTransferStall } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => kvTransferStall.judge(judgedOf(evidence, LIMITS, false));
const without = (evidence: Evidence, ...ids: SignalId[]): Evidence => ({
  ...evidence,
  readings: Object.fromEntries(Object.entries(evidence.readings).filter(([id]) => !ids.includes(id as SignalId))),
});

describe('sick', () => {
  test('found with its onset', () => {
    const finding = judge(SCENES.sick);
    expect(finding).toMatchObject({ state: 'detected', variant: 'slow', severity: 'critical' });
    expect(finding.score).toBeGreaterThan(0.8);
    expect(finding.since).toBeGreaterThanOrEqual(ONSET - 10);
    expect(finding.since).toBeLessThanOrEqual(ONSET + 15);
  });

  test('who waits for what, how long a transfer takes, and that nothing is short', () => {
    const facts = judge(SCENES.sick).facts;
    const [parked, time] = facts;
    // Not begun and under way.
    expect(parked).toMatchObject({ signal: 'kv-fetch-stage', observed: 9 + 9 * 38 + 7 });
    expect(time?.expected).toBeCloseTo(0.05, 3);
    expect(time?.observed).toBeGreaterThan(3);
    expect(facts.at(-1)).toMatchObject({ signal: 'kv-cache-usage' });
    for (const fact of facts) expect(fact.query).not.toBeNull();
  });

  test('the speed of the fabric, by size and time', () => {
    const finding = judge(SCENES.sick);
    const seconds = finding.facts[1]?.observed ?? 0;
    const [fabric] = finding.remedies;
    expect(fabric?.title).toMatch(/RDMA/);
    expect(fabric?.steps[0]?.result).toBe(`${(390 / seconds).toFixed(1)} MB/s a transfer and rank`);
    expect(finding.willNotHelp.map((n) => n.title)).toContain('More decode engines');
  });

  test.each([
    ['before the stages were told', VARIANTS.unstaged, 'slow', /RDMA/],
    ['transfers that fail', VARIANTS.failing, 'failing', /out of rotation/],
    ['no transfer ends', VARIANTS.stuck, 'stuck', /out of rotation/],
    ['the stages alone', VARIANTS.store, 'waiting', /balance of prefill and decode/],
    ['scraped once a minute', VARIANTS.minute, 'slow', /RDMA/],
  ])('%s', (_, scene, variant, first) => {
    const finding = judge(scene);
    expect(finding).toMatchObject({ state: 'detected', variant });
    expect(finding.remedies[0]?.title).toMatch(first);
  });

  test('failing transfers hurt, although nobody is parked', () => {
    expect(judge(VARIANTS.failing).severity).toBe('warning');
    // 0.6 of 3 a second for all of the two minutes but the ramp of the window.
    expect(judge(VARIANTS.failing).facts.find((f) => f.signal === 'kv-transfer-failures')?.observed).toBeCloseTo(
      72,
      -1,
    );
  });

  test('stages alone are less sure than transfers that are seen to be slow', () => {
    expect(judge(VARIANTS.store).confidence).toBeLessThanOrEqual(0.7);
    expect(judge(VARIANTS.store).missing).toContain('kv-transfer-time');
  });

  test('only the engines concerned', () => {
    expect(judge(VARIANTS.expired)).toMatchObject({
      state: 'detected',
      scope: { kind: 'instances', instances: ['decode-0'] },
    });
  });
});

test('healthy: a transfer is caught under way now and then', () => {
  expect(judge(SCENES.healthy)).toMatchObject({
    state: 'ruled-out',
    because: '0 requests on average wait for remote KV over 40 s, a transfer takes 50 ms, 0 failed',
  });
});

test('a few failures among many are none', () => {
  const reading = VARIANTS.failing.readings['kv-transfer-failures'];
  const few = {
    ...VARIANTS.failing,
    readings: {
      ...VARIANTS.failing.readings,
      'kv-transfer-failures': {
        ...reading,
        lines: reading?.lines.map((l) => ({ ...l, values: l.values.map((v) => (v === null ? null : v / 60)) })),
      },
    },
  } as Evidence;
  expect(judge(few).state).toBe('ruled-out');
});

test('look-alike: deferred, but not for remote KV', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringMatching(/^0 requests on average wait for remote KV over 40 s, a transfer takes 50 ms/),
  });
});

test('no connector: nothing is transferred here', () => {
  const plain = without(
    SCENES.sick,
    'kv-fetch-stage',
    'kv-transfer-time',
    'kv-transfer-bytes',
    'kv-transfer-failures',
    'kv-transfer-expired',
  );
  expect(judge(plain)).toMatchObject({
    state: 'ruled-out',
    because: 'no KV connector: transfers are counted on 0 of 1 replicas',
  });
});

test('blind: a queue nobody splits', () => {
  expect(judge(SCENES.blind)).toMatchObject({
    state: 'cannot-tell',
    missing: ['waiting-by-reason', 'kv-fetch-stage'],
  });
  expect(judge(without(SCENES.sick, 'running'))).toMatchObject({ state: 'cannot-tell', missing: ['running'] });
});
