import type { Grid, Values } from '../base/grid.ts';
import { maxOf, mean, quantile } from '../base/statistics.ts';
import type { Histogram } from './evidence.ts';
import type { Engine } from './judged.ts';
import { standsFor } from './stand-in.ts';
import { averageBetween, bucketsBetween } from './trace.ts';

/** Averages of one engine, or of several added up (a mean engine as often as it stands for engines), over a stretch of the window: what "before" and "since" are made of. */
export interface Stretch {
  readonly seconds: number;
  readonly running: number | null;
  readonly runningMax: number | null;
  readonly waiting: number | null;
  readonly waitingLast: number | null;
  readonly usage: number | null;
  readonly usageMax: number | null;
  /** Share of scrapes with KV usage at or above 0.95. */
  readonly usageFullShare: number | null;
  /** Tokens held by one running request. */
  readonly held: number | null;
  readonly firstTokens: number | null;
  readonly finishes: number | null;
  readonly output: number | null;
  readonly computed: number | null;
  readonly preemptions: number | null;
  /** Events in the stretch. */
  readonly preempted: number;
  readonly finished: number;
  readonly started: number;
  /** Arrivals per second, inferred: finishes plus growth of running and waiting. Aborts are not in it. */
  readonly arrivals: number | null;
  readonly hitRate: number | null;
  /** Mean prompt of first tokens and mean answer of finished requests, tokens. */
  readonly prompt: number | null;
  readonly answer: number | null;
  /** Mean seconds between two output steps. */
  readonly itl: number | null;
  readonly ttft: number | null;
  readonly queue: number | null;
  readonly prefill: number | null;
  readonly e2e: number | null;
  /** Engine steps per second. */
  readonly steps: number | null;
}

/** As `stretchOf`, of one engine; of a mean engine, what one of those it stands for did on average. */
export function ownStretchOf(engine: Engine, grid: Grid, from: number, to: number): Stretch {
  return addedUp([engine], () => 1, grid, from, to);
}

/** @param from grid index, inclusive · @param to grid index, inclusive. Empty stretches give `null` everywhere. */
export function stretchOf(engines: readonly Engine[], grid: Grid, from: number, to: number): Stretch {
  return addedUp(engines, ({ trace }) => standsFor(trace.replica), grid, from, to);
}

function addedUp(
  engines: readonly Engine[],
  weightOf: (engine: Engine) => number,
  grid: Grid,
  from: number,
  to: number,
): Stretch {
  const part = (values: Values | null): Values => (values ? values.slice(Math.max(0, from), to + 1) : []);
  const add = (pick: (e: Engine) => number | null): number | null => {
    let sum: number | null = null;
    for (const engine of engines) {
      const x = pick(engine);
      if (x !== null) sum = (sum ?? 0) + x * weightOf(engine);
    }
    return sum;
  };
  const worst = (pick: (e: Engine) => number | null): number | null => maxOf(engines.map(pick));
  const seconds = Math.max(0, to - Math.max(0, from) + 1) * grid.step;
  const rate = (pick: (e: Engine) => Values | null) => add((e) => mean(part(pick(e))));
  const weighted = (pick: (e: Engine) => Histogram | null): number | null => {
    let sum = 0;
    let count = 0;
    for (const engine of engines) {
      const h = pick(engine);
      if (!h) continue;
      const weight = weightOf(engine);
      sum += averageBetween(h.sum, from, to) * weight;
      count += averageBetween(h.count, from, to) * weight;
    }
    return count > 1e-9 ? sum / count : null;
  };
  const firstTokens = rate((e) => e.trace.firstTokens);
  const finishes = rate((e) => e.trace.finishes);
  const prompt = rate((e) => e.trace.prompt);
  const queried = rate((e) => e.trace.queried);
  const hits = rate((e) => e.trace.hits);
  const growth = add((e) => {
    const r = ends(part(e.trace.running));
    const w = ends(part(e.trace.waiting));
    return r === null && w === null ? null : (r ?? 0) + (w ?? 0);
  });
  return {
    seconds,
    running: add((e) => mean(part(e.trace.running))),
    runningMax: worst((e) => maxOf(part(e.trace.running))),
    waiting: add((e) => mean(part(e.trace.waiting))),
    waitingLast: add((e) => lastOf(part(e.trace.waiting))),
    usage: worst((e) => mean(part(e.trace.usage))),
    usageMax: worst((e) => maxOf(part(e.trace.usage))),
    usageFullShare: worst((e) => shareFull(part(e.trace.usage))),
    held: mean(engines.map((e) => mean(part(e.admission.tokensPerRunning)))),
    firstTokens,
    finishes,
    output: rate((e) => e.trace.output),
    computed: rate((e) => e.trace.computed),
    preemptions: rate((e) => e.trace.preemptions),
    preempted: (rate((e) => e.trace.preemptions) ?? 0) * seconds,
    finished: (finishes ?? 0) * seconds,
    started: (firstTokens ?? 0) * seconds,
    arrivals: finishes === null || seconds <= 0 ? null : Math.max(0, finishes + (growth ?? 0) / seconds),
    hitRate: queried !== null && hits !== null && queried > 1e-6 ? hits / queried : null,
    prompt:
      prompt !== null && firstTokens !== null && firstTokens > 1e-6
        ? prompt / firstTokens
        : weighted((e) => e.trace.promptLength),
    answer: weighted((e) => e.trace.outputLength),
    itl: weighted((e) => e.trace.itl),
    ttft: weighted((e) => e.trace.ttft),
    queue: weighted((e) => e.trace.queueTime),
    prefill: weighted((e) => e.trace.prefillTime),
    e2e: weighted((e) => e.trace.e2e),
    steps: rate((e) => e.trace.steps),
  };
}

