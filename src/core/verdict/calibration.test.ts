import { expect, test } from 'vitest';
import { DETECTORS } from '../detectors/index.ts';
import { along, CALIBRATION, calibrated, groupOf, type Knots } from './calibration.ts';

const TABLES: readonly (readonly [string, Knots])[] = [
  ['all', CALIBRATION.all],
  ...Object.entries(CALIBRATION.groups).map(([group, knots]) => [group, knots ?? []] as const),
];

test.each(TABLES)('knots ascend in both and stay within what may be said: %s', (_, knots) => {
  for (let i = 1; i < knots.length; i++) {
    expect(knots[i]?.[0]).toBeGreaterThan(knots[i - 1]?.[0] ?? 0);
    expect(knots[i]?.[1]).toBeGreaterThanOrEqual(knots[i - 1]?.[1] ?? 0);
  }
});

test('every detector belongs to a group', () => {
  expect(DETECTORS.filter((detector) => groupOf(detector.id) === null).map((detector) => detector.id)).toEqual([]);
  expect(groupOf('nothing-of-ours')).toBeNull();
});

test('a calibrated confidence never falls as the raw one rises, and is never certain', () => {
  for (const group of ['memory', 'queue', 'decode', 'routing', 'lifecycle', 'telemetry', null] as const) {
    let before = 0;
    for (let raw = 0; raw <= 1; raw += 0.01) {
      const now = calibrated(group, raw);
      expect(now).toBeGreaterThanOrEqual(before);
      expect(now).toBeGreaterThanOrEqual(0.05);
      expect(now).toBeLessThanOrEqual(0.95);
      before = now;
    }
  }
});

test.each([
  ['nothing known', [], 0.4, 0.4],
  ['before the first knot', [[0.5, 0.2]], 0.1, 0.2],
  ['after the last', [[0.5, 0.2]], 0.9, 0.2],
  [
    'half way',
    [
      [0.4, 0.2],
      [0.6, 0.8],
    ],
    0.5,
    0.5,
  ],
] as const)('between knots: %s', (_, knots, raw, expected) => {
  expect(along(knots, raw)).toBeCloseTo(expected, 10);
});
