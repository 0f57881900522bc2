import { describe, expect, test } from 'vitest';
import { quantileInterval, shareAtOrBelow } from './histogram.ts';

const BOUNDS = [0.1, 0.25, 0.5, 1];
/** 10 up to 0.1, 30 up to 0.25, 60 up to 0.5, 80 up to 1, 20 above. */
const CUMULATIVE = [10, 30, 60, 80];

describe('a quantile lies in an interval', () => {
  test.each([
    ['in the first bucket', 0.05, { low: 0, high: 0.1, estimate: 0.05 }],
    ['at a bucket edge', 0.3, { low: 0.1, high: 0.25, estimate: 0.25 }],
    ['inside a bucket', 0.45, { low: 0.25, high: 0.5, estimate: 0.375 }],
    ['above the last bound', 0.95, { low: 1, high: null, estimate: 1 }],
    ['the least', 0, { low: 0, high: 0.1, estimate: 0 }],
  ])('%s', (_, q, expected) => {
    const at = quantileInterval(BOUNDS, CUMULATIVE, 100, q);
    expect(at?.low).toBe(expected.low);
    expect(at?.high).toBe(expected.high);
    expect(at?.estimate).toBeCloseTo(expected.estimate, 12);
  });

  test('none of nothing, none without buckets, none of NaN', () => {
    expect(quantileInterval(BOUNDS, [0, 0, 0, 0], 0, 0.5)).toBeNull();
    expect(quantileInterval([], [], 5, 0.5)).toBeNull();
    expect(quantileInterval(BOUNDS, CUMULATIVE, Number.NaN, 0.5)).toBeNull();
  });

  test('a hair of rounding does not move it a bucket up', () => {
    expect(quantileInterval([1, 2], [0.5 - 1e-12, 1], 1, 0.5)?.high).toBe(1);
  });

  test('a first bound below zero is its own floor', () => {
    expect(quantileInterval([-1, 1], [4, 8], 8, 0.25)?.low).toBe(-1);
  });
});

describe('the share at or below', () => {
  test.each([
    ['exact at an edge', 0.25, { low: 0.3, high: 0.3 }],
    ['an interval inside a bucket', 0.3, { low: 0.3, high: 0.6 }],
    ['below the first bound', 0.05, { low: 0, high: 0.1 }],
    ['above the last bound', 5, { low: 0.8, high: 1 }],
    ['an edge in spite of rounding', 0.1 + 1e-12, { low: 0.1, high: 0.1 }],
  ])('%s', (_, x, expected) => {
    expect(shareAtOrBelow(BOUNDS, CUMULATIVE, 100, x)).toEqual(expected);
  });

  test('none of nothing', () => {
    expect(shareAtOrBelow(BOUNDS, [0, 0, 0, 0], 0, 0.5)).toBeNull();
  });

  test('buckets that disagree never give a share above 1 or an empty interval', () => {
    const share = shareAtOrBelow([1, 2], [1.1, 1], 1, 1.5);
    expect(share?.low).toBeLessThanOrEqual(1);
    expect(share?.high).toBeGreaterThanOrEqual(share?.low ?? 0);
  });
});
