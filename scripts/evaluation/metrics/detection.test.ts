import { expect, test } from 'vitest';
import type { Watched } from '../moment.ts';
import { momentSaying, times, watchedSaying } from '../testing.ts';
import { datedOf, delayQuantile, detectionOf, scopeOf } from './detection.ts';

const TROUBLE = { primary: 'overload', onset: 60, shows: 70 };

test('found where the right headline stands at the next look too', () => {
  const words = [...times(5, 'healthy'), 'overload', 'healthy', 'overload', 'overload', 'overload'];
  expect(detectionOf(watchedSaying(words, TROUBLE))).toMatchObject({ delay: 45, delayShown: 35 });
  expect(detectionOf(watchedSaying(times(10, 'healthy'), TROUBLE))?.delay).toBeNull();
});

test('fine moments are looked at as well', () => {
  const words = [...times(6, 'healthy'), ...times(4, 'overload')];
  const fine = [65, 70, 75, 80, 85].map((at) => momentSaying(at, at < 75 ? 'healthy' : 'overload'));
  // At 75 s the fine look stands against the coarse one, which said healthy.
  expect(detectionOf({ ...watchedSaying(words, TROUBLE), fine })?.delay).toBe(15);
});

test('before the onset nothing is found, and healthy episodes have no delay', () => {
  expect(detectionOf(watchedSaying(times(10, 'overload'), TROUBLE))?.delay).toBe(0);
  expect(detectionOf(watchedSaying(times(10, 'healthy')))).toBeNull();
});

test.each([
  ['never is longer than anything', [10, null, null], Infinity],
  ['the middle of three', [10, 30, null], 30],
  ['between two', [10, 20], 15],
  ['between one and never', [10, null], Infinity],
  ['of nothing', [], null],
] as const)('median of delays: %s', (_, delays, expected) => {
  expect(delayQuantile(delays, 0.5)).toBe(expected);
});

function saying(since: number | null, instances: readonly string[] = [], truth = TROUBLE): Watched {
  const watched = watchedSaying(times(20, 'overload'), truth);
  return { ...watched, moments: watched.moments.map(({ at }) => momentSaying(at, 'overload', { since, instances })) };
}

test('onset error, with sign and outside of what could be known', () => {
  expect(datedOf(saying(40))).toEqual({ error: 20, offset: -20, outside: 20 });
  expect(datedOf(saying(68))).toEqual({ error: 8, offset: 8, outside: 0 });
  expect(datedOf(saying(80))).toEqual({ error: 20, offset: 20, outside: 10 });
  expect(datedOf(saying(null))).toEqual({ error: null, offset: null, outside: null });
});

test.each([
  ['all, said as all', [], [], true],
  ['all, said one by one', ['a:1', 'b:1'], [], true],
  ['one, by its engine', ['a:1/0'], ['a:1'], true],
  ['another one', ['b:1'], ['a:1'], false],
  ['one too many', [], ['a:1'], false],
] as const)('scope: %s', (_, said, truth, right) => {
  const watched = saying(60, said, { ...TROUBLE, instances: truth } as typeof TROUBLE);
  expect(scopeOf(watched)).toMatchObject({ right: right ? scopeOf(watched)?.of : 0 });
});

test('a fleet of one replica has no scope to miss', () => {
  const watched = saying(60);
  expect(scopeOf({ ...watched, moments: watched.moments.map((moment) => ({ ...moment, replicas: 1 })) })).toBeNull();
});
