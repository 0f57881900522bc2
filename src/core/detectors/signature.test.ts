import { describe, expect, test } from 'vitest';
import { parseValues } from '../evidence/notation.ts';
import { lastEpisode, onsetIndex, persistence, strongest, timeOf } from './signature.ts';

const grid = (count: number, step = 5) => ({ from: 1000, step, count });
const episode = (text: string, step = 5) => {
  const strength = parseValues(text);
  return lastEpisode(strength, grid(strength.length, step));
};

describe('an episode', () => {
  test.each([
    ['never strong', '0x9 0.4x9', null],
    ['one strong sample is none', '0x9 1 0x9', null],
    ['two in a row begin one', '0x9 1 1 0x2', { from: 10, to: 11, on: true }],
    ['still on', '0x9 1x9', { from: 10, to: 19, on: true }],
    ['a weaker spell above the lower level keeps it', '0x9 1x4 0.3x9', { from: 10, to: 24, on: true }],
    ['less than 75 s below it keep it', '0x4 1x4 0x13', { from: 5, to: 9, on: true }],
    ['75 s below it end it', '0x4 1x4 0x14', { from: 5, to: 9, on: false }],
    ['a pause inside does not split it', '0x4 1x4 0x8 1x4', { from: 5, to: 23, on: true }],
    ['the last of two counts', '0x4 1x4 0x19 1x4', { from: 30, to: 34, on: true }],
    ['gaps neither begin nor end one', '0x4 1 _x2 1 1 _x29', { from: 5, to: 9, on: true }],
    ['only gaps', '_x9', null],
  ])('%s', (_, text, expected) => {
    expect(episode(text)).toEqual(expected);
  });

  test('at 30 s a step two samples are enough to end one, too', () => {
    expect(episode('0x4 1x4 0 0 0', 30)).toEqual({ from: 5, to: 9, on: false });
    expect(episode('0x4 1x4 0 0', 30)).toEqual({ from: 5, to: 9, on: true });
  });
});

describe('an onset', () => {
  const onset = (text: string, from: number, level?: number) => {
    const condition = parseValues(text);
    return onsetIndex(condition, grid(condition.length), { from, to: condition.length - 1, on: true }, level);
  };
  test.each([
    ['at the jump', '0x19 1x19', 25, 20],
    ['before the signature is complete', '0x9 1x29', 30, 10],
    ['not at an earlier lone spike', '0x4 1 0x13 1x19', 25, 20],
    ['across a short pause', '0x9 1x9 0x1 1x17', 30, 10],
    ['gaps are stepped over', '0x9 _x4 1x24', 30, 14],
    ['at the end of a slow climb it is where the level is crossed', '0+0.05x20 1x19', 25, 8],
    ['before the window: nothing is known of a beginning', '1x39', 20, null],
    ['before the window, after gaps', '_x4 1x34', 20, null],
  ])('%s', (_, text, from, expected) => {
    expect(onset(text, from)).toBe(expected);
  });

  test('a lower level reaches further down the climb', () => {
    expect(onset('0+0.05x20 1x19', 25, 0.25)).toBeLessThan(onset('0+0.05x20 1x19', 25) as number);
  });

  test('not more than ten minutes back', () => {
    expect(onset('0x9 1x199', 190)).toBe(190 - 120);
  });

  test('a condition that never holds leaves the start of the episode', () => {
    expect(onset('0x39', 20)).toBe(20);
  });
});

test.each([
  ['of the last minute', '0x19 1x11', 1],
  ['half of it', '0x19 0x5 1x5', 0.5],
  ['gaps do not count', '0x19 _x6 1x5', 1],
  ['nothing known', '_x29', 0],
])('persistence %s', (_, text, share) => {
  const strength = parseValues(text);
  expect(persistence(strength, grid(strength.length))).toBeCloseTo(share, 10);
});

test('the strongest lane, a gap only where all have one', () => {
  expect(strongest([parseValues('0.1 _ 0.9 _'), parseValues('0.5 0.2 _ _')], 4)).toEqual([0.5, 0.2, 0.9, null]);
  expect(strongest([], 2)).toEqual([null, null]);
});

test('index to unix seconds', () => {
  expect(timeOf(grid(10), 3)).toBe(1015);
  expect(timeOf(grid(10), null)).toBeNull();
});
