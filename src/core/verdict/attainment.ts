import { stepsIn } from '../base/grid.ts';
import { shareAtOrBelow } from '../base/histogram.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { fleetHistogram, histogramShare } from '../evidence/lines.ts';
import { averageBetween, bucketsBetween } from '../evidence/trace.ts';
import type { Targets } from './profiles.ts';
import type { Attainment } from './verdict.ts';

/** Seconds of the "now" of an attainment, and within which something must have been observed for there to be one. */
const NOW = 120;
const FRESH = 45;

/**
 * Shares of requests within each target, now and before the onset, as intervals where the target is no bucket edge.
 * @param since unix seconds of the onset; "before" is empty without one
 */
export function attainmentOf(evidence: Evidence, targets: Targets, since: number | null): Attainment[] {
  const { grid } = evidence;
  const end = grid.count - 1;
  const split = since === null ? null : Math.floor((since - grid.from) / grid.step);
  return (
    [
      ['ttft', 'ttft', targets.ttft],
      ['tpot', 'time-per-output-token', targets.tbt],
      ['e2e', 'e2e', targets.e2e],
    ] as const
  ).map(([metric, signal, target]) => {
    const histogram = fleetHistogram(evidence, signal, undefined, target);
    const between = (from: number, to: number) => {
      if (!histogram || to < from) return null;
      const b = bucketsBetween(histogram, from, to);
      return shareAtOrBelow(b.bounds, b.cumulative, b.count, target);
    };
    // What was served before the onset says nothing about now.
    const from = Math.max(0, end - stepsIn(grid, NOW) + 1, Math.min(split ?? 0, end));
    const recent = end - stepsIn(grid, FRESH) + 1;
    const fresh = histogram ? averageBetween(histogram.count, recent, end) > 1e-9 : false;
    const observed = histogram ? averageBetween(histogram.count, from, end) * (end - from + 1) * grid.step : 0;
    return {
      metric,
      target,
      now: fresh ? between(from, end) : null,
      before: split === null || split < 2 ? null : between(0, split - 1),
      observed,
      trend: histogram
        ? histogramShare(histogram, target, stepsIn(grid, 60)).map((s) => (s === null ? null : s.low))
        : [],
    };
  });
}
