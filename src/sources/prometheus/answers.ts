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
  result: v.array(v.object({ metric, values: v.optional(points) })),
});
/** Instant vectors: https://prometheus.io/docs/prometheus/latest/querying/api/#instant-vectors */
const vector = v.object({
  resultType: v.literal('vector'),
  result: v.array(v.object({ metric, value: v.optional(points) })),
});
const names = v.array(v.string());

function check<T>(schema: v.GenericSchema<unknown, T>, data: unknown): T {
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
 * @throws SourceError 'not-prometheus' if the answer has another form
 */
export function matrixOnGrid(data: unknown, grid: Grid): GridSeries[] {
  return check(matrix, data).result.map(({ metric: labels, values }) => {
    const line: (number | null)[] = Array.from({ length: grid.count }, () => null);
    for (const one of values ?? []) {
      const point = pointOf(one);
      if (!point) continue;
      const index = Math.round((point.time - grid.from) / grid.step);
      if (index < 0 || index >= grid.count || Math.abs(point.time - timeAt(grid, index)) > grid.step / 2) continue;
      line[index] = point.value;
    }
    return { labels, values: line };
  });
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
