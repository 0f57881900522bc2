import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asksLike, lengthsLike, type Lengths, type Traffic } from './traffic.ts';

const BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000];

/** What a server would count of these lengths. */
function counted(lengths: readonly number[]): Lengths {
  return {
    bounds: BOUNDS,
    cumulative: BOUNDS.map((bound) => lengths.filter((l) => l <= bound).length),
    count: lengths.length,
    sum: lengths.reduce((a, b) => a + b, 0),
  };
}
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('lengthsLike', () => {
  it('a few giants among short ones: their number, and nearly the mean', () => {
    const seen = [...Array.from({ length: 96 }, (_, i) => 200 + 6 * i), 24_000, 26_000, 28_000, 30_000];
    const made = lengthsLike(counted(seen), 500);
    expect(made.filter((l) => l > 20_000)).toHaveLength(20);
    expect(mean(made) / mean(seen)).toBeCloseTo(1, 1);
  });

  it('any lengths: as many as asked for, in the buckets they were in, with nearly the mean where one bucket is loose', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 49_000 }), { minLength: 20, maxLength: 200 }),
        fc.integer({ min: 1, max: 400 }),
        (seen, n) => {
          const lengths = counted(seen);
          const made = lengthsLike(lengths, n);
          expect(made).toHaveLength(n);
          const again = counted(made);
          // Shares of n are whole requests: one may fall on the other side of a bound.
          for (const [i, below] of lengths.cumulative.entries())
            expect(Math.abs((again.cumulative[i] as number) / n - below / seen.length)).toBeLessThanOrEqual(1.01 / n);
        },
      ),
      { numRuns: 80 },
    );
  });
});

const TRAFFIC: Traffic = {
  seconds: 100,
  arrivals: 2,
  prompts: counted(Array.from({ length: 60 }, (_, i) => 200 + 10 * i)),
  answers: counted(Array.from({ length: 60 }, (_, i) => 60 + 3 * i)),
  hitRate: 0.5,
  running: 10,
  waiting: 4,
  pairing: 'chance',
};

describe('asksLike', () => {
  it('as many as arrived and as were there, in order of arrival; the same seed gives the same', () => {
    const { asks, underway } = asksLike(TRAFFIC, 1, 1, 7);
    expect(asks).toHaveLength(204);
    expect(asks.filter((a) => a.at < 0)).toHaveLength(4);
    expect(asks.every((a, i) => i === 0 || a.at >= (asks[i - 1]?.at ?? 0))).toBe(true);
    expect(underway).toHaveLength(10);
    expect(underway.every((u) => u.written >= 0 && u.written < u.answer)).toBe(true);
    expect(asksLike(TRAFFIC, 1, 1, 7)).toEqual({ asks, underway });
    expect(asksLike(TRAFFIC, 1, 1, 8)).not.toEqual({ asks, underway });
  });

  it.each([
    [0.5, 102, 5],
    [2, 408, 20],
  ])('%s times the arrivals', (factor, asks, underway) => {
    const made = asksLike(TRAFFIC, factor, 1, 1);
    expect(made.asks).toHaveLength(asks);
    expect(made.underway).toHaveLength(underway);
  });

  it.each([
    ['long-with-short', -1],
    ['long-with-long', 1],
  ] as const)('%s: the longest prompt has the answer at that end', (pairing, sign) => {
    const { asks } = asksLike({ ...TRAFFIC, waiting: 0 }, 1, 1, 1);
    const paired = asksLike({ ...TRAFFIC, waiting: 0, pairing }, 1, 1, 1).asks;
    const along = (some: typeof asks) => {
      const [p, a] = [mean(some.map((x) => x.prompt)), mean(some.map((x) => x.answer))];
      return mean(some.map((x) => (x.prompt - p) * (x.answer - a)));
    };
    expect(along(paired) * sign).toBeGreaterThan(10 * Math.abs(along(asks)));
  });

  it('shares what is cached as far as told', () => {
    for (const sharing of [0, 1])
      for (const a of asksLike(TRAFFIC, 1, sharing, 1).asks) {
        expect(a.cached).toBe(Math.floor(a.prompt / 2));
        expect(a.shared).toBe(sharing * a.cached);
      }
  });
});
