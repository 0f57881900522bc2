import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { deferredAdmission } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => deferredAdmission.judge(judgedOf(evidence, LIMITS, false));
const without = (evidence: Evidence, id: keyof Evidence['readings']): Evidence => ({
  ...evidence,
  readings: { ...evidence.readings, [id]: undefined },
});

describe('sick', () => {
  test('adapters that do not fit, with the onset', () => {
    const finding = judge(SCENES.sick);
    expect(finding).toMatchObject({ state: 'detected', variant: 'adapters', severity: 'critical', missing: [] });
    expect(finding.score).toBeGreaterThan(0.8);
    expect(finding.since).toBeGreaterThanOrEqual(ONSET - 5);
    expect(finding.since).toBeLessThanOrEqual(ONSET + 15);
  });

  test('how many are skipped, for which adapters, and that nothing is short', () => {
    const [skipped, adapters, memory] = judge(SCENES.sick).facts;
    expect(skipped).toMatchObject({ observed: 3 + 2.25 * 38, expected: 0 });
    expect(adapters).toMatchObject({
      figure: '3 of 3',
      detail: 'a0, a4 and a6 run, a1 and a2 wait, 3 fit',
    });
    expect(memory?.observed).toBeLessThan(0.06);
    for (const fact of [skipped, adapters, memory]) expect(fact?.query).not.toBeNull();
    expect(skipped?.query).toContain('num_requests_waiting_by_reason');
  });

  test('adapters a step by what the arrivals need at once', () => {
    const [raise] = judge(SCENES.sick).remedies;
    // Little: 1.7/s × (150 × 26.7 ms + 70 ms) = 7 at once; five run on three adapters, 1.67 each; 7 ÷ 1.67 = 4.2, and five are named.
    expect(raise).toMatchObject({ knob: 'max-loras', from: 3, to: 5, flag: '--max-loras 5 --max-cpu-loras 5' });
    expect(raise?.steps[0]?.result).toMatch(/^7\.0\d requests at once$/);
    expect(raise?.steps[1]?.result).toMatch(/^1\.6\d? an adapter$/);
  });

  test('without adapters it is a grammar', () => {
    const finding = judge(VARIANTS.grammar);
    expect(finding).toMatchObject({ state: 'detected', variant: 'grammar' });
    expect(finding.remedies[0]?.title).toMatch(/^Reuse schemas/);
    expect(finding.remedies.map((r) => r.title)).not.toContain('Restart this replica, then upgrade');
  });

  test('on builds that do not split the queue the names of adapters have to do, and it is less sure', () => {
    const finding = judge(VARIANTS.unsplit);
    expect(finding).toMatchObject({ state: 'detected', variant: 'adapters', missing: ['waiting-by-reason'] });
    expect(finding.confidence).toBeLessThanOrEqual(0.6);
    // All names running, none waits beside them: then nothing tells.
    const labels = VARIANTS.unsplit.readings['lora-adapters'];
    const same = {
      ...VARIANTS.unsplit,
      readings: {
        ...VARIANTS.unsplit.readings,
        'lora-adapters': {
          ...labels,
          labels: labels?.labels.map((l) => ({ ...l, labels: { ...l.labels, waiting_lora_adapters: 'a0' } })),
        },
      },
    } as Evidence;
    expect(judge(same).state).toBe('cannot-tell');
  });

  test('scraped once a minute', () => {
    expect(judge(VARIANTS.minute)).toMatchObject({ state: 'detected', variant: 'adapters' });
  });

  test('no queue that stands, but skipped again and again, and late for it', () => {
    expect(judge(VARIANTS.recurring)).toMatchObject({ state: 'detected', variant: 'adapters', severity: 'warning' });
    // The same skips, and nobody late.
    const ttft = SCENES.healthy.readings.ttft;
    const punctual = { ...VARIANTS.recurring, readings: { ...VARIANTS.recurring.readings, ttft } } as Evidence;
    expect(judge(punctual).state).toBe('ruled-out');
  });

  test('KV kept elsewhere: requests whose KV is still to come are not counted', () => {
    expect(judge(VARIANTS.stored)).toMatchObject({ state: 'detected', variant: 'adapters' });
    const fetch = VARIANTS.stored.readings['kv-fetch-stage'];
    const deferred = SCENES.sick.readings['waiting-by-reason']?.lines.find((l) => l.part === 'deferred')?.values ?? [];
    const all = {
      ...VARIANTS.stored,
      readings: {
        ...VARIANTS.stored.readings,
        'kv-fetch-stage': {
          ...fetch,
          lines: fetch?.lines.map((l) => (l.part === 'in_progress' ? { ...l, values: deferred } : l)),
        },
      },
    } as Evidence;
    expect(judge(all).state).toBe('ruled-out');
  });
});

test('healthy: single skips while an adapter is loaded', () => {
  expect(judge(SCENES.healthy)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringMatching(/^nobody waits over 40 s \(0\.\d+ on average\)$/),
  });
});

test('look-alike: called deferred, but memory is what they lack', () => {
  const finding = judge(SCENES.lookAlike);
  expect(finding.state).toBe('ruled-out');
  expect(finding.because).toMatch(
    /^100 % of the queue is called deferred, but capacity is what it lacks: 4.* run, KV cache at 0\.93$/,
  );
});

test('look-alike: called deferred, but every seat is taken', () => {
  const pinned = { ...VARIANTS.grammar, knobs: { 'max-num-seqs': 6 } };
  expect(judge(pinned).state).toBe('ruled-out');
});

test('twenty seconds of new schemas heal themselves', () => {
  const burst = (values: readonly (number | null)[]) => values.map((_, i) => (i >= 72 && i < 76 ? 8 : 0));
  const scene = VARIANTS.grammar;
  const change = (id: 'waiting' | 'waiting-by-reason') => {
    const reading = scene.readings[id];
    return {
      ...reading,
      lines: reading?.lines.map((l) => (l.part === 'capacity' ? l : { ...l, values: burst(l.values) })),
    };
  };
  const short = {
    ...scene,
    readings: { ...scene.readings, waiting: change('waiting'), 'waiting-by-reason': change('waiting-by-reason') },
  } as Evidence;
  expect(judge(short).state).toBe('ruled-out');
});

test('blind: without the reasons it cannot tell; with nobody waiting there is nothing to tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['waiting-by-reason'] });
  expect(judge(without(SCENES.healthy, 'waiting-by-reason')).state).toBe('ruled-out');
  expect(judge(without(SCENES.sick, 'waiting'))).toMatchObject({ state: 'cannot-tell', missing: ['waiting'] });
});
