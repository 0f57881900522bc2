import type { Values } from '../../base/grid.ts';
import { stepsIn } from '../../base/grid.ts';
import { quantileInterval, shareAtOrBelow } from '../../base/histogram.ts';
import { all, fall, ramp } from '../../base/score.ts';
import { maxOf, median, quantile } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { isSilent } from '../../evidence/admission.ts';
import { stepLinesOf } from '../../evidence/step-model.ts';
import { averageBetween, bucketsBetween, countOver, meanOver, over } from '../../evidence/trace.ts';
import { tokensPerStep } from '../pace.ts';

/** What the gaps between tokens on one engine are made of, over the `main` seconds that end at a grid time. */
export interface Gaps {
  /** Seconds; the estimate inside its bucket, and the upper edge of the 99th percentile's bucket. */
  readonly median: number;
  readonly p99: number;
  readonly mean: number;
  /** Share of gaps beyond the bucket edge above twice the median: steps that carried a prompt. */
  readonly carrying: number;
  readonly carryingMean: number;
  /** Share of gaps longer than four targets. */
  readonly long: number;
  /** Share of people's decode time that is excess over the median gap. */
  readonly excess: number;
  /** Share of steps in which prompts are computed, by first tokens, steps and the time a prompt takes; `null` where one is not measured. */
  readonly prompts: number | null;
  /** Seconds one prompt token takes, from prefill times less the ordinary steps; `null` without. */
  readonly perToken: number | null;
  /** Uncached tokens of a prompt. */
  readonly prompt: number | null;
}

/** A gap this many targets long is a stutter people see. */
export const STUTTER = 4;
/** Share of requests whose own time per token misses the target; a third does on busy and healthy engines. */
const SLOW = [0.35, 0.65] as const;
/** Share of stutters. Healthy engines: up to 1.1 % busy, 2.1 % with two users of 12,000-token prompts. */
const STUTTERS = [0.015, 0.06] as const;
/** Part of the decode time that the excess must be, where slow answers are the harm. */
const EXCESS = [0.1, 0.3] as const;
/** Median gap against the target: beyond it, decoding itself is slow and this is not the cause. */
const MEDIAN_FINE = [0.97, 1.2] as const;
/** Long gaps for each step that carries a prompt: many more come from something else. */
const PER_PROMPT = [2, 4] as const;
/** Preemptions per finished request: their recomputation stalls steps as well. */
const PREEMPTS = [0.1, 0.5] as const;
/** Gaps a share of one in a hundred needs (pathologies.md §7: 10 ÷ (1 − q)). */
const ENOUGH_GAPS = 1000;
const ENOUGH_REQUESTS = 10;

/** @returns `null` with fewer than a thousand gaps in the stretch */
export function gapsOf(judged: Judged, engine: Engine, i: number): Gaps | null {
  const { trace } = engine;
  const { grid, main, limits } = judged;
  if (!trace.itl) return null;
  const span = stepsIn(grid, main);
  const from = Math.max(0, i - span + 1);
  if (averageBetween(trace.itl.count, from, i) * Math.min(main, (i + 1) * grid.step) < ENOUGH_GAPS) return null;
  const b = bucketsBetween(trace.itl, from, i);
  const half = quantileInterval(b.bounds, b.cumulative, b.count, 0.5);
  const tail = quantileInterval(b.bounds, b.cumulative, b.count, 0.99);
  if (!half || !tail) return null;
  const beyond = (x: number) => {
    const share = shareAtOrBelow(b.bounds, b.cumulative, b.count, x);
    return share ? 1 - (share.low + share.high) / 2 : 0;
  };
  const mean = b.sum / b.count;
  const middle = half.estimate;
  // At a bucket edge, where a share is exact: inside one it would be made up.
  const edge = b.bounds.find((bound) => bound >= 2 * middle) ?? 2 * middle;
  const carrying = beyond(edge);
  // Of the exact sum, what the ordinary gaps do not account for belongs to those that carry a prompt.
  const carryingMean =
    carrying > 1e-6 ? Math.max(edge, (mean - (1 - carrying) * Math.min(middle, mean)) / carrying) : 0;
  const first = over(trace.firstTokens, grid, i, main);
  const steps = over(trace.steps, grid, i, main);
  const computed = over(trace.computed, grid, i, main);
  const prefill = meanOver(trace.prefillTime, grid, i, main);
  const prompt = first !== null && computed !== null && first > 1e-6 ? computed / first : null;
  const chunks = prefill !== null && carryingMean > 0 ? Math.max(1, prefill / carryingMean) : 1;
  return {
    median: middle,
    p99: tail.high ?? tail.low,
    mean,
    carrying,
    carryingMean,
    long: beyond(STUTTER * limits.tbt * tokensPerStep(judged, engine, i)),
    excess: Math.max(0, 1 - middle / mean),
    prompts: first !== null && steps !== null && steps > 1e-6 ? Math.min(1, (first * chunks) / steps) : null,
    perToken:
      prefill !== null && prompt !== null && prompt >= 1 && prefill > chunks * middle
        ? (prefill - chunks * middle) / prompt
        : null,
    prompt,
  };
}

