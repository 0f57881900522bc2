import { expect, test } from 'vitest';
import { all, any, clamp, fall, ramp } from './score.ts';

test.each([
  [-1, 0],
  [2, 0],
  [3, 0.5],
  [4, 1],
  [9, 1],
])('ramp(%d, 2, 4) is %d, and fall the rest of 1', (x, y) => {
  expect(ramp(x, 2, 4)).toBe(y);
  expect(fall(x, 2, 4)).toBe(1 - y);
});

test.each([
  ['all there', [1, 1, 1], 1],
  ['one missing sinks the whole', [1, 0, 1], 0],
  ['geometric mean', [0.25, 1], 0.5],
  ['three', [0.125, 1, 1], 0.5],
  ['below 0 counts as 0', [-1, 1], 0],
])('all: %s', (_, xs, y) => {
  expect(all(...xs)).toBeCloseTo(y, 12);
});

test.each([
  ['nothing', [], 0],
  ['one', [0.3], 0.3],
  ['two independent', [0.5, 0.5], 0.75],
  ['one certain', [0, 1], 1],
  ['clamped', [2, 0], 1],
])('any: %s', (_, xs, y) => {
  expect(any(...xs)).toBeCloseTo(y, 12);
});

test('clamp', () => {
  expect([clamp(-1), clamp(0.4), clamp(2), clamp(7, 1, 5)]).toEqual([0, 0.4, 1, 5]);
});
