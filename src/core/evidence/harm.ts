import type { Values } from '../base/grid.ts';
import { stepsIn } from '../base/grid.ts';
import { smooth, histogramShare } from './lines.ts';
import type { Trace } from './trace.ts';
import type { Histogram } from './evidence.ts';

/** What people feel, per replica: shares of requests that certainly missed a target, and how long a new arrival would wait. */
export interface Harm {
  /** Share of first tokens later than the target: the lower bound where the target lies inside a bucket. */
  readonly lateTtft: Values;
  /** Share of finished requests whose own time per output token exceeds the target (lower bound); `null` before 0.11, where only step gaps exist, which say nothing about it. */
  readonly slowTokens: Values;
  readonly lateE2e: Values;
  /** Seconds the queue would take to be served at the recent pace; `null` if nobody is served, `0` with nobody waiting. */
  readonly wait: Values;
}

export interface Limits {
  readonly ttft: number;
  readonly tbt: number;
  readonly e2e: number;
}

/** @param seconds trailing window for the shares */
export function harmOf(trace: Trace, limits: Limits, seconds: number): Harm {
  const steps = stepsIn(trace.grid, seconds);
  const late = (histogram: Histogram | null, limit: number): Values =>
    histogram
      ? histogramShare(histogram, limit, steps).map((share) => (share === null ? null : 1 - share.high))
      : Array.from({ length: trace.grid.count }, () => null);
  const pace = trace.firstTokens ? smooth(trace.firstTokens, steps) : null;
  return {
    lateTtft: late(trace.ttft, limits.ttft),
    slowTokens: late(trace.tpot, limits.tbt),
    lateE2e: late(trace.e2e, limits.e2e),
    wait: Array.from({ length: trace.grid.count }, (_, i) => {
      const waiting = trace.waiting?.[i] ?? null;
      if (waiting === null) return null;
      if (waiting < 1) return 0;
      const served = pace?.[i] ?? null;
      return served === null || served <= 1e-6 ? null : waiting / served;
    }),
  };
}