/** Steps that carry a prompt, and tokens that are a prompt's: from the lower one on it begins to be all the engine does, from the upper it is. */
const EACH_STEP = [0.5, 0.9] as const;
const MOST_TOKENS = [0.4, 0.75] as const;

/**
 * How far prompts are all an engine does: nearly every step carries one, and most tokens computed are theirs. Then prompts do
 * not interrupt, they fill the engine, and no longer in bursts. 0 where it is not measured.
 */
export function filledByPrompts(judged: Judged, engine: Engine, i: number, gaps = gapsOf(judged, engine, i)): number {
  const { trace } = engine;
  const computed = over(trace.computed, judged.grid, i, judged.main);
  const output = over(trace.output, judged.grid, i, judged.main);
  if (!gaps || gaps.prompts === null || computed === null || output === null || computed <= 0) return 0;
  return Math.min(ramp(gaps.prompts, ...EACH_STEP), ramp(computed / (computed + output), ...MOST_TOKENS));
}

/** 0 to 1 per grid time; `null` where there are too few gaps. */
export function strengthOf(judged: Judged, engine: Engine): Values {
  const { grid, main, limits } = judged;
  return Array.from({ length: grid.count }, (_, i) => {
    const gaps = gapsOf(judged, engine, i);
    if (!gaps) return null;
    if (stoodStill(judged, engine, i)) return 0;
    const slow = slowShare(judged, engine, i);
    const harm = Math.max(
      slow === null ? 0 : Math.min(ramp(slow, ...SLOW), all(ramp(slow, ...SLOW), ramp(gaps.excess, ...EXCESS))),
      ramp(gaps.long, ...STUTTERS),
    );
    if (harm === 0 || gaps.prompts === null) return 0;
    const limit = limits.tbt * tokensPerStep(judged, engine, i);
    const preempted = over(engine.trace.preemptions, grid, i, main) ?? 0;
    const finished = over(engine.trace.finishes, grid, i, main) ?? 0;
    return (
      harm *
      fall(gaps.median / limit, ...MEDIAN_FINE) *
      fall(gaps.carrying / Math.max(gaps.prompts, 1e-3), ...PER_PROMPT) *
      (1 - filledByPrompts(judged, engine, i, gaps)) *
      (preempted > 0 ? fall(preempted / Math.max(finished, 1e-6), ...PREEMPTS) : 1)
    );
  });
}

/**
 * Whether the gaps that end at a grid time hold a standstill: when an engine wakes, each running answer adds one gap as long as it
 * slept, and the answers that finish next are all slow. No prompt did that, and until it has left the window nothing is claimed.
 */
function stoodStill(judged: Judged, { trace }: Engine, i: number): boolean {
  const { grid, main, evidence } = judged;
  const from = Math.max(0, i - stepsIn(grid, main + evidence.window) + 1);
  for (let k = from; k <= i; k++) if ((trace.running?.[k] ?? 0) >= 1 && isSilent(trace, k)) return true;
  return false;
}

/** Share of requests whose own time per token certainly misses the target; `null` with fewer than ten finished, or where no request tells. */
export function slowShare(judged: Judged, engine: Engine, i: number): number | null {
  const finished = countOver(engine.trace.finishes, judged.grid, i, judged.main);
  const share = over(engine.harm.slowTokens, judged.grid, i, judged.main);
  return finished === null || finished < ENOUGH_REQUESTS ? null : share;
}

/** The cause comes first: 1 once prompt tokens computed, or mean gaps, are 40 % of the way from the lower end of the range to now. */
export function earlySign(judged: Judged, engine: Engine): Values {
  const sharp = stepLinesOf(judged.evidence, engine, judged.grid.step, 8);
  const { computed } = engine.trace;
  const spans = [judged.main, judged.fast].map((seconds) => stepsIn(judged.grid, seconds));
  const marks = [computed, sharp.seconds].flatMap((line) => {
    const low = line ? quantile(line, 0.2) : null;
    // When it is found first, most of the long window is still the time before; once the load falls again, the short one lies.
    const now = line ? maxOf(spans.map((span) => median(line.slice(-span)))) : null;
    return line && low !== null && now !== null && now >= 1.15 * low ? [{ line, mark: low + 0.4 * (now - low) }] : [];
  });
  return sharp.seconds.map((t, i) =>
    t === null || marks.length === 0 ? null : marks.some(({ line, mark }) => (line[i] ?? 0) >= mark) ? 1 : 0,
  );
}
