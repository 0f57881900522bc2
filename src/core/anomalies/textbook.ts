import { timeAt, type Values } from '../base/grid.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { fleetHistogram, fleetLine, histogramQuantile } from '../evidence/lines.ts';
import type { SignalId } from '../signals/index.ts';
import { pearsonOf } from './association.ts';

/** The design article's anomaly detector, as it is written (reference/textbook.md §8). */
export const Z_SCORE = { window: 100, least: 20, threshold: 3 } as const;
export const CORRELATION = { window: 20, threshold: 0.8 } as const;

/** Gauges and rates it observes: the numbers of its four dashboard rows. Latency quantiles are added below. */
const OBSERVED: readonly SignalId[] = [
  'waiting',
  'running',
  'kv-cache-usage',
  'output-tokens',
  'gpu-utilization',
  'gpu-memory-used',
];
const QUANTILES = [
  ['ttft', 0.95],
  ['itl', 0.95],
  ['e2e', 0.95],
] as const;

export interface Anomaly {
  readonly index: number;
  readonly direction: 'high' | 'low';
  readonly z: number;
}

/**
 * Samples further than three standard deviations from the mean of the up to 100 samples before them, at least 20. The value
 * joins the window afterwards. Gaps are skipped; a window without any spread has no z.
 */
export function anomaliesIn(values: Values): Anomaly[] {
  const window: number[] = [];
  const out: Anomaly[] = [];
  values.forEach((value, index) => {
    if (value === null) return;
    if (window.length >= Z_SCORE.least) {
      const mean = window.reduce((a, b) => a + b, 0) / window.length;
      const deviation = Math.sqrt(window.reduce((a, b) => a + (b - mean) ** 2, 0) / window.length);
      const z = deviation > 1e-12 ? (value - mean) / deviation : 0;
      if (Math.abs(z) > Z_SCORE.threshold) out.push({ index, direction: z > 0 ? 'high' : 'low', z });
    }
    window.push(value);
    if (window.length > Z_SCORE.window) window.shift();
  });
  return out;
}

/**
 * What the article's monitor would have raised over this evidence, one look per grid time, the fleet as one server.
 * @returns unix seconds of anomalies of any metric, and of "KV pressure is increasing TTFT"
 */
export function zScoreAlarms(evidence: Evidence): { anomalies: number[]; correlations: number[] } {
  const lines = observed(evidence);
  const at = new Set(lines.flatMap((values) => anomaliesIn(values).map((anomaly) => anomaly.index)));
  const times = (indexes: Iterable<number>) => [...indexes].sort((a, b) => a - b).map((i) => timeAt(evidence.grid, i));
  return { anomalies: times(at), correlations: times(pressureIn(evidence)) };
}

function observed(evidence: Evidence): Values[] {
  const lines = OBSERVED.map((id) => fleetLine(evidence, id)).filter((line) => line !== null);
  const [hits, queries] = [fleetLine(evidence, 'prefix-cache-hits'), fleetLine(evidence, 'prefix-cache-queries')];
  if (hits && queries) lines.push(hits.map((hit, i) => ratio(hit, queries[i] ?? null)));
  for (const [id, q] of QUANTILES) {
    const line = quantileLine(evidence, id, q);
    if (line) lines.push(line);
  }
  return lines;
}

function ratio(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole <= 0 ? null : part / whole;
}

function quantileLine(evidence: Evidence, id: 'ttft' | 'itl' | 'e2e', q: number): Values | null {
  const histogram = fleetHistogram(evidence, id);
  return histogram ? histogramQuantile(histogram, q, 1).estimate : null;
}

/** Grid indexes at which KV usage and TTFT p95 of the last twenty looks run together. */
function pressureIn(evidence: Evidence): number[] {
  const usage = fleetLine(evidence, 'kv-cache-usage');
  const late = quantileLine(evidence, 'ttft', 0.95);
  if (!usage || !late) return [];
  const [xs, ys]: [number[], number[]] = [[], []];
  const out: number[] = [];
  usage.forEach((x, i) => {
    const y = late[i] ?? null;
    if (x === null || y === null) return;
    xs.push(x);
    ys.push(y);
    if (xs.length < CORRELATION.window) return;
    const r = pearsonOf(xs.slice(-CORRELATION.window), ys.slice(-CORRELATION.window));
    if (r !== null && r > CORRELATION.threshold) out.push(i);
  });
  return out;
}
