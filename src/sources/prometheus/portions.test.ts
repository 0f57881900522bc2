import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foundSpellings } from '../../core/signals/spellings.ts';
import { SIGNALS } from '../../core/signals/index.ts';
import { affordableStep, MOST_SAMPLES, seriesOf } from './portions.ts';

const all = new Map(SIGNALS.map((signal) => [signal.id, foundSpellings(signal, () => true)]));

test('a thousand engines are no more series than a large fleet of any size', () => {
  expect(seriesOf(all, 1000, true)).toBe(seriesOf(all, 10, true));
  expect(seriesOf(all, 1000, true)).toBeLessThan(seriesOf(all, 24, false));
  expect(seriesOf(new Map(), 24, false)).toBe(0);
});

test('half an hour of a large fleet, scraped every ten seconds, is read as finely as it was scraped', () => {
  expect(affordableStep(1800, 10, seriesOf(all, 1000, true))).toBe(10);
});

test('whatever is asked for, a read stays below the limit, at a multiple of the step, and no coarser than needed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 0, max: 50_000 }),
      (span, wished, series) => {
        const step = affordableStep(span, wished, series);
        const samples = (one: number) => series * (Math.floor(span / one) + 1);
        expect(step % wished).toBe(0);
        expect(samples(step)).toBeLessThanOrEqual(MOST_SAMPLES);
        if (step > wished) expect(samples(step - wished)).toBeGreaterThan(MOST_SAMPLES);
      },
    ),
  );
});
