/**
 * One engine's scheduler, step by step: vLLM V1's loop (vllm/v1/core/sched/scheduler.py of 0.32) on made-up requests, with the
 * duration of a step from a fitted model. Seats, blocks, token budget and step time decide together who runs, and a longer batch
 * makes a longer step, so that no queueing formula with a fixed time of service (Erlang C, M/G/c) fits; the loop itself is short.
 *
 * In it: running requests first, one token each or a chunk of a prompt; preemption of the newest and its recomputation, less what
 * the prefix cache still holds of it; admission in order of arrival, of whole prompts only; the bite of one long prompt. Not in it:
 * priorities, adapters, remote KV, speculation, clients that hang up.
 */

export interface Settings {
  /** max-num-seqs and max-num-batched-tokens. */
  readonly seats: number;
  readonly budget: number;
  /** long-prefill-token-threshold; 0: off. */
  readonly bite: number;
  /** Tokens of KV cache, and of one block. */
  readonly pool: number;
  readonly block: number;
  /** Longest request and longest answer that are let through, tokens; `null`: no limit is reached. */
  readonly longest: number | null;
  readonly answers: number | null;
  readonly prefixCaching: boolean;
}

/** Seconds of a step: empty, for each token scheduled, for each token resident. */
export interface Pace {
  readonly empty: number;
  readonly scheduled: number;
  readonly resident: number;
}

export interface Ask {
  /** Seconds from the start; below zero for one that was there already. */
  readonly at: number;
  readonly prompt: number;
  readonly answer: number;
  /** Prompt tokens the prefix cache serves, and those of them that other running requests hold as well. */
  readonly cached: number;
  readonly shared: number;
}

/** A request that runs at the start, so many tokens into its answer. */
export interface Underway extends Ask {
  readonly written: number;
}

export interface Played {
  /** Seconds, and how many observations: gaps between tokens, as `vllm:inter_token_latency_seconds` counts them. */
  readonly gaps: readonly (readonly [number, number])[];
  readonly firstTokens: readonly number[];
  readonly whole: readonly number[];
  /** Averages over time. */
  readonly waiting: number;
  readonly running: number;
  /** Ratio of the blocks. */
  readonly usage: number;
  readonly waitingLast: number;
  readonly runningMost: number;
  readonly output: number;
  readonly preemptions: number;
  readonly refused: number;
  /** Tokens of a step: the largest mean over twenty seconds, which is what a rate can see. */
  readonly load: number;
}

interface Live {
  readonly ask: Ask;
  readonly answer: number;
  written: number;
  /** Tokens in the KV cache. */
  computed: number;
  blocks: number;
  /** Time of its last token. */
  last: number;
  /** What it left in the free list when it was preempted: blocks, and allocations after which the first of them is gone. */
  left: { readonly blocks: number; readonly goneFrom: number } | null;
}

/** More steps than a window can have: the loop ends whatever the numbers are. */
const MOST_STEPS = 600_000;
/** Seconds behind one point of the fit: four scrapes of 5 s, the usual rate window. */
const BIN = 20;

/**
 * Plays requests through one engine from 0 to `seconds`.
 * @param asks in order of arrival · @param underway oldest first; those that find no seat or blocks wait at the head of the queue
 */
