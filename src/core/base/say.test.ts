import { expect, test } from 'vitest';
import {
  asSentence,
  inSentence,
  sayAbout,
  sayBytes,
  sayClock,
  sayCount,
  sayDuration,
  sayList,
  sayPart,
  sayShare,
  sig,
} from './say.ts';

test.each([
  [0, '0'],
  [0.001234, '0.0012'],
  [0.0718, '0.072'],
  [0.0949, '0.095'],
  [0.095, '0.1'],
  [0.1, '0.1'],
  [0.456, '0.46'],
  [1.005, '1'],
  [2.345, '2.35'],
  [12.34, '12.3'],
  [123.4, '123'],
  [999.6, '1000'],
  [1234.5, '1,235'],
  [64_000, '64,000'],
  [1.2e9, '1,200,000,000'],
  [-2.5, '-2.5'],
  [Number.NaN, '–'],
  [Number.POSITIVE_INFINITY, '–'],
])('sig(%d) is %s', (x, said) => {
  expect(sig(x)).toBe(said);
});

test.each([
  [0, '0 ms'],
  [0.0364, '36.4 ms'],
  [0.5, '500 ms'],
  [1, '1 s'],
  [4.24, '4.24 s'],
  [59.9, '59.9 s'],
  [60, '1 min'],
  [185, '3 min 5 s'],
  [179.7, '3 min'],
  [599, '9 min 59 s'],
  [600, '10 min'],
  [754, '13 min'],
  [3600, '1 h'],
  [7800, '2 h 10 min'],
  [7199, '2 h'],
  [119_520, '33 h 12 min'],
  [259_200, '3 d'],
  [-5, '5 s'],
])('%d s is said as %s', (seconds, said) => {
  expect(sayDuration(seconds)).toBe(said);
});

test.each([
  [0, '0 %'],
  [0.004, '0.4 %'],
  [0.0309, '3.09 %'],
  [0.22, '22 %'],
  [0.996, '100 %'],
  [1, '100 %'],
])('the share %d is said as %s', (ratio, said) => {
  expect(sayShare(ratio)).toBe(said);
});

test.each([
  [0, 'none'],
  [0.005, 'none'],
  [0.56, '56 %'],
  [0.995, 'all'],
])('the part %d is said as %s', (ratio, said) => {
  expect(sayPart(ratio)).toBe(said);
});

test.each([
  [0, '0 requests'],
  [1, '1 request'],
  [1.4, '1 request'],
  [239, '239 requests'],
  [12_345, '12,345 requests'],
])('%d requests are said as %s', (n, said) => {
  expect(sayCount(n, 'request')).toBe(said);
});

test.each([
  [3, '5 s'],
  [42, '40 s'],
  [89, '90 s'],
  [90, '2 min'],
  [430, '7 min'],
  [5400, '1.5 h'],
  [200_000, '2.31 d'],
])('about %d s is said as %s', (seconds, said) => {
  expect(sayAbout(seconds)).toBe(said);
});

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c'],
])('%j in a row', (names, said) => {
  expect(sayList(names)).toBe(said);
});

test.each([
  ['Load imbalance', 'load imbalance'],
  ['KV cache thrashing', 'KV cache thrashing'],
  ['max_num_seqs ceiling', 'max_num_seqs ceiling'],
  ['GPU underutilization', 'GPU underutilization'],
])('%s inside a sentence', (title, said) => {
  expect(inSentence(title)).toBe(said);
});

test.each([
  [6.4e8, '610 MiB'],
  [2 ** 30, '1 GiB'],
  [8e10, '74.5 GiB'],
  [0, '0 MiB'],
])('sayBytes(%d) is %s', (bytes, said) => {
  expect(sayBytes(bytes)).toBe(said);
});

test.each([
  // at, now
  [1_800_000_059, 1_799_999_000, '08:00 UTC'],
  [1_800_086_399, 1_800_000_000, '07:59 UTC'],
  [1_800_086_400, 1_800_000_000, '2027-01-16 08:00 UTC'],
])('sayClock(%d, %d) is %s', (at, now, said) => {
  expect(sayClock(at, now)).toBe(said);
});

test.each([
  ['mean 200 → 2,000 tokens', 'Mean 200 → 2,000 tokens'],
  ['a token every 50 ms', 'A token every 50 ms'],
  ['vllm-0 restarted', 'vllm-0 restarted'],
  ['max_num_seqs is 64', 'max_num_seqs is 64'],
  ['33 ms a step', '33 ms a step'],
  ['KV cache at 0.97', 'KV cache at 0.97'],
])('at the beginning of a sentence: %s', (words, said) => {
  expect(asSentence(words)).toBe(said);
});
