import fc from 'fast-check';
import { expect, test } from 'vitest';
import { knotsOf } from './calibrate.ts';
import { isotonic } from './isotonic.ts';

const points = fc.array(
  fc.record({
    x: fc.integer({ min: 0, max: 20 }),
    y: fc.integer({ min: 0, max: 1 }),
    weight: fc.integer({ min: 1, max: 5 }),
  }),
  { maxLength: 60 },
);

test('never falls, ascends in x, keeps the mass and the mean of it', () => {
  fc.assert(
    fc.property(points, (list) => {
      const pools = isotonic(list);
      for (let i = 1; i < pools.length; i++) {
        expect(pools[i]?.y).toBeGreaterThan(pools[i - 1]?.y ?? Infinity);
        expect(pools[i]?.x).toBeGreaterThan(pools[i - 1]?.x ?? Infinity);
      }
      const mass = (all: typeof list) => all.reduce((sum, one) => sum + one.weight, 0);
      const total = (all: typeof list) => all.reduce((sum, one) => sum + one.weight * one.y, 0);
      expect(mass(pools)).toBeCloseTo(mass(list), 8);
      expect(total(pools)).toBeCloseTo(total(list), 8);
    }),
  );
});

test('every pool is the mean of the points in it', () => {
  fc.assert(
    fc.property(points, (list) => {
      const sorted = [...list].sort((a, b) => a.x - b.x);
      let from = 0;
      for (const pool of isotonic(list)) {
        let [weight, sum] = [0, 0];
        while (weight < pool.weight - 1e-9) {
          const point = sorted[from++];
          if (!point) throw new Error('a pool is heavier than its points');
          weight += point.weight;
          sum += point.weight * point.y;
        }
        expect(sum / weight).toBeCloseTo(pool.y, 8);
      }
      expect(from).toBe(sorted.length);
    }),
  );
});

test('pools adjacent violators', () => {
  const at = (x: number, y: number) => ({ x, y, weight: 1 });
  expect(isotonic([at(1, 0), at(2, 1), at(3, 0), at(4, 1)])).toEqual([
    { x: 1, y: 0, weight: 1 },
    { x: 2.5, y: 0.5, weight: 2 },
    { x: 4, y: 1, weight: 1 },
  ]);
  expect(isotonic([])).toEqual([]);
});

test('knots are few, ascend, and promise neither certainty nor nothing', () => {
  const claims = Array.from({ length: 3000 }, (_, i) => ({ raw: (i % 300) / 300, right: i % 300 > (i * 7919) % 300 }));
  const knots = knotsOf(claims);
  expect(knots.length).toBeLessThanOrEqual(25);
  expect(knots.length).toBeGreaterThan(4);
  for (const [raw, right] of knots.slice(1)) expect(Math.abs(raw - right)).toBeLessThan(0.1);
  expect(knotsOf([{ raw: 0.9, right: true }])).toEqual([
    [0, 0.05],
    [0.9, 0.95],
  ]);
});

test('a pool is level from its first bin to its last', () => {
  const claims = Array.from({ length: 1200 }, (_, i) => ({ raw: 0.4 + i / 3000, right: true }));
  const [, from, to] = knotsOf(claims);
  expect(from).toEqual([0.417, 0.95]);
  expect(to).toEqual([0.783, 0.95]);
});