export function play(
  settings: Settings,
  pace: Pace,
  asks: readonly Ask[],
  underway: readonly Underway[],
  seconds: number,
): Played {
  const { seats, budget, block } = settings;
  const total = Math.max(1, Math.floor(settings.pool / block));
  const running: Live[] = [];
  const waiting: Live[] = [];
  const gaps: [number, number][] = [];
  const firstTokens: number[] = [];
  const whole: number[] = [];
  const sums = { waiting: 0, running: 0, usage: 0, output: 0, preemptions: 0, refused: 0 };
  const bins: { tokens: number; steps: number }[] = [];
  let free = total;
  let taken = 0;
  let most = 0;
  let now = 0;
  let next = 0;

  const blocksFor = (r: Live, tokens: number) => Math.ceil(Math.max(0, tokens - r.ask.shared) / block);
  const lengthOf = (r: Live) => r.ask.prompt + r.written;
  const take = (r: Live, count: number) => {
    r.blocks += count;
    free -= count;
    taken += count;
  };
  const release = (r: Live) => {
    free += r.blocks;
    r.blocks = 0;
  };
  const liveOf = (ask: Ask): Live => ({
    ask,
    answer: Math.max(
      1,
      Math.min(
        ask.answer,
        settings.answers ?? Number.POSITIVE_INFINITY,
        (settings.longest ?? Number.POSITIVE_INFINITY) - ask.prompt,
      ),
    ),
    written: 0,
    computed: 0,
    blocks: 0,
    last: 0,
    left: null,
  });
  const arrive = (ask: Ask) => {
    const fits = Math.ceil((ask.prompt + 1 - ask.shared) / block) <= total;
    if (fits && ask.prompt < (settings.longest ?? Number.POSITIVE_INFINITY)) waiting.push(liveOf(ask));
    else sums.refused++;
  };
  const preempt = (r: Live) => {
    // Blocks are freed last first, so the head of the request is the last to be overwritten.
    r.left = settings.prefixCaching ? { blocks: r.blocks, goneFrom: taken + free } : null;
    release(r);
    r.computed = 0;
    waiting.unshift(r);
    sums.preemptions++;
  };
  /** Tokens of a request that the prefix cache holds when it is admitted. */
  const hitsOf = (r: Live): number => {
    if (r.left === null) return Math.min(r.ask.cached, lengthOf(r) - 1);
    const kept = Math.max(0, r.left.blocks - Math.max(0, taken - r.left.goneFrom));
    return Math.min(Math.max(r.ask.shared, r.ask.shared + kept * block), lengthOf(r) - 1);
  };

  for (const one of underway) {
    const r = liveOf(one);
    r.written = Math.min(one.written, r.answer - 1);
    const needs = blocksFor(r, lengthOf(r));
    if (running.length < seats && needs <= free) {
      take(r, needs);
      // The newest token is not in the cache yet.
      r.computed = lengthOf(r) - (r.written > 0 ? 1 : 0);
      if (r.written === 0) r.computed = Math.max(0, r.ask.prompt - 1);
      running.push(r);
    } else waiting.push(r);
  }

  for (let step = 0; step < MOST_STEPS && now < seconds; step++) {
    while (next < asks.length && (asks[next] as Ask).at <= now) arrive(asks[next++] as Ask);
    if (running.length === 0 && waiting.length === 0) {
      const until = Math.min(seconds, next < asks.length ? (asks[next] as Ask).at : seconds);
      now = Math.max(until, now + 1e-9);
      continue;
    }

    const scheduled: [Live, number][] = [];
    const bite = running.length + waiting.length > 1 ? settings.bite : 0;
    const bitten = (want: number, left: number) => Math.min(bite > 0 ? Math.min(bite, want) : want, left);
    let left = budget;
    let pushedOut = false;
    for (let i = 0; i < running.length && left > 0; i++) {
      const r = running[i] as Live;
      const want = bitten(lengthOf(r) - r.computed, left);
      const needs = blocksFor(r, r.computed + want) - r.blocks;
      let gone = false;
      while (needs > free && !gone) {
        const victim = running.pop() as Live;
        preempt(victim);
        pushedOut = true;
        gone = victim === r;
      }
      if (gone) break;
      if (needs > 0) take(r, needs);
      scheduled.push([r, want]);
      left -= want;
    }
    if (!pushedOut) {
      while (waiting.length > 0 && left > 0 && running.length < seats) {
        const r = waiting[0] as Live;
        const hits = hitsOf(r);
        const want = bitten(lengthOf(r) - hits, left);
        // --scheduler-reserve-full-isl: a prompt is admitted once all of it fits.
        if (blocksFor(r, lengthOf(r)) > free) break;
        const needs = blocksFor(r, hits + want);
        waiting.shift();
        // What is still cached leaves the middle of the free list and pushes nobody out.
        const kept = Math.min(needs, blocksFor(r, hits));
        take(r, needs);
        taken -= kept;
        r.computed = hits;
        r.left = null;
        running.push(r);
        scheduled.push([r, want]);
        left -= want;
      }
    }
    if (scheduled.length === 0) {
      // The head can never run: what it needs is more than there is.
      if (running.length === 0 && waiting.length > 0) {
        waiting.shift();
        sums.refused++;
      }
      continue;
    }

    let tokens = 0;
    let resident = 0;
    for (const [r, want] of scheduled) {
      tokens += want;
      resident += r.computed + want;
    }
    const took = Math.max(1e-6, pace.empty + pace.scheduled * tokens + pace.resident * resident);
    const held = Math.min(took, seconds - now);
    sums.running += running.length * held;
    sums.waiting += waiting.length * held;
    sums.usage += ((total - free) / total) * held;
    most = Math.max(most, running.length);
    const bin = (bins[Math.floor(now / BIN)] ??= { tokens: 0, steps: 0 });
    bin.tokens += tokens;
    bin.steps++;
    now += took;

    let alike = 0;
    for (const [r, want] of scheduled) {
      r.computed += want;
      if (r.computed < lengthOf(r)) continue;
      r.written++;
      sums.output++;
      if (r.written === 1) firstTokens.push(now - r.ask.at);
      else if (Math.abs(now - r.last - took) < 1e-9) alike++;
      else gaps.push([now - r.last, 1]);
      r.last = now;
    }
    if (alike > 0) gaps.push([took, alike]);
    for (let i = running.length - 1; i >= 0; i--) {
      const r = running[i] as Live;
      if (r.written < r.answer) continue;
      running.splice(i, 1);
      release(r);
      whole.push(now - r.ask.at);
    }
  }

  while (next < asks.length && (asks[next] as Ask).at < seconds) arrive(asks[next++] as Ask);
  return {
    gaps,
    firstTokens,
    whole,
    waiting: sums.waiting / seconds,
    running: sums.running / seconds,
    usage: sums.usage / seconds,
    waitingLast: waiting.length,
    runningMost: most,
    output: sums.output / seconds,
    preemptions: sums.preemptions / seconds,
    refused: sums.refused,
    load: bins.reduce((high, bin) => Math.max(high, bin ? bin.tokens / bin.steps : 0), 0),
  };
}
