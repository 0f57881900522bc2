import { type Chance, chanceFrom, shuffled } from './chance.ts';
import type { Ask, Underway } from './scheduler.ts';

/** A length histogram: finite ascending bounds, observations at or below each, all of them, and their sum. */
export interface Lengths {
  readonly bounds: readonly number[];
  readonly cumulative: readonly number[];
  readonly count: number;
  readonly sum: number;
}

/** What arrived at one engine over a stretch, and what was there when it began. */
export interface Traffic {
  readonly seconds: number;
  /** Requests per second. */
  readonly arrivals: number;
  readonly prompts: Lengths;
  readonly answers: Lengths;
  /** Share of prompt tokens the prefix cache served. */
  readonly hitRate: number;
  readonly running: number;
  readonly waiting: number;
  readonly pairing: Pairing;
}

/** Which answers belong to long prompts. Metrics carry both lengths and not which goes with which. */
export type Pairing = (typeof PAIRINGS)[number];
export const PAIRINGS = ['chance', 'long-with-short', 'long-with-long'] as const;

/** Longer than any bucket bound by this factor are those above the last. */
const BEYOND = 1.5;

/**
 * Lengths with the shape of the histogram: one from the middle of each of `n` equal shares, so that a play holds as many long
 * ones as the window did. Inside a bucket lengths lie evenly, except in the one that leaves most open (share times width): there
 * they are moved so that the mean is the measured one.
 */
export function lengthsLike({ bounds, cumulative, count, sum }: Lengths, n: number): number[] {
  const buckets = bucketsOf(bounds, cumulative, count);
  const open = (b: Bucket) => b.share * (b.high - b.low);
  const loosest = buckets.reduce((a, b) => (open(b) > open(a) ? b : a));
  const middle = (b: Bucket) => (b.low + b.high) / 2;
  const others = buckets.reduce((total, b) => total + (b === loosest ? 0 : b.share * middle(b)), 0);
  const wanted = Math.min(loosest.high, Math.max(loosest.low, (sum / count - others) / loosest.share));
  // With x evenly in 0..1, low + width · x^k has its mean at width ÷ (k + 1).
  const place = (wanted - loosest.low) / (loosest.high - loosest.low);
  const power = place <= 0.01 ? 99 : place >= 0.99 ? 0.01 : 1 / place - 1;
  const out: number[] = [];
  let at = 0;
  let below = 0;
  for (let i = 0; i < n; i++) {
    const rank = (i + 0.5) / n;
    while (at < buckets.length - 1 && rank > below + (buckets[at] as Bucket).share)
      below += (buckets[at++] as Bucket).share;
    const b = buckets[at] as Bucket;
    const x = Math.min(1, Math.max(0, (rank - below) / b.share));
    const length = Math.round(b.low + (b.high - b.low) * (b === loosest ? x ** power : x));
    // A bucket holds what is above its lower bound.
    out.push(Math.min(b.high, Math.max(Math.floor(b.low) + 1, length)));
  }
  return out;
}

interface Bucket {
  readonly low: number;
  readonly high: number;
  readonly share: number;
}

function bucketsOf(bounds: readonly number[], cumulative: readonly number[], count: number): Bucket[] {
  const out: Bucket[] = [];
  let below = 0;
  for (let i = 0; i <= bounds.length; i++) {
    const low = i === 0 ? 0 : (bounds[i - 1] as number);
    const high = i < bounds.length ? (bounds[i] as number) : Math.max(low * BEYOND, low + 1);
    const upTo = i < bounds.length ? Math.max(below, cumulative[i] ?? 0) : count;
    if (upTo - below > count * 1e-6) out.push({ low, high, share: (upTo - below) / count });
    below = upTo;
  }
  return out;
}

/**
 * Requests like those of the window, at chance moments: as many as arrived, so that chance is in the order and not in the load.
 * @param factor on arrivals · @param sharing share of the cached tokens that other running requests hold as well
 */
export function asksLike(
  traffic: Traffic,
  factor: number,
  sharing: number,
  seed: number,
): { readonly asks: Ask[]; readonly underway: Underway[] } {
  const chance = chanceFrom(seed);
  const { seconds, arrivals, hitRate } = traffic;
  const ask = (at: number, prompt: number, answer: number): Ask => {
    const cached = Math.floor(prompt * hitRate);
    return { at, prompt, answer, cached, shared: Math.floor(cached * sharing) };
  };
  const draw = (n: number) => {
    const pairs = shuffled(pairsLike(traffic, Math.max(1, n), chance), chance);
    return (i: number) => pairs[i] as readonly [number, number];
  };
  const rate = arrivals * factor;
  const count = Math.round(rate * seconds);
  const lengths = draw(count);
  const times = Array.from({ length: count }, () => chance() * seconds).sort((a, b) => a - b);
  const asks = times.map((at, i) => ask(at, ...lengths(i)));
  const queued = Math.round(traffic.waiting * factor);
  const before = draw(queued);
  const waited = Array.from({ length: queued }, (_, i) => {
    const at = rate > 0 ? -(queued - i) / rate : 0;
    return ask(at, ...before(i));
  });
  const underway = Math.round(traffic.running * factor);
  return { asks: [...waited, ...asks], underway: residents(traffic, underway, ask, chance) };
}

/** Prompt and answer of `n` requests. */
function pairsLike({ prompts, answers, pairing }: Traffic, n: number, chance: Chance): (readonly [number, number])[] {
  const ps = lengthsLike(prompts, n);
  const os = lengthsLike(answers, n);
  const paired = pairing === 'chance' ? shuffled(os, chance) : pairing === 'long-with-short' ? os.reverse() : os;
  return ps.map((p, i) => [p, paired[i] as number]);
}

/** Long answers are met more often than they arrive: a request found running is one drawn by its length, anywhere in its answer. */
function residents(
  traffic: Traffic,
  n: number,
  ask: (at: number, prompt: number, answer: number) => Ask,
  chance: Chance,
): Underway[] {
  const pool = pairsLike(traffic, 200, chance);
  const total = pool.reduce((sum, [, answer]) => sum + answer, 0);
  const out: Underway[] = [];
  for (let i = 0; i < n; i++) {
    let rank = chance() * total;
    const [prompt, answer] = (pool.find(([, length]) => (rank -= length) <= 0) ?? pool[0]) as readonly [number, number];
    out.push({ ...ask(0, prompt, answer), written: Math.floor(chance() * answer) });
  }
  return out.sort((a, b) => b.written - a.written);
}
