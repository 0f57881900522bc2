import { expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { cudaGraphCliff } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

/** A target that the fast side meets and the slow side misses: 28 ms at 20 running, 54 ms and more from 40 on. */
const judge = (evidence: Evidence) =>
  cudaGraphCliff.judge(judgedOf(evidence, { ttft: 0.5, tbt: 0.05, e2e: 20 }, false));

test('sick: the edge, the jump and the onset', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({ state: 'detected', severity: 'critical', scope: { kind: 'fleet' } });
  const [jump, running] = finding.facts;
  // Half as long again above the edge, which lies between the 20 and 40 running that were seen.
  expect((jump?.observed ?? 0) / (jump?.expected ?? 1)).toBeGreaterThan(1.35);
  expect((jump?.observed ?? 0) / (jump?.expected ?? 1)).toBeLessThan(1.65);
  expect(running?.expected).toBeGreaterThanOrEqual(20);
  expect(running?.expected).toBeLessThanOrEqual(40);
  expect(Math.abs((finding.since ?? 0) - ONSET)).toBeLessThanOrEqual(45);
});

test('sick: graphs up to the largest batch, in a multiple of 8, and seats below the edge', () => {
  const { remedies, facts } = judge(SCENES.sick);
  const graphs = remedies.find((r) => r.knob === 'max-cudagraph-capture-size');
  expect(graphs?.to).toBe(Math.ceil(60 / 8) * 8);
  const seats = remedies.find((r) => r.knob === 'max-num-seqs');
  expect(seats?.to).toBe(Math.floor(((facts[1]?.expected ?? 0) - 1) / 8) * 8);
});

test('healthy: nothing above the edge was ever seen', () => {
  expect(judge(SCENES.healthy).state).toBe('ruled-out');
});

test('look-alike: a smooth slow-down has no edge', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringMatching(/jump/) as string,
  });
});

test('blind: without running it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['running'] });
});

test('a burst over the edge into a queue for seats: steps dearer than their tokens account for', () => {
  const finding = judge(VARIANTS.leap);
  expect(finding).toMatchObject({ state: 'detected', severity: 'critical' });
  expect(finding.lede).toMatch(/^Somewhere between 19 and 64 requests at once/);
  // 20 ms + 64 × 0.4 ms on the line, 2.2 times that on the clock.
  expect(finding.facts[0]?.expected).toBeCloseTo(0.0456, 2);
  expect(finding.facts[0]?.observed).toBeCloseTo(0.1003, 3);
  expect(finding.remedies.find((r) => r.knob === 'max-num-seqs')?.to).toBe(16);
});

test.each(['proportional', 'slowed'] as const)('%s: no edge', (name) => {
  expect(judge(VARIANTS[name]).state).toBe('ruled-out');
});

test('sizes between were never seen: an edge or a bend, it cannot tell', () => {
  expect(judge(VARIANTS.open)).toMatchObject({
    state: 'cannot-tell',
    missing: [],
    // 20 ms + 34 × 0.4 ms on the line.
    ask: expect.stringMatching(
      /^From 34 running on a step takes 42 ms, where batches of up to 19 lead to expect 33\.6 ms/,
    ) as string,
  });
  expect(judge(VARIANTS.straight).state).toBe('ruled-out');
});

test('below the edge again it is over', () => {
  expect(judge(VARIANTS.backBelow).state).toBe('ruled-out');
});

test('a cap that is no multiple of 8 is advice, and no incident', () => {
  const finding = judge(VARIANTS.partialGroup);
  expect(finding).toMatchObject({ state: 'detected', variant: 'partial-group', severity: 'info' });
  expect(finding.remedies[0]).toMatchObject({ knob: 'max-num-seqs', from: 29, to: 24 });
});
