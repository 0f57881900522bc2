import { expect, it } from 'vitest';
import type { Ground } from '../../core/whatif/ground.ts';
import { ladderOf, movedTo } from './ladder.ts';
import { directionOf, sayFigure, sayStop } from './words.ts';

/** What a ladder looks at. */
const GROUND = {
  seats: 'assumed',
  engines: 2,
  settings: { seats: 1024, budget: 2048, bite: 0, longest: null, answers: null },
} as unknown as Ground;
const CAPPED = { ...GROUND, seats: 'read-off', settings: { ...GROUND.settings, seats: 20 } } as Ground;

it.each([
  ['a cap nobody reached: no limit, at the right end', GROUND, 'max-num-seqs', {}, null, null],
  ['a cap read off: a stop of its own', CAPPED, 'max-num-seqs', {}, 20, 20],
  ['a choice of a link: a stop of its own', GROUND, 'max-new-tokens', { 'max-new-tokens': 321 }, null, 321],
  ['a bite of 0 is off', GROUND, 'long-prefill-token-threshold', { 'long-prefill-token-threshold': 0 }, null, null],
  ['replicas', GROUND, 'replicas', { replicas: 5 }, 2, 5],
  ['a factor', GROUND, 'arrivals', { arrivals: 1.37 }, 1, 1.37],
] as const)('%s', (_, ground, id, moves, today, chosen) => {
  const ladder = ladderOf(ground, id, moves);
  expect(ladder).toMatchObject({ today, chosen });
  for (const value of [today, chosen]) expect(ladder.stops).toContain(value);
  const numbers = ladder.stops.filter((stop) => stop !== null);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  expect(ladder.stops.slice(0, -1)).not.toContain(null);
});

it('moves, and takes back', () => {
  const ladder = ladderOf(CAPPED, 'max-num-seqs', {});
  const moved = movedTo({ arrivals: 2 }, 'max-num-seqs', ladder, 64);
  expect(moved).toEqual({ arrivals: 2, 'max-num-seqs': 64 });
  expect(movedTo(moved, 'max-num-seqs', ladder, 20)).toEqual({ arrivals: 2 });
});

it.each([
  ['ttft-p95', { low: 0.04, mid: 0.325, high: 4.49 }, '325 ms', '40 ms to 4.49 s'],
  ['usage', { low: 0.4, mid: 0.5, high: 0.6 }, '50 %', '40 to 60 %'],
  ['ttft-p95', { low: 59, mid: 90, high: 128 }, '1 min 30 s', '59 s to 2 min 8 s'],
  ['output', { low: 310, mid: 351, high: 387 }, '351 tokens/s', '310 to 387 tokens/s'],
  ['waiting', { low: 245, mid: 245, high: 245 }, '245', null],
  ['ttft-p95', { low: 640, mid: 640, high: null }, 'about 11 min or more', null],
] as const)('says %s %j', (id, span, value, range) => expect(sayFigure(id, span)).toEqual({ value, range }));

it.each([
  ['below the band', { low: 10, mid: 20, high: 30 }, 9, 'less'],
  ['inside it', { low: 10, mid: 20, high: 30 }, 29, 'same'],
  ['above it', { low: 10, mid: 20, high: 30 }, 31, 'more'],
] as const)('a middle %s', (_, now, mid, way) => expect(directionOf(now, { low: mid, mid, high: mid })).toBe(way));

it('says a stop', () => {
  expect(sayStop('max-num-seqs', null)).toBe('not reached');
  expect(sayStop('long-prefill-token-threshold', null)).toBe('off');
  expect(sayStop('kv-cache', 1.5)).toBe('× 1.5');
});
