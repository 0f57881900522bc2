import { stepsIn, type Values } from '../base/grid.ts';
import { type SignalId, signalById } from '../signals/index.ts';
import type { Evidence, Reading } from './evidence.ts';
import { ownLine } from './lines.ts';

/** Signals that do not speak of the present, each with the replicas of which that holds. */
export interface Freshness {
  /** Measured in the window, and not any more. */
  readonly stale: ReadonlyMap<SignalId, readonly string[]>;
  /** Still exposed, at the value it had when its engine last stepped. */
  readonly frozen: ReadonlyMap<SignalId, readonly string[]>;
}

/** Below this a late scrape or one long step would count, seconds; the same for what is stale in build.ts. */
const LEAST = 30;
/** Scrapes in a row. */
const SCRAPES = 3;
/**
 * Seconds a gauge must have stood still beside a silent engine. A single step over a long prompt can take half as long, and a
 * gauge that a hung engine leaves behind stands for ever.
 */
const FROZEN_AFTER = 60;

/**
 * What of the evidence is old. A signal is stale on a replica that showed it in this window but has had no value for three
 * scrapes; its samples ended, or `maskStale` blanked them. An engine's gauge is frozen where requests run, no token came out
 * for a minute and it did not change either: a hung engine leaves its gauges at their last values (metrics.md §5.6). Where
 * nothing counts tokens nothing is called frozen.
 */
export function freshnessOf(evidence: Evidence): Freshness {
  const stale = new Map<SignalId, string[]>();
  const frozen = new Map<SignalId, string[]>();
  const put = (map: Map<SignalId, string[]>, id: SignalId, replica: string): void => {
    map.set(id, [...(map.get(id) ?? []), replica]);
  };
  const limit = Math.max(SCRAPES * (evidence.scrapeInterval ?? evidence.grid.step), LEAST);
  const hung = evidence.replicas.filter(({ id }) => standsStill(evidence, id)).map(({ id }) => id);
  for (const [id, reading] of Object.entries(evidence.readings) as [SignalId, Reading][]) {
    for (const { id: replica } of evidence.replicas) {
      const lines = linesOf(reading, replica);
      const end = (lines[0]?.length ?? 0) - 1;
      const last = lastShown(lines, end);
      if (last < 0) continue;
      if ((end - last) * evidence.grid.step > limit) put(stale, id, replica);
      else if (hung.includes(replica) && isEngineGauge(id)) put(frozen, id, replica);
    }
  }
  return { stale, frozen };
}

const isEngineGauge = (id: SignalId): boolean => {
  const { kind, level, family } = signalById(id);
  return kind === 'gauge' && level === 'engine' && family !== 'telemetry';
};

/** All parts of a signal on one replica. */
function linesOf(reading: Reading, replica: string): Values[] {
  return [
    ...reading.lines.filter((line) => line.replica === replica).map((line) => line.values),
    ...reading.histograms.filter((h) => h.replica === replica).map((h) => h.count),
  ];
}

/** Last index up to `end` at which any of the lines has a value, -1 if none. */
function lastShown(lines: readonly Values[], end: number): number {
  for (let i = end; i >= 0; i--) if (lines.some((values) => (values[i] ?? null) !== null)) return i;
  return -1;
}

/** Whether requests run on a replica, none of its gauges changed for a while and nothing counted a token. */
function standsStill(evidence: Evidence, replica: string): boolean {
  const steps = stepsIn(evidence.grid, FROZEN_AFTER);
  const recent = (id: SignalId) => ownLine(evidence, id, replica)?.slice(-steps) ?? null;
  const running = recent('running');
  if (!running || running.length < steps || !running.every((value) => value !== null && value > 0)) return false;
  const counts = [
    recent('output-tokens'),
    evidence.readings['step-tokens']?.histograms.find((h) => h.replica === replica)?.count.slice(-steps) ?? null,
  ].filter((values) => values !== null);
  if (counts.length === 0 || !counts.every((values) => values.every((value) => value === 0))) return false;
  return (['running', 'waiting', 'kv-cache-usage'] as const).every((id) => new Set(recent(id) ?? []).size <= 1);
}
