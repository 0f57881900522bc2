import { sayDuration, sig } from '../base/say.ts';
import { type LoadRun, latencyOf, type Measure, STATISTICS, type Statistic, statisticOf } from './run.ts';

/** Runs of one tool, model and lengths, by rising load: points that may be joined by a line. */
export interface Curve {
  readonly title: string;
  readonly points: readonly CurvePoint[];
}

export interface CurvePoint {
  readonly run: LoadRun;
  /** Output tokens per second. */
  readonly throughput: number;
  /** Seconds. */
  readonly latency: number;
}

/** Lengths that differ by less make one curve. */
const SAME_LENGTH = 0.1;

/** @returns curves of the runs that state both numbers, and the runs that do not */
export function curvesOf(
  runs: readonly LoadRun[],
  measure: Measure,
  statistic: Statistic,
): { readonly curves: readonly Curve[]; readonly without: readonly LoadRun[] } {
  const groups: LoadRun[][] = [];
  const without: LoadRun[] = [];
  for (const run of runs) {
    if (pointOf(run, measure, statistic) === null) {
      without.push(run);
      continue;
    }
    const group = groups.find(([first]) => first !== undefined && belongTogether(first, run));
    if (group) group.push(run);
    else groups.push([run]);
  }
  const curves = groups.map((group) => ({
    title: titleOf(group[0] as LoadRun),
    points: group.map((run) => pointOf(run, measure, statistic) as CurvePoint).sort(byLoad),
  }));
  return { curves, without };
}

function pointOf(run: LoadRun, measure: Measure, statistic: Statistic): CurvePoint | null {
  const latency = statisticOf(latencyOf(run, measure), statistic);
  const throughput = run.throughput.outputTokens;
  return latency === null || throughput === null ? null : { run, throughput, latency };
}

function belongTogether(a: LoadRun, b: LoadRun): boolean {
  const near = (x: number | null, y: number | null) =>
    x === null || y === null ? x === y : Math.abs(x - y) <= SAME_LENGTH * Math.max(x, y);
  return (
    a.tool === b.tool &&
    a.model === b.model &&
    near(a.lengths.input, b.lengths.input) &&
    near(a.lengths.output, b.lengths.output)
  );
}

function titleOf({ tool, model, lengths }: LoadRun): string {
  const tokens =
    lengths.input === null || lengths.output === null
      ? null
      : `${Math.round(lengths.input)}/${Math.round(lengths.output)} tokens`;
  return [tool, model, tokens].filter((part) => part !== null).join(', ');
}

/** By what was asked where all say it in the same way; everything at once is the heaviest. */
function byLoad(a: CurvePoint, b: CurvePoint): number {
  const weight = ({ run: { load } }: CurvePoint) => (load.kind === 'unlimited' ? Infinity : load.value);
  const [x, y] = [weight(a), weight(b)];
  if (a.run.load.kind === b.run.load.kind || x === Infinity || y === Infinity)
    if (x !== null && y !== null && x !== y) return x < y ? -1 : 1;
  return a.throughput - b.throughput;
}

/** The statistic that most runs state of a measure; of several the one nearest to p95, since targets are set there. */
export function bestStatistic(runs: readonly LoadRun[], measure: Measure): Statistic {
  const order: readonly Statistic[] = ['p95', 'p99', 'p90', 'p50', 'mean'];
  const stated = (statistic: Statistic) =>
    runs.filter((run) => statisticOf(latencyOf(run, measure), statistic) !== null).length;
  return [...order].sort((a, b) => stated(b) - stated(a))[0] ?? 'mean';
}

/** Statistics any run states of a measure, in the order they are offered. */
export function statisticsOf(runs: readonly LoadRun[], measure: Measure): readonly Statistic[] {
  return STATISTICS.filter((statistic) => runs.some((run) => statisticOf(latencyOf(run, measure), statistic) !== null));
}

/** Seconds a request may take, at the 95th percentile. */
export interface LatencyTargets {
  readonly ttft: number;
  readonly tbt: number;
  readonly e2e: number;
}

