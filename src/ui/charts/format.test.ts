import { describe, expect, it } from 'vitest';
import type { Unit } from '../../core/base/units.ts';
import {
  axisUnit,
  formatAxisTime,
  formatDuration,
  formatInterval,
  formatNumber,
  formatText,
  formatTick,
  formatTime,
  formatTimeRange,
  formatValue,
} from './format.ts';

describe('formatValue', () => {
  it.each<[number | null, Unit, string, string]>([
    [null, 'seconds', '–', ''],
    [0, 'seconds', '0', 's'],
    [0.0364, 'seconds', '36.4', 'ms'],
    [0.99999, 'seconds', '1', 's'],
    [4.237, 'seconds', '4.24', 's'],
    [101.4, 'seconds', '101', 's'],
    [1500, 'seconds', '25', 'min'],
    [7.9e10, 'bytes', '79', 'GB'],
    [0.9653, 'ratio', '0.97', ''],
    [0.0031, 'ratio', '0.003', ''],
    [0, 'ratio', '0', ''],
    [1, 'ratio', '1.00', ''],
    [239, 'requests', '239', 'requests'],
    [1073.6, 'tokens', '1,074', 'tokens'],
    [0.804, 'per-second', '0.8', '/s'],
    [503.2, 'tokens-per-second', '503', 'tok/s'],
    [0.333, 'requests-per-second', '0.33', 'req/s'],
  ])('%s %s', (value, unit, figure, word) => {
    expect(formatValue(value, unit)).toEqual({ figure, unit: word });
  });
});

it.each([
  [0, '0'],
  [12.34, '12.3'],
  [999.6, '1,000'],
  [9_999, '9,999'],
  [12_345, '12.3k'],
  [233_000, '233k'],
  [1.5e6, '1.5M'],
  [-4.2, '-4.2'],
  [Number.NaN, '–'],
])('formatNumber %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

it('puts a space before words and none before a slash', () => {
  expect(formatText(0.8, 'per-second')).toBe('0.8/s');
  expect(formatText(4.2, 'seconds')).toBe('4.2 s');
  expect(formatText(0.5, 'ratio')).toBe('0.50');
});

it.each<[number | null, number | null, string, string]>([
  [80, 160, '80–160', 's'],
  [0.5, 0.75, '500–750', 'ms'],
  [0.75, 1, '0.75–1', 's'],
  [0, 0.01, 'under 10', 'ms'],
  [2560, null, 'over 42.7', 'min'],
  [null, null, '–', ''],
  [640, 2560, '10.7–42.7', 'min'],
])('formatInterval %s to %s', (low, high, figure, unit) => {
  expect(formatInterval(low, high, 'seconds')).toEqual({ figure, unit });
});

it('ticks take their prefix early, axes one unit for all', () => {
  expect([500, 1000, 1500].map(formatTick)).toEqual(['500', '1k', '1.5k']);
  expect(axisUnit('seconds', 0.3)).toEqual({ word: 'ms', factor: 1000 });
  expect(axisUnit('seconds', 30)).toEqual({ word: 's', factor: 1 });
});

it('tells times in the chosen zone and leaves out what a range shares', () => {
  const at = Date.UTC(2026, 10, 25, 1, 53, 34) / 1000;
  expect(formatTime(at, 'utc')).toBe('01:53:34');
  expect(formatTimeRange(at, at + 25, 'utc')).toBe('01:53:34–59');
  expect(formatTimeRange(at, at + 60, 'utc')).toBe('01:53:34–01:54:34');
  expect(formatAxisTime(at, 120, 'utc')).toBe('01:53');
  expect(formatAxisTime(at, 15, 'utc')).toBe('01:53:34');
  expect(formatDuration(235)).toBe('3 min 55 s');
});
