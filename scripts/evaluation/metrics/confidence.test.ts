import { expect, test } from 'vitest';
import { times, watchedSaying } from '../testing.ts';
import { binsOf, brierOf, claimsOf, eceOf, sureAndWrong } from './confidence.ts';

const scored = (confidence: number, right: number, of: number) =>
  Array.from({ length: of }, (_, i) => ({ confidence, right: i < right }));

test.each([
  ['kept promises', [...scored(0.2, 20, 100), ...scored(0.8, 80, 100)], 0],
  ['always sure, half right', scored(0.9, 50, 100), 0.4],
  ['one half good, one half bad', [...scored(0.5, 50, 100), ...scored(0.9, 70, 100)], 0.1],
] as const)('calibration error: %s', (_, list, expected) => {
  expect(eceOf(list)).toBeCloseTo(expected, 10);
});

test('the order of equal confidences changes nothing', () => {
  const list = [...scored(0.7, 30, 40), ...scored(0.9, 10, 20)];
  expect(eceOf([...list].reverse())).toBeCloseTo(eceOf(list) ?? 0, 10);
});

test('bins have equal mass, and nothing has no score', () => {
  const list = Array.from({ length: 95 }, (_, i) => ({ confidence: i / 95, right: i % 2 === 0 }));
  const counts = binsOf(list).map((bin) => bin.count);
  expect(counts.reduce((a, b) => a + b, 0)).toBe(95);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  expect(binsOf(scored(0.5, 1, 3))).toHaveLength(3);
  expect(eceOf([])).toBeNull();
  expect(brierOf([])).toBeNull();
  expect(brierOf(scored(0.8, 1, 2))).toBeCloseTo((0.04 + 0.64) / 2, 10);
});

test('claims are headlines that name something; cause and effect are right in the lenient sense', () => {
  const truth = { primary: 'overload', lenient: ['seat-ceiling'], onset: 60, shows: 60 };
  const words = ['prefill-starvation', ...times(7, 'healthy'), 'overload', 'seat-ceiling', 'unknown', 'unexplained'];
  const claims = claimsOf([watchedSaying(words, truth)]);
  expect(claims.map(({ pathology, right, strict }) => [pathology, right, strict])).toEqual([
    ['overload', true, true],
    ['seat-ceiling', true, false],
    ['prefill-starvation', false, false],
  ]);
});

test('sure and wrong: in trouble and in healthy time', () => {
  const truth = { primary: 'overload', lenient: ['seat-ceiling'], onset: 60, shows: 60 };
  const words = [...times(8, 'healthy'), 'overload 0.9', 'seat-ceiling 0.9', 'memory-leak 0.79'];
  const healthy = watchedSaying(['healthy', 'overload 0.8', 'healthy', 'healthy']);
  expect(sureAndWrong([watchedSaying(words, truth), healthy])).toEqual({
    strict: 2,
    lenient: 1,
    moments: 11,
    claims: 4,
    episodes: 2,
    ofEpisodes: 2,
  });
});