/** How far a server may be loaded, by one of two methods. */
export interface Limit {
  readonly method: 'targets' | 'kneedle';
  readonly point: CurvePoint;
  readonly says: string;
}

/** Points a knee needs. */
const KNEE_POINTS = 4;
/** How far the curve must bow above the straight line, of 1, for its bend to be a knee. */
const BOW = 0.15;

/**
 * The last point, by throughput, at which the 95th percentiles meet the targets. A point that does not state one of them is not
 * counted as meeting it.
 * @returns `null` where none does, or none states them
 */
export function limitByTargets({ points }: Curve, targets: LatencyTargets): Limit | null {
  const meets = (run: LoadRun, measure: Measure, target: number): boolean | null => {
    const p95 = statisticOf(latencyOf(run, measure), 'p95');
    return p95 === null ? null : p95 <= target;
  };
  const good = points.filter(({ run }) => {
    const all = [
      meets(run, 'ttft', targets.ttft),
      meets(run, 'tpot', targets.tbt),
      // E2E grows with the answer; it counts where it is stated.
      meets(run, 'e2e', targets.e2e) ?? true,
    ];
    return all.every((one) => one === true);
  });
  const best = good.reduce<CurvePoint | null>((a, b) => (a === null || b.throughput > a.throughput ? b : a), null);
  if (best === null) return null;
  return {
    method: 'targets',
    point: best,
    says: `the last point at which p95 TTFT is within ${sayDuration(targets.ttft)}, p95 TPOT within ${sayDuration(targets.tbt)} and p95 E2E, where stated, within ${sayDuration(targets.e2e)}`,
  };
}

/**
 * The knee: where more load stops to bring more throughput. Load and throughput are scaled to 0 … 1; the knee is the point
 * farthest above the line from the first to the last.
 * @returns `null` with fewer than four loads, or where throughput still grows about as fast at the end
 * Source: Satopää et al. 2011, Finding a "kneedle" in a haystack, for a concave increasing curve.
 */
export function limitByKnee({ points }: Curve): Limit | null {
  const known = points.flatMap((point) => {
    const { kind, value } = point.run.load;
    return value !== null && (kind === 'concurrency' || kind === 'rate') ? [{ point, kind, load: value }] : [];
  });
  const kinds = new Set(known.map(({ kind }) => kind));
  if (kinds.size !== 1 || new Set(known.map(({ load }) => load)).size < KNEE_POINTS) return null;
  const loads = known.map(({ load }) => load);
  const rates = known.map(({ point }) => point.throughput);
  const [x0, x1, y0, y1] = [Math.min(...loads), Math.max(...loads), Math.min(...rates), Math.max(...rates)];
  if (y1 <= y0) return null;
  const bow = known.map(({ load, point }) => (point.throughput - y0) / (y1 - y0) - (load - x0) / (x1 - x0));
  const at = bow.indexOf(Math.max(...bow));
  if ((bow[at] as number) < BOW) return null;
  const knee = known[at] as (typeof known)[number];
  return {
    method: 'kneedle',
    point: knee.point,
    says: `the knee: beyond ${sig(knee.load)}${knee.kind === 'rate' ? ' requests/s' : ' at a time'} more load brings little more throughput (Kneedle on load against throughput, ${known.length} points)`,
  };
}

/**
 * What the test saw at a throughput: linear between its points.
 * @returns seconds; the first point's below the curve, `null` beyond its highest throughput
 */
export function latencyAt({ points }: Curve, throughput: number): number | null {
  const sorted = [...points].sort((a, b) => a.throughput - b.throughput);
  const above = sorted.findIndex((point) => point.throughput >= throughput);
  const b = sorted[above];
  if (b === undefined) return null;
  const a = sorted[above - 1];
  if (a === undefined || b.throughput === a.throughput) return b.latency;
  return a.latency + ((b.latency - a.latency) * (throughput - a.throughput)) / (b.throughput - a.throughput);
}
