import type { Evidence, Reading } from '../../src/core/evidence/evidence.ts';
import { trimEvidence } from '../../src/core/evidence/slice.ts';
import { endOf } from '../../src/core/base/grid.ts';
import { type SignalId, SIGNALS } from '../../src/core/signals/index.ts';

/** Something taken away from the evidence, to see what it was good for. */
export interface Ablation {
  readonly id: string;
  readonly title: string;
  /**
   * The evidence that is left: several where each part is judged alone, and then the worst verdict counts. The evidence itself
   * where there was nothing to take away.
   */
  readonly without: (evidence: Evidence) => readonly Evidence[];
}

/** What the step-time model is made of. */
const STEP_MODEL: readonly SignalId[] = ['step-tokens', 'itl'];

/** Seconds of window left without a baseline: the main window of judging (120 s, or eight scrapes) and little more. */
const NO_BASELINE = { seconds: 180, scrapes: 10 } as const;

export const ABLATIONS: readonly Ablation[] = [
  {
    id: 'no-peers',
    title: 'no peers',
    without: (evidence) =>
      evidence.replicas.length < 2 ? [evidence] : evidence.replicas.map((replica) => aloneWith(evidence, replica.id)),
  },
  { id: 'no-step-model', title: 'no step model', without: (evidence) => [withoutReadings(evidence, STEP_MODEL)] },
  {
    id: 'no-baseline',
    title: 'no baseline',
    without: (evidence) => {
      const scrape = Math.max(evidence.scrapeInterval ?? 0, evidence.grid.step);
      const kept = Math.max(NO_BASELINE.seconds, NO_BASELINE.scrapes * scrape);
      return [trimEvidence(evidence, endOf(evidence.grid) - kept)];
    },
  },
  { id: 'no-gateway', title: 'no gateway', without: (evidence) => [withoutReadings(evidence, gatewaySignals())] },
];

function gatewaySignals(): SignalId[] {
  return SIGNALS.filter((signal) => signal.level === 'gateway').map((signal) => signal.id);
}

/** The evidence without these readings, as if they had been asked for and not found. */
export function withoutReadings(evidence: Evidence, ids: readonly SignalId[]): Evidence {
  const there = ids.filter((id) => (evidence.readings[id]?.state ?? 'absent') !== 'absent');
  if (there.length === 0) return evidence;
  const readings: Partial<Record<SignalId, Reading>> = { ...evidence.readings };
  for (const id of there) {
    const reading = readings[id];
    if (reading) readings[id] = { ...reading, state: 'absent', metrics: [], lines: [], histograms: [], labels: [] };
  }
  return { ...evidence, readings };
}

/** The evidence of one replica, as if it had no neighbours. */
export function aloneWith(evidence: Evidence, replica: string): Evidence {
  return keepReplicas(evidence, new Set([replica]));
}

/**
 * The evidence as a page opened at that time would have read it: without replicas whose engine is not seen within it, because
 * they start later or are long gone. Targets and GPUs are there before an engine is and make no replica.
 */
export function seenReplicas(evidence: Evidence): Evidence {
  const seen = new Set<string>();
  for (const { id, level, kind } of SIGNALS) {
    if (level !== 'engine' || kind === 'info') continue;
    const reading = evidence.readings[id];
    for (const { replica, values } of reading?.lines ?? []) {
      if (!seen.has(replica) && values.some((value) => value !== null)) seen.add(replica);
    }
    for (const { replica, count } of reading?.histograms ?? []) {
      if (!seen.has(replica) && count.some((value) => value !== null)) seen.add(replica);
    }
    if (seen.size >= evidence.replicas.length) return evidence;
  }
  return keepReplicas(evidence, seen);
}

function keepReplicas(evidence: Evidence, kept: ReadonlySet<string>): Evidence {
  const replicas = evidence.replicas.filter((replica) => kept.has(replica.id));
  if (replicas.length === evidence.replicas.length) return evidence;
  const of = <T extends { readonly replica: string }>(list: readonly T[]): T[] =>
    list.filter((one) => kept.has(one.replica));
  const readings: Partial<Record<SignalId, Reading>> = {};
  for (const [id, reading] of Object.entries(evidence.readings) as [SignalId, Reading][]) {
    const [lines, histograms, labels] = [of(reading.lines), of(reading.histograms), of(reading.labels)];
    const gone = lines.length + histograms.length + labels.length === 0;
    const state = gone && reading.state !== 'failed' ? ('absent' as const) : reading.state;
    readings[id] = { ...reading, state, lines, histograms, labels };
  }
  return { ...evidence, replicas, readings };
}
