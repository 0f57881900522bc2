import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ask, type Pace, play, type Settings } from './scheduler.ts';

const SETTINGS: Settings = {
  seats: 64,
  budget: 2048,
  bite: 0,
  pool: 100_000,
  block: 16,
  longest: null,
  answers: null,
  prefixCaching: true,
};
const PACE: Pace = { empty: 0.025, scheduled: 0.000125, resident: 0 };

function ask(at: number, prompt: number, answer: number, more: Partial<Ask> = {}): Ask {
  return { at, prompt, answer, cached: 0, shared: 0, ...more };
}
const at0 = (n: number, prompt: number, answer: number) => Array.from({ length: n }, () => ask(0, prompt, answer));

describe('play', () => {
  it('a lone request: its prompt in one step, then a token a step', () => {
    const played = play(SETTINGS, PACE, [ask(0, 1000, 11)], [], 60);
    expect(played.firstTokens).toHaveLength(1);
    expect(played.firstTokens[0]).toBeCloseTo(0.025 + 0.000125 * 1000, 9);
    expect(played.gaps.reduce((n, [, count]) => n + count, 0)).toBe(10);
    for (const [gap] of played.gaps) expect(gap).toBeCloseTo(0.025 + 0.000125, 9);
    expect(played.whole[0]).toBeCloseTo(0.15 + 10 * 0.025125, 9);
    expect(played.output * 60).toBeCloseTo(11, 9);
  });

  it('seats: with two of them, the third waits until one ends', () => {
    const played = play({ ...SETTINGS, seats: 2 }, PACE, at0(3, 100, 50), [], 60);
    expect(played.runningMost).toBe(2);
    const [first, , third] = [...played.firstTokens].sort((a, b) => a - b) as [number, number, number];
    expect(third).toBeGreaterThan(first + 49 * 0.025);
  });

  it('token budget: what does not fit a step is computed in the next', () => {
    const [one] = play({ ...SETTINGS, budget: 512 }, PACE, [ask(0, 1024, 1)], [], 60).firstTokens;
    expect(one).toBeCloseTo(2 * 0.025 + 0.000125 * 1024, 9);
  });

  it('bite: a short prompt behind a long one starts at once instead of after it', () => {
    const asks = [ask(0, 20_000, 5), ask(0.001, 100, 5)];
    const shortest = (bite: number) => Math.min(...play({ ...SETTINGS, bite }, PACE, asks, [], 60).firstTokens);
    expect(shortest(0)).toBeGreaterThan(2);
    expect(shortest(512)).toBeLessThan(0.4);
  });

  it('bite: of no effect on a request that is alone', () => {
    const alone = (bite: number) => play({ ...SETTINGS, bite }, PACE, [ask(0, 4096, 1)], [], 60).firstTokens;
    expect(alone(512)).toEqual(alone(0));
  });

  it('a cached prefix is not computed, and a shared one takes no blocks of its own', () => {
    const plain = play(SETTINGS, PACE, at0(4, 3200, 40), [], 5);
    const cached = play(
      SETTINGS,
      PACE,
      at0(4, 3200, 40).map((a) => ({ ...a, cached: 3000 })),
      [],
      5,
    );
    const shared = play(
      SETTINGS,
      PACE,
      at0(4, 3200, 40).map((a) => ({ ...a, cached: 3000, shared: 3000 })),
      [],
      5,
    );
    expect(Math.max(...cached.firstTokens)).toBeLessThan(0.5 * Math.max(...plain.firstTokens));
    expect(shared.usage).toBeLessThan(0.25 * cached.usage);
  });

  it('memory: the newest is preempted where answers outgrow the pool, and all end in time', () => {
    const tight = { ...SETTINGS, pool: 3200 };
    const played = play(tight, PACE, at0(4, 100, 1500), [], 600);
    expect(played.preemptions).toBeGreaterThan(0);
    expect(played.whole).toHaveLength(4);
    expect(play({ ...tight, pool: 8000 }, PACE, at0(4, 100, 1500), [], 600).preemptions).toBe(0);
  });

  it('recomputing costs less where the prefix cache still holds what was thrown out', () => {
    const tight = { ...SETTINGS, pool: 3200 };
    const last = (prefixCaching: boolean) =>
      Math.max(...play({ ...tight, prefixCaching }, { ...PACE, scheduled: 0.001 }, at0(4, 400, 900), [], 600).whole);
    expect(last(true)).toBeLessThan(last(false));
  });

  it.each([
    ['a prompt above the longest request', { longest: 900 }, 1],
    ['a prompt larger than the pool', { pool: 800 }, 1],
    ['nothing', {}, 0],
  ])('refuses %s', (_, more, refused) => {
    expect(play({ ...SETTINGS, ...more }, PACE, [ask(0, 1000, 5)], [], 60).refused).toBe(refused);
  });

  it('caps answers', () => {
    expect(play({ ...SETTINGS, answers: 7 }, PACE, [ask(0, 100, 500)], [], 60).output * 60).toBeCloseTo(7, 9);
  });

  it('goes on with those that ran at the start, and queues those that find no seat', () => {
    const ran = at0(3, 100, 50).map((a, i) => ({ ...a, written: 10 * (i + 1) }));
    const played = play({ ...SETTINGS, seats: 2 }, PACE, [], ran, 60);
    // One of the three has no seat at first; it has written 30 of its 50 tokens before.
    expect(played.output * 60).toBeCloseTo(40 + 30 + 20, 9);
    expect(played.firstTokens).toHaveLength(0);
    expect(played.runningMost).toBe(2);
  });

  const traffic = fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 20, noNaN: true }),
      prompt: fc.integer({ min: 1, max: 4000 }),
      answer: fc.integer({ min: 1, max: 300 }),
    }),
    { minLength: 1, maxLength: 60 },
  );
  const settings = fc.record({
    seats: fc.integer({ min: 1, max: 64 }),
    budget: fc.integer({ min: 64, max: 4096 }),
    bite: fc.constantFrom(0, 128, 1024),
    pool: fc.integer({ min: 5000, max: 60_000 }),
  });

  it('loses nobody: what arrived has ended, runs, waits or was refused', () => {
    fc.assert(
      fc.property(traffic, settings, fc.double({ min: 1, max: 60, noNaN: true }), (lengths, moved, seconds) => {
        const asks = lengths.map((l) => ask(l.at, l.prompt, l.answer)).sort((a, b) => a.at - b.at);
        const played = play({ ...SETTINGS, ...moved }, PACE, asks, [], seconds);
        const arrived = asks.filter((a) => a.at < seconds).length;
        const over = arrived - played.whole.length - played.refused - played.waitingLast;
        expect(over).toBeGreaterThanOrEqual(0);
        expect(over).toBeLessThanOrEqual(moved.seats);
        expect(played.runningMost).toBeLessThanOrEqual(moved.seats);
        expect(played.usage).toBeLessThanOrEqual(1);
        // A step begun before the end is finished.
        expect(played.firstTokens.every((t) => t > 0 && t < seconds + 2)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('slower steps: never fewer waiting, never sooner done', () => {
    fc.assert(
      fc.property(traffic, fc.double({ min: 1.05, max: 3, noNaN: true }), (lengths, factor) => {
        const asks = lengths.map((l) => ask(l.at, l.prompt, l.answer)).sort((a, b) => a.at - b.at);
        const slow = { empty: PACE.empty * factor, scheduled: PACE.scheduled * factor, resident: 0 };
        const [quick, late] = [PACE, slow].map((pace) => play(SETTINGS, pace, asks, [], 400)) as [Played, Played];
        expect(sum(late.whole)).toBeGreaterThan(sum(quick.whole) * 0.999);
        expect(late.running).toBeGreaterThanOrEqual(quick.running * 0.999);
      }),
      { numRuns: 20 },
    );
  });
});

type Played = ReturnType<typeof play>;
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
