import { expect, test } from 'vitest';
import { associationOf, pearsonOf } from './association.ts';

const grid = { from: 0, step: 5, count: 200 };
/** Numbers without a pattern, the same every time. */
function noise(seed: number): number[] {
  let state = seed;
  return Array.from({ length: grid.count }, () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  });
}

test('what goes first is ahead by its lag', () => {
  const first = noise(1);
  const second = first.map((_, i) => first[i - 6] ?? 0.5);
  expect(associationOf(first, second, null, grid)).toMatchObject({ ahead: 30 });
  expect(associationOf(second, first, null, grid)).toMatchObject({ ahead: -30 });
});

test('lines that have nothing to do with each other say nothing', () => {
  expect(associationOf(noise(1), noise(2), null, grid)).toBeNull();
});

test('a common trend is no association, and neither is a common load', () => {
  const up = (values: number[], by: number) => values.map((x, i) => x + by * i);
  expect(associationOf(up(noise(1), 0.1), up(noise(2), 0.1), null, grid)).toBeNull();
  const load = noise(3);
  const of = (seed: number) => noise(seed).map((x, i) => 0.3 * x + 4 * (load[i] as number));
  expect(associationOf(of(4), of(5), null, grid), 'without the load it looks like one').not.toBeNull();
  expect(associationOf(of(4), of(5), load, grid)).toBeNull();
});

test('too few pairs, and lines without spread, say nothing', () => {
  const gap = noise(1).map((x, i) => (i < 10 ? x : null));
  expect(associationOf(gap, noise(1), null, grid)).toBeNull();
  expect(
    associationOf(
      noise(1).map(() => 3),
      noise(2),
      null,
      grid,
    ),
  ).toBeNull();
});

test('correlation of two lines of numbers', () => {
  expect(pearsonOf([1, 2, 3], [2, 4, 6])).toBeCloseTo(1);
  expect(pearsonOf([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1);
  expect(pearsonOf([1, 2, 3], [5, 5, 5])).toBeNull();
  expect(pearsonOf([1], [1])).toBeNull();
});
