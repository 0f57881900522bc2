import * as v from 'valibot';
import { type Grid, timeAt } from '../../core/base/grid.ts';
import type { GridSeries } from '../../core/signals/readout.ts';
import { SourceError } from '../errors.ts';

const isList = (input: unknown): boolean => Array.isArray(input);
/** Points are checked in a plain loop: a schema over each takes longer than the request. */
const points = v.custom<readonly unknown[]>(isList);
const metric = v.record(v.string(), v.string());

/** Range vectors: https://prometheus.io/docs/prometheus/latest/querying/api/#range-vectors */
const matrix = v.object({
  resultType: v.literal('matrix'),
  result: v.array(v.object({ metric, values: v.optional(points), histograms: v.optional(points) })),
});
/** Instant vectors: https://prometheus.io/docs/prometheus/latest/querying/api/#instant-vectors */
const vector = v.object({
  resultType: v.literal('vector'),
  result: v.array(v.object({ metric, value: v.optional(points) })),
});
const names = v.array(v.string());

/** Series of one answer: every bucket of a thousand engines. Checking a million of them would hold up whoever waits. */
const MOST_SERIES = 50_000;

function check<T>(schema: v.GenericSchema<unknown, T>, data: unknown): T {
  const { result } = (data ?? {}) as { result?: unknown };
  if (Array.isArray(result) && result.length > MOST_SERIES)
    throw new SourceError(
      'too-many-points',
      `One question was answered with ${result.length} series; more than ${MOST_SERIES} are not read.`,
    );
  const parsed = v.safeParse(schema, data);
  if (!parsed.success) throw new SourceError('not-prometheus', 'The answer is not in the form of a Prometheus API.');
  return parsed.output;
}

/** One point as the API writes it, `[seconds, "value"]`; a value that is no finite number is `null`, for 0 would be a lie. */
function pointOf(point: unknown): { time: number; value: number | null } | null {
  if (!Array.isArray(point)) return null;
  const [time, text] = point as [unknown, unknown];
  if (typeof time !== 'number' || typeof text !== 'string') return null;
  const value = Number(text);
  return { time, value: text !== '' && Number.isFinite(value) ? value : null };
}

/**
 * A range answer on the grid it was asked for. Points go to the nearest grid time, since some servers move them; of two for
 * one place the later in the answer counts; grid times without a point are `null`.
 * @throws SourceError 'not-prometheus' if the answer has another form; 'server-error' if it has points and all lie elsewhere
 */
export function matrixOnGrid(data: unknown, grid: Grid): GridSeries[] {
  const { result } = check(matrix, data);
  checkTimes(
    result.map(({ values }) => values),
    grid,
  );
  return result.map(({ metric: labels, values }) => {
    const line = blankLine(grid);
    for (const one of values ?? []) {
      const point = pointOf(one);
      const index = point && placeOf(grid, point.time);
      if (point && index !== null) line[index] = point.value;
    }
    return { labels, values: line };
  });
}

function blankLine(grid: Grid): (number | null)[] {
  return Array.from({ length: grid.count }, () => null);
}

/** An answer about other times than the grid's is none: taken for gaps, it would pass for an engine that fell silent. */
function checkTimes(series: readonly (readonly unknown[] | undefined)[], grid: Grid): void {
  let elsewhere = false;
  for (const points of series) {
    for (const point of points ?? []) {
      const time: unknown = Array.isArray(point) ? point[0] : undefined;
      if (typeof time !== 'number') continue;
      if (placeOf(grid, time) !== null) return;
      elsewhere = true;
    }
  }
  if (elsewhere) throw new SourceError('server-error', 'The answer speaks of other times than it was asked about.');
}

/** The grid time a moved time belongs to; `null` outside the grid. */
function placeOf(grid: Grid, time: number): number | null {
  const index = Math.round((time - grid.from) / grid.step);
  const outside = index < 0 || index >= grid.count || Math.abs(time - timeAt(grid, index)) > grid.step / 2;
  return outside ? null : index;
}

/** A native histogram: https://prometheus.io/docs/prometheus/latest/querying/api/#native-histograms. Empty buckets are left out. */
const native = v.object({
  count: v.string(),
  sum: v.string(),
  buckets: v.optional(v.array(v.tuple([v.number(), v.string(), v.string(), v.string()]))),
});

/**
 * A range answer of native histograms as the classic ones it stands for: a line per upper bound, cumulative, under the label
 * `le`, and the sums. Bounds are those of any time and series of one label set; a bucket that is left out counts nothing. Whether
 * a bound belongs to the bucket below or above it is not kept. Series of plain numbers are left out. Throws as `matrixOnGrid`.
 */
export function nativeOnGrid(data: unknown, grid: Grid): { buckets: GridSeries[]; sums: GridSeries[] } {
  const buckets: GridSeries[] = [];
  const sums: GridSeries[] = [];
  const { result } = check(matrix, data);
  checkTimes(
    result.map(({ histograms }) => histograms),
    grid,
  );
  for (const { metric: labels, histograms } of result) {
    if (!histograms) continue;
    const counts: (ReadonlyMap<number, number> | null)[] = Array.from({ length: grid.count }, () => null);
    const totals = blankLine(grid);
    const sum = blankLine(grid);
    for (const one of histograms) {
      const [time, value] = (Array.isArray(one) ? one : []) as unknown[];
      const parsed = v.safeParse(native, value);
      const index = typeof time === 'number' && parsed.success ? placeOf(grid, time) : null;
      if (index === null || !parsed.success) continue;
      const ends = (parsed.output.buckets ?? []).map(([, , right, n]) => [boundOf(right), Number(n)] as const);
      counts[index] = new Map(ends);
      totals[index] = finite(parsed.output.count);
      sum[index] = finite(parsed.output.sum);
    }
    const bounds = [...new Set(counts.flatMap((found) => (found ? [...found.keys()] : [])))]
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    const running = counts.map((found): number | null => (found ? 0 : null));
    for (const bound of bounds) {
      counts.forEach((found, i) => {
        if (found) running[i] = (running[i] ?? 0) + (found.get(bound) ?? 0);
      });
      buckets.push({ labels: { ...labels, le: String(bound) }, values: [...running] });
    }
    buckets.push({ labels: { ...labels, le: '+Inf' }, values: totals });
    sums.push({ labels, values: sum });
  }
  return { buckets, sums };
}

function boundOf(text: string): number {
  return text === '+Inf' ? Infinity : Number(text);
}

function finite(text: string): number | null {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** An instant answer: label sets, each with its one value. Throws as `matrixOnGrid`. */
export function vectorOf(data: unknown): GridSeries[] {
  return check(vector, data).result.map(({ metric: labels, value }) => ({
    labels,
    values: [pointOf(value)?.value ?? null],
  }));
}

/** Raw samples: label sets with their ascending times, unix seconds. Throws as `matrixOnGrid`. */
export function sampleTimes(data: unknown): { labels: Readonly<Record<string, string>>; times: number[] }[] {
  return check(matrix, data).result.map(({ metric: labels, values }) => ({
    labels,
    times: (values ?? [])
      .map((one) => pointOf(one)?.time ?? Number.NaN)
      .filter((time) => !Number.isNaN(time))
      .sort((a, b) => a - b),
  }));
}

/** A list of names. Throws as `matrixOnGrid`. */
export function namesOf(data: unknown): string[] {
  return check(names, data);
}
