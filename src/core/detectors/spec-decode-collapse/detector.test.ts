import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import type { SignalId } from '../../signals/index.ts';
import { specDecodeCollapse } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => specDecodeCollapse.judge(judgedOf(evidence, LIMITS, false));
const without = (evidence: Evidence, ...ids: SignalId[]): Evidence => ({
  ...evidence,
  readings: Object.fromEntries(Object.entries(evidence.readings).filter(([id]) => !ids.includes(id as SignalId))),
});

describe('the decision tree', () => {
  test.each([
    ['guesses vanish', SCENES.sick, 'no-drafts'],
    ['guesses stay and are wrong', VARIANTS.rejected, 'rejected'],
    ['fewer guesses are right', VARIANTS.weaker, 'weaker'],
    ['they never were right', VARIANTS.never, 'never'],
    ['scraped once a minute', VARIANTS.minute, 'no-drafts'],
  ])('%s', (_, scene, variant) => {
    expect(judge(scene)).toMatchObject({ state: 'detected', variant });
  });

  test('without the count of drafts the acceptance has to do, and it is less sure', () => {
    const blunt = judge(without(VARIANTS.rejected, 'spec-drafts', 'spec-accepted-by-position'));
    expect(blunt).toMatchObject({ state: 'detected', variant: 'rejected' });
    expect(blunt.confidence).toBeLessThan(judge(VARIANTS.rejected).confidence);
  });
});

describe('sick', () => {
  test('found with its onset', () => {
    const finding = judge(SCENES.sick);
    expect(finding).toMatchObject({ severity: 'critical', scope: { kind: 'fleet', instances: ['vllm-0'] } });
    expect(finding.score).toBeGreaterThan(0.8);
    expect(finding.since).toBeGreaterThanOrEqual(ONSET - 15);
    expect(finding.since).toBeLessThanOrEqual(ONSET + 15);
  });

  test('tokens a step, pace, drafts, acceptance', () => {
    const [perStep, pace, drafts, acceptance] = judge(SCENES.sick).facts;
    expect(perStep?.expected).toBeCloseTo(176 / (176 - 117), 1);
    expect(perStep?.observed).toBeCloseTo(176 / (176 - 3), 1);
    // 3.4 ÷ 176 before, 9.4 ÷ 173 since.
    expect(pace?.expected).toBeCloseTo(3.4 / 176, 3);
    expect(pace?.observed).toBeCloseTo(9.4 / 174, 2);
    expect(drafts?.expected).toBeCloseTo(53 / 59, 2);
    expect(drafts?.observed).toBeLessThan(0.06);
    expect(acceptance?.observed).toBeCloseTo(3 / 7, 1);
    for (const fact of [perStep, pace, drafts, acceptance]) expect(fact?.query).not.toBeNull();
  });

  test('guesses that are not made call for another drafter and for room, not for shorter drafts', () => {
    const { remedies, willNotHelp } = judge(SCENES.sick);
    expect(remedies[0]?.title).toBe('Use a drafter that needs no repetition');
    const slower = Number(/^([\d.]+) times/.exec(remedies[1]?.steps[0]?.result ?? '')?.[1]);
    expect(slower).toBeCloseTo(9.4 / 174 / (3.4 / 176), 0);
    expect(remedies[1]).toMatchObject({ from: 1, to: Math.ceil(slower) });
    expect(willNotHelp[0]?.title).toBe('A shorter draft');
  });

  test('worse guesses: the places that still pay', () => {
    const [shorter] = judge(VARIANTS.weaker).remedies;
    // 51 ÷ 88 = 58 %, then 28 %: one place pays, and brings 1 + 0.58.
    expect(shorter).toMatchObject({ knob: 'num-speculative-tokens', from: 4, to: 1 });
    expect(shorter?.steps[0]?.result).toBe('58 % of drafts');
    expect(shorter?.steps.at(-2)?.result).toMatch(/^1\.5\d tokens a step$/);
  });

  test('blind guesses: the drafter does not fit the model', () => {
    const { remedies, story } = judge(VARIANTS.rejected);
    expect(remedies[0]?.title).toMatch(/^Roll back/);
    expect(remedies[1]?.title).toMatch(/^Switch speculation off/);
    expect(story?.changed?.title).toBe('The drafter no longer fits the model');
  });

  test('what never worked has no onset and is at most advice while tokens keep their target', () => {
    const finding = judge(VARIANTS.never);
    expect(finding).toMatchObject({ since: null, severity: 'info' });
    expect(finding.confidence).toBeLessThanOrEqual(0.75);
  });

  test('slower by half within the target is still worth a warning', () => {
    const generous = specDecodeCollapse.judge(judgedOf(SCENES.sick, { ttft: 0.5, tbt: 0.2, e2e: 10 }, false));
    expect(generous.severity).toBe('warning');
  });
});

test('healthy: guesses vary with the texts', () => {
  const finding = judge(SCENES.healthy);
  expect(finding.state).toBe('ruled-out');
  expect(finding.because).toMatch(
    /^a step brings (2\.\d+|3(\.\d+)?) tokens a request, at best (2\.\d+|3(\.\d+)?) in this window$/,
  );
});

test('look-alike: slower tokens, as many a step', () => {
  const finding = judge(SCENES.lookAlike);
  expect(finding.state).toBe('ruled-out');
  expect(finding.because).toMatch(/^a step brings 2\.98|3 tokens/);
});

test('no speculation is no collapse', () => {
  expect(judge(VARIANTS.off)).toMatchObject({
    state: 'ruled-out',
    because: 'speculation is off: drafts are counted on 0 of 1 replicas',
  });
});

test('a few requests prove nothing: one user, whose next text is harder to guess', () => {
  const reading = SCENES.sick.readings.ttft;
  const few = {
    ...SCENES.sick,
    readings: {
      ...SCENES.sick.readings,
      ttft: { ...reading, histograms: reading?.histograms.map((h) => ({ ...h, count: h.count.map(() => 0.05) })) },
    },
  } as Evidence;
  expect(judge(few)).toMatchObject({ state: 'ruled-out', because: 'fewer than 10 requests to judge the guesses by' });
});

test('blind: drafts without what was right of them; no output', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['spec-accepted-tokens'] });
  expect(judge(without(SCENES.sick, 'output-tokens'))).toMatchObject({
    state: 'cannot-tell',
    missing: ['output-tokens'],
  });
});
