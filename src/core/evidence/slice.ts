import { endOf, type Grid, timeAt, type Values } from '../base/grid.ts';
import type { SignalId } from '../signals/index.ts';
import type { Evidence, Histogram, Reading } from './evidence.ts';

/**
 * The evidence as it stood at a time: ends at the last grid time at or before `at` (unix seconds). The start stays.
 * Earlier than the first grid time leaves that one; at or after the end gives the evidence itself. Info labels are those that
 * held then.
 */
export function sliceEvidence(evidence: Evidence, at: number): Evidence {
  const { grid } = evidence;
  if (at >= endOf(grid)) return evidence;
  const count = Math.max(1, Math.floor((at - grid.from) / grid.step + 1e-9) + 1);
  const cut = { ...grid, count };
  return withLabels(
    mapValues(evidence, cut, (values) => values.slice(0, count)),
    (reading) => labelsAt(reading, endOf(cut)),
  );
}

/** Labels as they stood at a time, and those before them. */
function labelsAt({ labels, earlier = [] }: Reading, at: number): Pick<Reading, 'labels' | 'earlier'> {
  const held = new Map(labels.map((info) => [info.replica, info]));
  for (const { replica, labels, until } of earlier.toReversed()) if (until > at) held.set(replica, { replica, labels });
  return { labels: [...held.values()], earlier: earlier.filter(({ until }) => until <= at) };
}

/** The evidence with other labels where a reading knows of earlier ones. */
function withLabels(evidence: Evidence, change: (reading: Reading) => Partial<Reading>): Evidence {
  const changed = Object.entries(evidence.readings).filter(([, { earlier }]) => earlier !== undefined);
  if (changed.length === 0) return evidence;
  const readings = Object.fromEntries(changed.map(([id, reading]) => [id, { ...reading, ...change(reading) }]));
  return { ...evidence, readings: { ...evidence.readings, ...readings } };
}

/**
 * The evidence of a later start: begins at the first grid time at or after `from` (unix seconds). Later than the end leaves
 * the last grid time.
 */
export function trimEvidence(evidence: Evidence, from: number): Evidence {
  const { grid } = evidence;
  const skip = Math.min(grid.count - 1, Math.max(0, Math.ceil((from - grid.from) / grid.step - 1e-9)));
  if (skip === 0) return evidence;
  const shorter = { from: timeAt(grid, skip), step: grid.step, count: grid.count - skip };
  return withLabels(
    mapValues(evidence, shorter, (values) => values.slice(skip)),
    ({ earlier = [] }) => ({ earlier: earlier.filter(({ until }) => until > shorter.from) }),
  );
}

/** The evidence of one served model alone; its replicas and their readings. A model nobody serves leaves no replicas. */
export function restrictToModel(evidence: Evidence, model: string): Evidence {
  const replicas = evidence.replicas.filter((replica) => replica.model === model);
  if (replicas.length === evidence.replicas.length) return evidence;
  const kept = new Set(replicas.map((replica) => replica.id));
  const of = <T extends { readonly replica: string }>(list: readonly T[]): T[] =>
    list.filter((one) => kept.has(one.replica));
  const readings: Partial<Record<SignalId, Reading>> = {};
  for (const [id, reading] of Object.entries(evidence.readings) as [SignalId, Reading][]) {
    const lines = of(reading.lines);
    const histograms = of(reading.histograms);
    const labels = of(reading.labels);
    const gone = lines.length + histograms.length + labels.length === 0;
    readings[id] = {
      ...reading,
      state: gone && reading.state !== 'failed' ? 'absent' : reading.state,
      lines,
      histograms,
      labels,
      ...(reading.earlier === undefined ? {} : { earlier: of(reading.earlier) }),
    };
  }
  return { ...evidence, replicas, readings };
}

/** The served models of the evidence, in the order of its replicas. */
export function modelsOf(evidence: Evidence): string[] {
  return [...new Set(evidence.replicas.map((replica) => replica.model))];
}

/** Every series of the evidence put through `change`, on a new grid. */
export function mapValues(evidence: Evidence, grid: Grid, change: (values: Values) => Values): Evidence {
  const readings: Partial<Record<SignalId, Reading>> = {};
  const histogram = (h: Histogram): Histogram => ({
    ...h,
    cumulative: h.cumulative.map(change),
    count: change(h.count),
    sum: change(h.sum),
  });
  for (const [id, reading] of Object.entries(evidence.readings) as [SignalId, Reading][]) {
    readings[id] = {
      ...reading,
      lines: reading.lines.map((line) => ({ ...line, values: change(line.values) })),
      histograms: reading.histograms.map(histogram),
    };
  }
  return { ...evidence, grid, readings };
}
