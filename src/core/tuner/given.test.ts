import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatGiven, parseGiven, parseGivenPair } from './given.ts';
import { INPUT_IDS } from './inputs.ts';

test.each([
  ['overhead', '3.5', 3.5 * 2 ** 30],
  ['overhead', '512 MiB', 2 ** 29],
  ['prompt-tokens', '1,200', 1200],
  ['hit-rate', '30%', 0.3],
  ['hit-rate', '0.3', 0.3],
  ['step-empty', '12ms', 0.012],
  ['step-per-token', '33.7 µs', 33.7e-6],
] as const)('%s: %s', (id, text, value) => {
  expect(parseGiven(id, text)).toBeCloseTo(value, 12);
});

test.each([
  ['utilisation', '92', /share of it used: expected 0.05 to 1; got 92/],
  ['overhead', '3 ms', /expected 0GiB to 1020GiB; got 3 ms/],
  ['prompt-tokens', '', /mean prompt: expected 1 to 100000000; got nothing/],
  ['prompt-tokens', 'many', /got many/],
] as const)('%s: %s is refused', (id, text, message) => {
  expect(() => parseGiven(id, text)).toThrow(message);
});

describe('pairs', () => {
  test('with = or :', () => {
    expect(parseGivenPair('prompt-tokens=800')).toEqual({ id: 'prompt-tokens', value: 800 });
    expect(parseGivenPair('prompt-tokens:800')).toEqual({ id: 'prompt-tokens', value: 800 });
    expect(() => parseGivenPair('prompts=800')).toThrow(/expected one of gpu-memory/);
  });
});

test('what is written reads back', () => {
  fc.assert(
    fc.property(fc.constantFrom(...INPUT_IDS), fc.double({ min: 0.1, max: 0.9, noNaN: true }), (id, share) => {
      const scale = { 'gpu-memory': 2 ** 37, weights: 2 ** 35, overhead: 2 ** 33, 'kv-tokens': 1e6 }[id as string] ?? 1;
      const value = ['block-size', 'prompt-tokens', 'answer-tokens', 'held-tokens'].includes(id)
        ? 1 + Math.round(share * 4000)
        : share * scale;
      expect(parseGiven(id, formatGiven(id, value)) / value).toBeCloseTo(1, 12);
    }),
  );
});
