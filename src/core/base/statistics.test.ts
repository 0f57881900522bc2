import { describe, expect, test } from 'vitest';
import {
  fitLine,
  known,
  maxOf,
  mean,
  median,
  minOf,
  quantile,
  shareInterval,
  shareOf,
  theilSen,
} from './statistics.ts';

test.each([
  ['values', [3, 1, 2], { mean: 2, max: 3, min: 1, median: 2 }],
  ['gaps are left out, not 0', [null, 4, null, 2], { mean: 3, max: 4, min: 2, median: 3 }],
  ['one', [5], { mean: 5, max: 5, min: 5, median: 5 }],
  ['below zero', [-3, -1], { mean: -2, max: -1, min: -3, median: -2 }],
  ['only gaps', [null, null], { mean: null, max: null, min: null, median: null }],
  ['nothing', [], { mean: null, max: null, min: null, median: null }],
])('%s', (_, values, expected) => {
  expect({ mean: mean(values), max: maxOf(values), min: minOf(values), median: median(values) }).toEqual(expected);
  expect(known(values).every((v) => v !== null)).toBe(true);
});

test.each([
  [0, 1],
  [0.25, 2],
  [0.5, 3],
  [0.75, 4],
  [0.9, 4.6],
  [1, 5],
])('the %d-quantile of 1 to 5 is %d', (q, x) => {
  expect(quantile([5, 3, 1, 4, 2], q)).toBeCloseTo(x, 12);
});

test.each([
  ['few', 12, 1000],
  ['many', 500, 1000],
  ['many alike', 500, 3],
  ['with gaps', 301, 7],
])('a quantile of %s numbers is that of the sorted list', (name, length, kinds) => {
  let x = 42;
  const values = Array.from({ length }, (_, i) => {
    x = (x * 16807) % 2147483647;
    return name === 'with gaps' && i % 3 === 0 ? null : (x % kinds) / 7 - 20;
  });
  const given = [...values];
  const sorted = known(values).sort((a, b) => a - b);
  for (const q of [0, 0.05, 0.25, 0.5, 0.8, 0.99, 1]) {
    const at = (sorted.length - 1) * q;
    const [a, b] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
    expect(quantile(values, q)).toBeCloseTo(a + (b - a) * (at - Math.floor(at)), 12);
  }
  expect(values).toEqual(given);
});

test('share of the known values', () => {
  expect(shareOf([1, null, 3, 5], (v) => v >= 3)).toBeCloseTo(2 / 3, 12);
  expect(shareOf([null], () => true)).toBeNull();
});

describe('a line', () => {
  test.each([
    ['exact', [0, 1, 2, 3], [1, 3, 5, 7], { intercept: 1, slope: 2, points: 4 }],
    ['gaps in either', [0, 1, null, 3, 4], [1, 3, 5, null, 9], { intercept: 1, slope: 2, points: 3 }],
  ])('%s', (_, xs, ys, expected) => {
    const line = fitLine(xs, ys);
    expect(line?.slope).toBeCloseTo(expected.slope, 12);
    expect(line?.intercept).toBeCloseTo(expected.intercept, 12);
    expect(line?.points).toBe(expected.points);
  });
  test.each([
    ['two points', [0, 1], [1, 2]],
    ['no spread in x', [2, 2, 2, 2], [1, 2, 3, 4]],
    ['nothing', [], []],
  ])('none: %s', (_, xs, ys) => {
    expect(fitLine(xs, ys)).toBeNull();
  });
});

describe('Theil–Sen', () => {
  const xs = Array.from({ length: 50 }, (_, i) => i);
  test('finds the slope', () => {
    expect(
      theilSen(
        xs,
        xs.map((x) => 3 + 0.5 * x),
      ),
    ).toBeCloseTo(0.5, 12);
  });
  test('is deaf to outliers', () => {
    expect(
      theilSen(
        xs,
        xs.map((x) => (x % 10 === 0 ? 1e6 : 3 + 0.5 * x)),
      ),
    ).toBeCloseTo(0.5, 1);
  });
  test('needs three points, skips gaps, and does not mind many', () => {
    expect(theilSen([0, 1], [0, 1])).toBeNull();
    expect(theilSen([0, 1, 2, 3], [0, null, null, 3])).toBeNull();
    const many = Array.from({ length: 5000 }, (_, i) => i);
    expect(
      theilSen(
        many,
        many.map((x) => 2 * x),
      ),
    ).toBeCloseTo(2, 12);
  });
});

describe('shareInterval', () => {
  test('few events say little, many say much', () => {
    expect(shareInterval(2, 2).low).toBeLessThan(0.35);
    expect(shareInterval(200, 200).low).toBeGreaterThan(0.97);
    expect(shareInterval(0, 60).high).toBeCloseTo(4 / 64, 3);
  });
  test('holds the share, within 0 and 1', () => {
    for (const [hits, of] of [
      [0, 5],
      [1, 3],
      [7, 70],
      [5, 5],
    ] as const) {
      const { low, high } = shareInterval(hits, of);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      expect(low).toBeLessThanOrEqual(hits / of + 1e-12);
      expect(high).toBeGreaterThanOrEqual(hits / of - 1e-12);
    }
  });
});
