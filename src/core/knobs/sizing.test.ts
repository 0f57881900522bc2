import { describe, expect, test } from 'vitest';
import { replicasFor, residentSpread, roundSeats, safeSeats } from './sizing.ts';

describe('safe seats: N·μ + z·σ·√N ≤ 0.92·C', () => {
  // pathologies.md §13, C = 299,584: the four simulated mixes.
  test.each([
    ['near-equal long answers', 3534, 1504, 69, 64],
    ['long answers', 5636, 5047, 36, 32],
    ['heavy-tailed prompts', 3448, 3960, 59, 56],
    ['short chat', 1070, 1004, 225, 224],
  ])('%s', (_, mean, sd, exact, seats) => {
    const fit = safeSeats(299_584, mean, sd);
    expect(Math.abs(fit.exact - exact)).toBeLessThan(1);
    expect(fit.seats).toBe(seats);
    expect(fit.exact * mean + 2.33 * sd * Math.sqrt(fit.exact)).toBeCloseTo(0.92 * 299_584, 3);
  });

  test('without spread it is a division', () => {
    expect(safeSeats(64_000, 1000, 0).exact).toBeCloseTo(58.88, 10);
  });

  test('the arithmetic is shown', () => {
    expect(safeSeats(64_000, 1359, 1247).steps).toEqual([
      { sum: '64,000 tokens × 0.92', result: '58,880 tokens usable' },
      { sum: 'one request holds 1,359 tokens on average', result: 'sd 1,247' },
      { sum: '31.4 fit at 1 % risk, down to a multiple of 8', result: '24 seats' },
    ]);
  });
});

test.each([
  [0.4, 1],
  [1, 1],
  [2, 2],
  [3.9, 2],
  [4, 4],
  [7.9, 4],
  [8, 8],
  [15.9, 8],
  [72.9, 72],
])('%d seats are rounded to %d', (exact, seats) => {
  expect(roundSeats(exact)).toBe(seats);
});

test('spread of one resident: prompts, answers, and where in its answer it is', () => {
  expect(residentSpread(0, 1200, 0)).toBeCloseTo(1200 / Math.sqrt(12), 10);
  expect(residentSpread(900, 0, 0)).toBe(30);
  expect(residentSpread(100, 600, 300)).toBeCloseTo(Math.sqrt(100 + 100 + 30_000), 10);
});

test.each([
  [1, 1.36, 2],
  [4, 0.75, 4],
  [4, 0.76, 5],
  [3, 0.1, 3],
  [2, 3, 8],
])('%d replicas at load %d become %d', (now, load, to) => {
  expect(replicasFor(now, load)).toBe(to);
});
