import { expect, test } from 'vitest';
import { momentSaying, times, watchedSaying } from '../testing.ts';
import { alarmsOf, flipsIn, perHour } from './alarms.ts';

test('a false headline is a run, however long; unknown ends it and counts apart', () => {
  const words = [
    ...times(100, 'healthy'),
    ...times(5, 'overload'),
    'seat-ceiling',
    'unknown',
    'unexplained',
    ...times(132, 'gpu-underutilization 0.6 i'),
  ];
  const alarms = alarmsOf([watchedSaying(words)], 15);
  expect(alarms.hours).toBeCloseTo(1);
  expect(alarms.alarms.map(({ from, to, said }) => [from, to, said])).toEqual([
    [1500, 1575, ['overload', 'seat-ceiling']],
    [1605, 1605, ['unexplained']],
  ]);
  expect(perHour(alarms)).toBeCloseTo(2);
  expect(alarms.unknown).toBeCloseTo(1 / 240);
  expect(alarms.advised).toBeCloseTo(132 / 240);
});

test('the calm before an onset counts, the trouble does not', () => {
  const watched = watchedSaying([...times(3, 'healthy'), 'overload', ...times(20, 'overload')], {
    primary: 'overload',
    onset: 60,
    shows: 60,
  });
  const alarms = alarmsOf([watched], 15);
  expect(alarms.hours).toBeCloseTo(60 / 3600);
  expect(alarms.alarms).toHaveLength(1);
  expect(perHour(alarmsOf([], 15))).toBeNull();
});

test.each([
  ['never said', ['healthy', 'healthy'], 0],
  ['said and kept', ['healthy', 'overload', 'overload'], 0],
  ['changed twice', ['healthy', 'overload', 'seat-ceiling', 'overload'], 2],
  ['lost and found again', ['overload', 'healthy', 'overload'], 2],
] as const)('flips: %s', (_, words, expected) => {
  expect(flipsIn(words.map((word, i) => momentSaying(i, word)))).toBe(expected);
});
