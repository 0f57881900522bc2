import { clamp } from '../base/score.ts';

/** Kinds of pathologies whose confidences are calibrated together (pathologies.md §6). */
export type CalibrationGroup = 'memory' | 'queue' | 'decode' | 'routing' | 'lifecycle' | 'telemetry';

const GROUPS: Readonly<Record<CalibrationGroup, readonly string[]>> = {
  memory: [
    'kv-cache-thrashing',
    'kv-bound-queueing',
    'memory-leak',
    'prefix-cache-misses',
    'prefix-cache-collapse',
    'kv-transfer-stall',
  ],
  queue: [
    'prefill-starvation',
    'long-request-spike',
    'overload',
    'seat-ceiling',
    'retry-storm',
    'workload-shift',
    'deferred-admission',
  ],
  decode: [
    'gpu-underutilization',
    'prefill-decode-interference',
    'decode-slowdown',
    'cuda-graph-cliff',
    'spec-decode-collapse',
    'cpu-bound',
  ],
  routing: ['load-imbalance', 'slow-replica'],
  lifecycle: ['request-failures', 'engine-stall', 'crash-loop'],
  telemetry: ['telemetry-gap'],
};

/** Never as good as certain, never worth nothing. */
const LEAST = 0.05;
const MOST = 0.95;

/** Raw confidence and the share of right headlines found at it, ascending in both. */
export type Knots = readonly (readonly [raw: number, right: number])[];

/**
 * The share of right headlines among those that were as sure as this one, on the project's own labelled episodes.
 * @param group `null` for a pathology of none
 * @param raw confidence 0 to 1 by the detector's and the ranking's rule
 * @returns 0.05 to 0.95, linear between the knots of the group, of all groups together where it has none of its own; without
 * any knots `raw` itself
 */
export function calibrated(group: CalibrationGroup | null, raw: number): number {
  const knots = (group === null ? null : CALIBRATION.groups[group]) ?? CALIBRATION.all;
  return clamp(along(knots, raw), LEAST, MOST);
}

/** @returns the group of a pathology, `null` of an unknown one */
export function groupOf(pathology: string): CalibrationGroup | null {
  const found = Object.entries(GROUPS).find(([, ids]) => ids.includes(pathology));
  return found ? (found[0] as CalibrationGroup) : null;
}

/** Level before the first knot and after the last. */
export function along(knots: Knots, raw: number): number {
  const first = knots[0];
  if (!first) return raw;
  if (raw <= first[0]) return first[1];
  for (let i = 1; i < knots.length; i++) {
    const [x0, y0] = knots[i - 1] as [number, number];
    const [x1, y1] = knots[i] as [number, number];
    if (raw <= x1) return x1 > x0 ? y0 + ((y1 - y0) * (raw - x0)) / (x1 - x0) : y1;
  }
  return (knots[knots.length - 1] as [number, number])[1];
}

export interface Calibration {
  /** What it was fitted on, in words; empty where it was not. */
  readonly fitted: string;
  /** Seed of the episodes it was fitted on, so that nothing is reported on the same ones. */
  readonly seed: number | null;
  readonly all: Knots;
  readonly groups: Readonly<Partial<Record<CalibrationGroup, Knots>>>;
}

// The table below is written by `npm run evaluate -- --calibrate`; edits are lost.
// calibration:begin
export const CALIBRATION: Calibration = {
  fitted: '248 episodes of seed 1001, 2 per kind',
  seed: 1001,
  all: [
    [0, 0.05],
    [0.548, 0.95],
    [0.76, 0.95],
    [0.887, 0.95],
    [0.948, 0.95],
  ],
  groups: {
    memory: [
      [0, 0.05],
      [0.597, 0.95],
      [0.9, 0.95],
      [0.949, 0.95],
    ],
    queue: [
      [0, 0.05],
      [0.655, 0.8],
      [0.771, 0.863],
      [0.861, 0.95],
      [0.9, 0.95],
      [0.932, 0.95],
      [0.95, 0.95],
    ],
    decode: [
      [0, 0.05],
      [0.55, 0.95],
      [0.838, 0.95],
      [0.944, 0.95],
    ],
    routing: [
      [0, 0.05],
      [0.691, 0.778],
      [0.799, 0.95],
      [0.947, 0.95],
    ],
    lifecycle: [
      [0, 0.05],
      [0.778, 0.829],
      [0.945, 0.95],
    ],
  },
};
// calibration:end
