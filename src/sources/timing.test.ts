import { expect, test } from 'vitest';
import { chooseStep, rateWindow, scrapeIntervalOf, timingOf } from './timing.ts';

test.each<[string, number[][], number | null]>([
  ['nothing', [], null],
  ['one sample', [[5]], null],
  ['jitter around five seconds', [[0, 5.003, 10, 15.06, 20]], 5],
  ['one scrape missing', [[0, 5, 15, 20, 25]], 5],
  ['half a second', [[0, 0.5, 1, 1.5]], 0.5],
  [
    'fifteen, over several targets',
    [
      [0, 15, 30],
      [3, 18.01],
    ],
    15,
  ],
])('scrape interval: %s', (_, series, seconds) => {
  expect(scrapeIntervalOf(series)).toBe(seconds);
});

test.each<[string, number, number | null, number | undefined, number]>([
  ['half an hour at 5 s', 1800, 5, undefined, 5],
  ['an hour at 5 s just fits', 3600, 5, undefined, 5],
  ['six hours at 5 s, in whole scrapes', 21600, 5, undefined, 30],
  ['a week at 15 s', 604800, 15, undefined, 840],
  ['unknown', 1800, null, undefined, 15],
  ['a wish', 1800, 5, 20, 20],
  ['a wish no server would answer', 86400, 5, 1, 8],
])('step: %s', (_, span, interval, wish, step) => {
  expect(chooseStep(span, interval, wish)).toBe(step);
  expect(span / chooseStep(span, interval, wish)).toBeLessThan(11_000);
});

test.each([
  [5, 5, 20],
  [1, 1, 20],
  [15, 15, 60],
  [15, 120, 120],
  [null, 15, 60],
])('window for a scrape every %s s and a step of %s s is %s s', (interval, step, window) => {
  expect(rateWindow(interval, step)).toBe(window);
});

test('a grid ends exactly where it was asked to', () => {
  expect(timingOf(1000.5, 1100.25, 15)).toEqual({ grid: { from: 1010.25, step: 15, count: 7 }, window: 60 });
});
