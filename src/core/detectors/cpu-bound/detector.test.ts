import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import type { SignalId } from '../../signals/index.ts';
import { cpuBound } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => cpuBound.judge(judgedOf(evidence, LIMITS, false));
const without = (evidence: Evidence, ...ids: SignalId[]): Evidence => ({
  ...evidence,
  readings: Object.fromEntries(Object.entries(evidence.readings).filter(([id]) => !ids.includes(id as SignalId))),
});

describe('sick', () => {
  test('the front end, with its onset', () => {
    const finding = judge(SCENES.sick);
    expect(finding).toMatchObject({ state: 'detected', variant: 'front-end', severity: 'critical' });
    expect(finding.score).toBeGreaterThan(0.8);
    expect(finding.since).toBeGreaterThanOrEqual(ONSET - 10);
    expect(finding.since).toBeLessThanOrEqual(ONSET + 10);
  });

  test('where the time of a request goes, and who else waits for the event loop', () => {
    const [front, scrape, cores] = judge(SCENES.sick).facts;
    // 4.25 − 0.005 − 2.72, less a step of 16 ms; the first requests after the onset were quicker.
    expect(front?.observed).toBeGreaterThan(1.1);
    expect(front?.observed).toBeLessThanOrEqual(4.25 - 0.005 - 2.72 - 0.016);
    expect(front?.expected).toBeCloseTo(2.75 - 0.005 - 2.72 - 0.016, 3);
    expect(scrape?.observed).toBeGreaterThan(0.6);
    expect(scrape?.expected).toBeCloseTo(0.012, 3);
    expect(cores?.observed).toBeLessThan(0.3);
    for (const fact of [front, scrape, cores]) expect(fact?.query).not.toBeNull();
    expect(front?.query).toMatch(/e2e_request_latency.* - .*request_queue_time.* - .*request_inference_time/);
  });

  test.each([
    ['less than a core: the limit first', SCENES.sick, 'Take the CPU limit away, and give it cores of its own'],
    ['a full event loop: more of them first', VARIANTS.fullLoop, 'Run 2 API servers'],
    ['throttled: the limit first', VARIANTS.throttled, 'Take the CPU limit away, and give it cores of its own'],
  ])('%s', (_, scene, title) => {
    expect(judge(scene).remedies[0]?.title).toBe(title);
  });

  test('API servers by the cores one of them uses', () => {
    const more = judge(VARIANTS.fullLoop).remedies[0];
    expect(more?.to).toBe(Math.ceil(0.98 / 0.6));
    expect(more?.flag).toBe(`--api-server-count ${more?.to}`);
  });

  test('what cAdvisor tells stands among the facts, what it does not tell among what is missing', () => {
    expect(judge(VARIANTS.throttled).facts.at(-1)).toMatchObject({ signal: 'container-cpu-throttled' });
    expect(judge(VARIANTS.throttled).missing).toEqual([]);
    expect(judge(SCENES.sick).missing).toEqual(['container-cpu-throttled']);
  });

  test('the engine: more run, the GPU idles more, steps are longer', () => {
    const finding = judge(VARIANTS.engine);
    // 38 ms a token keep the target of 50 ms, but not the 15 ms people are used to.
    expect(finding).toMatchObject({ state: 'detected', variant: 'engine', severity: 'warning' });
    expect(finding.facts[0]).toMatchObject({ signal: 'gpu-sm-active' });
    expect(finding.since).toBeLessThanOrEqual(ONSET + 45);
  });

  test('the engine by throttling alone is less sure', () => {
    const finding = judge(VARIANTS.heldEngine);
    expect(finding).toMatchObject({ state: 'detected', variant: 'engine' });
    expect(finding.confidence).toBeLessThanOrEqual(0.6);
  });

  test('late since before the window: no onset', () => {
    expect(judge(VARIANTS.always)).toMatchObject({ state: 'detected', variant: 'front-end', since: null });
  });
});

test('one that no longer answers its scrapes is as late as it was; one that refuses them is gone', () => {
  const finding = judge(VARIANTS.unanswered);
  expect(finding).toMatchObject({ state: 'detected', variant: 'unanswered', severity: 'critical' });
  expect(finding.lede).toContain('does not even answer a scrape within 5 s');
  expect(judge(VARIANTS.refused).lede).not.toContain('does not even answer');
});

test('healthy: one slow scrape is none', () => {
  expect(judge(SCENES.healthy)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringMatching(/^8\.7 ms of a request is spent outside the engine, a scrape takes 11 ms/),
  });
});

test('look-alike: the time goes by in the queue', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringMatching(/ms of a request is spent outside the engine, a scrape takes 1\d ms/),
  });
});

test('slower steps with more requests and a busy GPU are physics, not the processor', () => {
  const busy = VARIANTS.engine.readings['gpu-sm-active'];
  const scene = {
    ...VARIANTS.engine,
    readings: {
      ...VARIANTS.engine.readings,
      'gpu-sm-active': { ...busy, lines: busy?.lines.map((l) => ({ ...l, values: l.values.map(() => 0.8) })) },
    },
  } as Evidence;
  expect(judge(scene).state).toBe('ruled-out');
  expect(judge(without(VARIANTS.engine, 'gpu-sm-active')).because).toContain('only with DCGM or cAdvisor');
});

test('what a frozen engine left in front of itself is not the front end', () => {
  expect(judge(VARIANTS.thaw).state).toBe('ruled-out');
  expect(judge(VARIANTS.thawedEngine).state).toBe('ruled-out');
});

test('slow scrapes alone leave it open; first tokens without a queue can do for finished requests', () => {
  expect(judge(VARIANTS.unparted)).toMatchObject({ state: 'cannot-tell', missing: ['inference-time'] });
  expect(judge(without(SCENES.sick, 'inference-time')).state).toBe('detected');
});

test('without scrape times the requests themselves must do, and it is less sure', () => {
  const finding = judge(without(SCENES.sick, 'scrape-duration'));
  expect(finding).toMatchObject({ state: 'detected', variant: 'front-end' });
  expect(finding.confidence).toBeLessThanOrEqual(0.6);
  // A full event loop is a witness, too.
  expect(judge(without(VARIANTS.fullLoop, 'scrape-duration')).confidence).toBeGreaterThan(0.6);
});

test('blind: without running it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['running'] });
});
