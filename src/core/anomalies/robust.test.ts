import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chanceOf, keptOf, levelOf, onsetIn, zBetween } from './robust.ts';

test('the chance of a z is that of tables', () => {
  for (const [z, p] of [
    [0, 1],
    [1.96, 0.05],
    [2.5758, 0.01],
    [3.2905, 0.001],
  ] as const) {
    expect(chanceOf(z)).toBeCloseTo(p, 4);
    expect(chanceOf(-z)).toBeCloseTo(p, 4);
  }
});

test('of many findings those stay that chance does not explain together', () => {
  // Benjamini and Hochberg's own example at 0.05: the first four of fifteen.
  const chances = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
  ];
  expect(keptOf(chances, 0.05).filter(Boolean)).toHaveLength(4);
  expect(keptOf([], 0.05)).toEqual([]);
  expect(keptOf([0.9, 0.8], 0.05)).toEqual([false, false]);
});

test('values that resemble their neighbours count for fewer', () => {
  const apart = levelOf(
    Array.from({ length: 60 }, (_, i) => Math.sin(i * 2.4)),
    1,
  );
  const slow = levelOf(
    Array.from({ length: 60 }, (_, i) => Math.sin(i / 12)),
    1,
  );
  expect(slow?.worth).toBeLessThan((apart?.worth ?? 0) / 4);
  expect(
    levelOf(
      Array.from({ length: 60 }, (_, i) => Math.sin(i * 2.4)),
      6,
    )?.worth,
  ).toBeCloseTo(10);
  expect(levelOf([1, null, 2], 1)).toBeNull();
});

test('properties: a z turns with its sides, grows with the distance and shrinks with the scatter', () => {
  const level = fc.record({
    middle: fc.double({ min: -10, max: 10, noNaN: true }),
    scale: fc.double({ min: 0, max: 5, noNaN: true }),
    worth: fc.double({ min: 1, max: 200, noNaN: true }),
  });
  fc.assert(
    fc.property(level, level, (a, b) => {
      const z = zBetween(a, b, 0.2);
      const wider = { ...a, scale: a.scale + 1 };
      const further = { ...b, middle: a.middle + 2 * (b.middle - a.middle) };
      expect(Number.isFinite(z)).toBe(true);
      expect(z * Math.sign(b.middle - a.middle)).toBeGreaterThanOrEqual(0);
      expect(Math.abs(zBetween(wider, b, 0.2))).toBeLessThanOrEqual(Math.abs(z) + 1e-9);
      expect(Math.abs(zBetween(a, further, 0.2))).toBeGreaterThanOrEqual(Math.abs(z) - 1e-9);
    }),
  );
});

test('an onset is where the new level begins, and nowhere where there is none', () => {
  const before = { middle: 0, scale: 0.1, worth: 30 };
  const after = { middle: 1, scale: 0.1, worth: 30 };
  const line = [...Array<number>(30).fill(0), ...Array<number>(30).fill(1)];
  expect(onsetIn(line, before, after, 0.05)).toBe(30);
  expect(onsetIn(Array<number>(60).fill(0), before, after, 0.05)).toBeNull();
  // A spike alone is no new level.
  expect(
    onsetIn([...Array<number>(20).fill(0), 1, ...Array<number>(20).fill(0)], { ...before, scale: 0.4 }, after, 0.05),
  ).toBeNull();
});
