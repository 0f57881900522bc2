import { expect, test } from 'vitest';
import { times, watchedSaying } from '../testing.ts';
import { classScores, confusionOf, decisionOf, f1Of, macroF1, mostCommon, topOneOf } from './accuracy.ts';

/** Calm for 4 moments, then trouble that shows at once; the grace ends with moment 8. */
const TROUBLE = { onset: 60, shows: 60 };
const calm = times(4, 'healthy');
const grace = times(4, 'healthy');
const trouble = (primary: string, words: readonly string[], lenient: readonly string[] = []) =>
  watchedSaying([...calm, ...grace, ...words], { ...TROUBLE, primary, lenient });

test('an episode is decided by the second half of its trouble', () => {
  const words = [...times(6, 'seat-ceiling'), ...times(6, 'overload')];
  expect(decisionOf(trouble('overload', words))).toMatchObject({ truth: 'overload', said: 'overload', right: true });
  expect(decisionOf(trouble('seat-ceiling', words))).toMatchObject({ said: 'overload', right: false, lenient: false });
  expect(decisionOf(trouble('seat-ceiling', words, ['overload']))).toMatchObject({ right: false, lenient: true });
});

test('a trouble that is over before the grace is decides nothing', () => {
  expect(decisionOf(watchedSaying(times(10, 'healthy'), { ...TROUBLE, primary: 'overload', end: 90 }))).toBeNull();
});

test('of quiet troubles the advice is the answer, and a loud status is wrong', () => {
  const quiet = { ...TROUBLE, primary: 'gpu-underutilization', quiet: true };
  const saying = (word: string) => decisionOf(watchedSaying([...calm, ...grace, ...times(8, word)], quiet));
  expect(saying('gpu-underutilization 0.7 i')).toMatchObject({ said: 'gpu-underutilization', right: true });
  expect(saying('gpu-underutilization 0.7')).toMatchObject({ said: 'gpu-underutilization', right: false });
  expect(saying('healthy')).toMatchObject({ said: 'healthy', right: false });
});

test('advice under a healthy status is no headline of any other episode', () => {
  expect(decisionOf(watchedSaying(times(8, 'gpu-underutilization 0.7 i')))).toMatchObject({
    said: 'healthy',
    right: true,
  });
});

test('top-1 by moments and by episodes, without the healthy ones', () => {
  const top = topOneOf([
    trouble('overload', [...times(1, 'unknown'), ...times(7, 'overload')]),
    trouble('overload', times(8, 'seat-ceiling'), ['seat-ceiling']),
    watchedSaying(times(8, 'healthy')),
  ]);
  expect(top.moments.strict).toEqual({ hits: 7, of: 16 });
  expect(top.moments.lenient).toEqual({ hits: 15, of: 16 });
  expect(top.episodes.strict).toEqual({ hits: 1, of: 2 });
  expect(top.episodes.lenient).toEqual({ hits: 2, of: 2 });
});

test('recall and precision, by episode and by moment', () => {
  const all = [
    trouble('overload', times(8, 'overload')),
    trouble('overload', times(8, 'healthy')),
    trouble('seat-ceiling', [...times(2, 'seat-ceiling'), ...times(6, 'overload')]),
    watchedSaying(times(8, 'overload')),
  ];
  const [overload, seats] = classScores(all, ['overload', 'seat-ceiling']);
  expect(overload).toMatchObject({
    recall: { hits: 1, of: 2 },
    precision: { hits: 1, of: 3 },
    momentRecall: { hits: 8, of: 16 },
    momentPrecision: { hits: 8, of: 22 },
  });
  expect(overload?.f1).toBeCloseTo(0.4);
  expect(seats).toMatchObject({ recall: { hits: 0, of: 1 }, precision: { hits: 0, of: 0 }, f1: 0 });
  expect(macroF1([overload, seats].filter((score) => score !== undefined))).toBeCloseTo(0.2);
  expect(Object.fromEntries(confusionOf(all).get('overload') ?? [])).toEqual({ overload: 1, healthy: 1 });
});

test('nothing to count is no figure', () => {
  expect(f1Of({ hits: 0, of: 0 }, { hits: 0, of: 3 })).toBeNull();
  expect(macroF1([])).toBeNull();
  expect(mostCommon([])).toBeNull();
  expect(mostCommon(['a', 'b', 'b', 'a'])).toBe('a');
});