/** Growth over the stretch, from the mean of its first values to the mean of its last, so that one flicker does not count. */
function ends(values: Values): number | null {
  const xs = values.filter((v): v is number => v !== null);
  if (xs.length < 2) return null;
  const k = Math.max(1, Math.min(3, Math.floor(xs.length / 4)));
  const tail = fellAtOnce(xs) ? xs.slice(-k - 1, -1) : xs.slice(-k);
  return (mean(tail) ?? 0) - (mean(xs.slice(0, k)) ?? 0);
}

/** The latest level. */
function lastOf(values: Values): number | null {
  const xs = values.filter((v): v is number => v !== null);
  return (fellAtOnce(xs) ? xs[xs.length - 2] : xs[xs.length - 1]) ?? null;
}

/**
 * The last value fell far below both before it, and faster than they did: a scrape that caught clients being cut off, until a
 * second one says so too.
 * @param least a fall by less is none, in the unit of the values
 */
export function fellAtOnce(xs: readonly number[], least = 5): boolean {
  const [a, b, c] = xs.slice(-3);
  if (a === undefined || b === undefined || c === undefined) return false;
  return c < 0.5 * Math.min(a, b) && b - c > 3 * Math.abs(a - b) + least;
}

function shareFull(values: Values): number | null {
  const xs = values.filter((v): v is number => v !== null);
  return xs.length === 0 ? null : xs.filter((v) => v >= 0.95).length / xs.length;
}

/** Mean and spread of a length histogram over a stretch, from bucket middles corrected to the exact mean; `null` if empty. */
export function momentsOf(
  histogram: Histogram | null,
  from: number,
  to: number,
): { mean: number; variance: number; count: number } | null {
  if (!histogram) return null;
  const b = bucketsBetween(histogram, from, to);
  if (b.count <= 1e-9) return null;
  const average = b.sum / b.count;
  let below = 0;
  let lower = 0;
  let second = 0;
  for (let i = 0; i <= b.bounds.length; i++) {
    const upper = b.bounds[i] ?? Math.max(lower * 1.5, lower + 1);
    const inside = (i < b.bounds.length ? (b.cumulative[i] ?? 0) : b.count) - below;
    if (inside > 0) {
      // Uniform inside the bucket: (a² + ab + b²) / 3.
      second += (inside / b.count) * ((lower * lower + lower * upper + upper * upper) / 3);
    }
    below = i < b.bounds.length ? (b.cumulative[i] ?? 0) : b.count;
    lower = upper;
  }
  return { mean: average, variance: Math.max(0, second - average * average), count: b.count };
}

/** 75th percentile of a line over a stretch: the level of a busy moment. */
export function busyLevel(values: Values | null, from: number, to: number): number | null {
  return values ? quantile(values.slice(Math.max(0, from), to + 1), 0.75) : null;
}
