import { stepsIn, type Values } from '../base/grid.ts';
import { shareAtOrBelow } from '../base/histogram.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { histogramMean } from '../evidence/lines.ts';
import { bucketsBetween, lastSeen, meanOver, over, type Trace, tracesOf } from '../evidence/trace.ts';
import { type SignalId, signalById } from '../signals/index.ts';
import type { Targets } from '../verdict/profiles.ts';
import { trailingSteps } from './drawing.ts';

/** Seconds averaged for a row of the table. */
export const REPLICA_SECONDS = 120;

/** One replica as the table shows it; numbers are means over the last two minutes, `null` where not measured. */
export interface ReplicaRow {
  readonly replica: string;
  readonly model: string;
  /** over-target: users of this replica are hurt; silent: requests wait and no first token comes; unseen: no fresh sample. */
  readonly state: 'over-target' | 'silent' | 'unseen' | 'unknown' | 'idle' | 'in-target';
  readonly running: number | null;
  readonly waiting: number | null;
  readonly usage: number | null;
  /** Mean TTFT in seconds. */
  readonly ttft: number | null;
  /** Finished requests per second. */
  readonly finished: number | null;
  /** Share of first tokens that missed the target for certain. */
  readonly late: number | null;
}

const ORDER: readonly ReplicaRow['state'][] = ['silent', 'over-target', 'unseen', 'unknown', 'in-target', 'idle'];

/** @returns all replicas at index `end` of the grid, the worst first: by state, then by lateness, queue and load. */
export function replicaRows(evidence: Evidence, targets: Targets, end = evidence.grid.count - 1): ReplicaRow[] {
  return tracesOf(evidence)
    .map((trace) => rowOf(trace, targets, end))
    .sort(
      (a, b) =>
        ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
        (b.late ?? 0) - (a.late ?? 0) ||
        (b.waiting ?? 0) - (a.waiting ?? 0) ||
        (b.running ?? 0) - (a.running ?? 0) ||
        a.replica.localeCompare(b.replica),
    );
}

function rowOf(trace: Trace, targets: Targets, end: number): ReplicaRow {
  const mean = (values: Values | null): number | null => over(values, trace.grid, end, REPLICA_SECONDS);
  const running = mean(trace.running);
  const waiting = mean(trace.waiting);
  const share = trace.ttft
    ? (() => {
        const { bounds, cumulative, count } = bucketsBetween(
          trace.ttft,
          end - stepsIn(trace.grid, REPLICA_SECONDS) + 1,
          end,
        );
        return shareAtOrBelow(bounds, cumulative, count, targets.ttft);
      })()
    : null;
  return {
    replica: trace.replica.id,
    model: trace.replica.model,
    state: stateOf(trace, end, running, waiting, share, targets),
    running,
    waiting,
    usage: mean(trace.usage),
    ttft: meanOver(trace.ttft, trace.grid, end, REPLICA_SECONDS),
    finished: mean(trace.finishes),
    late: share ? 1 - share.high : null,
  };
}

function stateOf(
  trace: Trace,
  end: number,
  running: number | null,
  waiting: number | null,
  share: { readonly low: number; readonly high: number } | null,
  targets: Targets,
): ReplicaRow['state'] {
  const seen = lastSeen(trace);
  const current = (trace.running?.[end] ?? trace.usage?.[end] ?? null) !== null;
  if (seen < 0 || !current) return 'unseen';
  if (share) return share.high < targets.objective ? 'over-target' : 'in-target';
  if (!trace.ttft) return 'unknown';
  return (waiting ?? 0) >= 1 || (running ?? 0) >= 1 ? 'silent' : 'idle';
}

/** Signals worth comparing across replicas, in the order they are offered. */
export const HEAT_SIGNALS = [
  'kv-cache-usage',
  'running',
  'waiting',
  'ttft',
  'preemptions',
  'output-tokens',
] as const satisfies readonly SignalId[];
export type HeatSignal = (typeof HEAT_SIGNALS)[number];

/** One line per replica: gauges and rates as they are, histograms as their mean over the last minute. */
export function heatLines(evidence: Evidence, id: HeatSignal): { readonly replica: string; readonly values: Values }[] {
  const reading = evidence.readings[id];
  if (signalById(id).kind === 'histogram')
    return (reading?.histograms ?? []).map((histogram) => ({
      replica: histogram.replica,
      values: histogramMean(histogram, trailingSteps(evidence, 60)),
    }));
  return (reading?.lines ?? []).map(({ replica, values }) => ({ replica, values }));
}
