import { expect, test } from 'vitest';
import { endOf, gridBetween, stepsIn, timeAt, timesOf } from './grid.ts';

test.each([
  [100, 130, 5, { from: 100, step: 5, count: 7 }],
  // ends at the end, the start is met or missed by less than a step
  [101, 130, 5, { from: 105, step: 5, count: 6 }],
  [130, 130, 5, { from: 130, step: 5, count: 1 }],
  [140, 130, 5, { from: 130, step: 5, count: 1 }],
  // seven tenths are seven steps of a tenth, whatever binary says
  [0, 0.7, 0.1, { from: 0, step: 0.1, count: 8 }],
])('from %d to %d by %d', (from, to, step, expected) => {
  const grid = gridBetween(from, to, step);
  expect(grid.count).toBe(expected.count);
  expect(grid.from).toBeCloseTo(expected.from, 9);
  expect(endOf(grid)).toBeCloseTo(to, 9);
});

test('times, also outside', () => {
  const grid = { from: 1000, step: 15, count: 3 };
  expect(timesOf(grid)).toEqual([1000, 1015, 1030]);
  expect(timeAt(grid, -1)).toBe(985);
  expect(timeAt(grid, 10)).toBe(1150);
});

test.each([
  [60, 12],
  [12, 2],
  [13, 3],
  [1, 1],
  [0, 1],
])('%d s are %d steps of 5 s', (seconds, steps) => {
  expect(stepsIn({ from: 0, step: 5, count: 9 }, seconds)).toBe(steps);
});
