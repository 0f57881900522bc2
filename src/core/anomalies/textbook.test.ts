import { expect, test } from 'vitest';
import { anomaliesIn } from './textbook.ts';

/** Noise without a generator: mean 10, deviation about 0.7, nothing beyond 1. */
const noise = (count: number) => Array.from({ length: count }, (_, i) => 10 + Math.sin(i * 2.399963));

test('a jump is an anomaly, high or low, and the value joins the window afterwards', () => {
  const found = anomaliesIn([...noise(40), 20, ...noise(10), 2]);
  expect(found.map(({ index, direction }) => [index, direction])).toEqual([
    [40, 'high'],
    [51, 'low'],
  ]);
});

test('with fewer than 20 samples before it nothing is', () => {
  expect(anomaliesIn([...noise(19), 1000])).toEqual([]);
  expect(anomaliesIn([...noise(20), 1000])).toHaveLength(1);
});

test('it forgets a lasting step within about ten samples', () => {
  const found = anomaliesIn([...noise(100), ...noise(100).map((value) => value + 10)]);
  expect(found.length).toBeGreaterThan(5);
  expect(Math.max(...found.map(({ index }) => index))).toBeLessThan(115);
});

test('gaps are skipped, and a line without spread has no anomaly', () => {
  expect(anomaliesIn([...noise(30), null, null, 30]).map(({ index }) => index)).toEqual([32]);
  expect(anomaliesIn([...Array.from({ length: 30 }, () => 5), 6])).toEqual([]);
});
