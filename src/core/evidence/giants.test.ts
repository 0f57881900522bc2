import { expect, test } from 'vitest';
import type { Histogram } from './evidence.ts';
import { giantsOf } from './giants.ts';
import { buildScene } from './notation.ts';

const giants = (text: string, seconds = 120) => {
  const scene = buildScene({ steps: 40, histograms: { 'prompt-length': `${text} ...` } });
  return giantsOf(scene.readings['prompt-length']?.histograms[0] as Histogram, scene.grid, 39, seconds);
};

test.each([
  // what arrives, share of tokens (exact: rate × length), share of requests
  ['one in thirty of 24,000', '200*3,24000*0.1', 2400 / 3000, 0.1 / 3.1],
  ['one in sixty of 6,000', '200*3,6000*0.05', 300 / 900, 0.05 / 3.05],
  ['above the last bucket', '300*3,250000*0.05', 12_500 / 13_400, 0.05 / 3.05],
])('%s', (_, text, tokens, requests) => {
  const found = giants(text);
  // Tokens of the ordinary come from bucket middles: here 450 for 600, which the giants are given.
  expect(found?.tokenShare).toBeGreaterThan(tokens - 0.1);
  expect(found?.tokenShare).toBeLessThan(tokens + 0.2);
  expect(found?.requestShare).toBeCloseTo(requests, 6);
  expect(found?.perSecond).toBeCloseTo(requests * (requests < 0.02 ? 3.05 : 3.1), 6);
});

test.each([
  ['all alike', '200*3'],
  ['all long', '24000*3'],
  ['an even spread over one decade', '200..2000*3'],
])('none: %s', (_, text) => {
  expect(giants(text)?.tokenShare).toBe(0);
});

test('their mean length is theirs', () => {
  const found = giants('200*3,24000*0.1');
  expect(found?.mean).toBeGreaterThan(20_000);
  expect(found?.mean).toBeLessThan(26_000);
  expect(found?.median).toBe(200);
});

test('too few to speak of, and nothing measured', () => {
  expect(giants('200*0.03')).toBeNull();
  expect(giants('-')).toBeNull();
  expect(giantsOf(null, { from: 0, step: 5, count: 1 }, 0, 120)).toBeNull();
});
