import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { workloadShift } from './detector.ts';
import { stabilityIndex } from './lengths.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const judge = (evidence: Evidence) => workloadShift.judge(judgedOf(evidence, { ttft: 0.5, tbt: 0.05, e2e: 10 }, false));

test('sick: prompts three times longer at the same rate, with onset and the work of one request', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({ state: 'detected', severity: 'critical' });
  expect(Math.abs((finding.since ?? 0) - ONSET)).toBeLessThanOrEqual(30);
  expect(finding.story?.changed?.title).toMatch(/^Prompts are (2\.[5-9]\d?|3) times longer$/);
  // 500 + 150 tokens before, about 1,500 + 150 since.
  const work = finding.facts[2]?.observed ?? 0;
  expect(work).toBeGreaterThan(2);
  expect(work).toBeLessThan(1650 / 650 + 0.1);
  const size = finding.remedies.find((r) => r.title.startsWith('Run'));
  // A queue grows, so that the load is measured; the growth of the work, from a planned 0.75, would ask for another size.
  expect(size?.steps.at(-1)).toMatchObject({ result: `${size?.to} replicas` });
  expect(size?.steps.map(({ result }) => result).join()).toMatch(/load \d/);
  expect(size?.to).toBeLessThan(Math.ceil(work));
});

test('healthy: a wide mix that stays the same is no shift', () => {
  expect(judge(SCENES.healthy)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringMatching(/^prompts and answers are 1 times as long/),
  });
});

test('look-alike: more requests of the usual lengths', () => {
  expect(judge(SCENES.lookAlike).state).toBe('ruled-out');
});

test('blind: without prompt lengths it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['prompt-length'] });
});

describe('what is no headline', () => {
  test.each(['harmless', 'shorter'] as const)('%s: a remark', (name) => {
    expect(judge(VARIANTS[name])).toMatchObject({ state: 'detected', severity: 'info' });
  });

  test('lighter requests need no remedy', () => {
    expect(judge(VARIANTS.shorter).remedies).toEqual([]);
  });

  test('a few giants are a long-request spike', () => {
    expect(judge(VARIANTS.giants).state).toBe('ruled-out');
  });

  test('what is left when clients hang up is no other mix', () => {
    expect(judge(VARIANTS.hangUps).state).toBe('ruled-out');
  });
});

describe('a cache that the requests have outgrown', () => {
  test('answers four times longer, the rest as before: the headline, and it says so', () => {
    const finding = judge(VARIANTS.outgrown);
    expect(finding).toMatchObject({ state: 'detected', variant: 'outgrown-cache', severity: 'critical' });
    expect(finding.lede).toMatch(/the KV cache that held the old ones does not hold these/);
  });

  test('where everything changed at once, memory is the headline and this a remark', () => {
    expect(judge(VARIANTS.others)).toMatchObject({ state: 'detected', variant: null, severity: 'info' });
  });
});

describe('stability index', () => {
  const of = (shares: number[], count: number) => ({ shares, count, mean: 1 });
  test('chance alone comes out as nothing', () => {
    expect(stabilityIndex(of([0.25, 0.25, 0.5], 40), of([0.3, 0.25, 0.45], 40))).toBe(0);
  });
  test('a moved mix does not, and more requests make it clearer', () => {
    const few = stabilityIndex(of([0.9, 0.1, 0], 40), of([0.1, 0.5, 0.4], 40));
    expect(few).toBeGreaterThan(1);
    expect(stabilityIndex(of([0.9, 0.1, 0], 400), of([0.1, 0.5, 0.4], 400))).toBeGreaterThan(few);
  });
});
