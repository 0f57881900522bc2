import type { Definition } from '../definitions.ts';
import { percentilesOf } from '../distribution.ts';
import { fromMs, type JsonObject, numberAt } from '../json.ts';
import type { Latency, Measure } from '../run.ts';

/** A latency under the names `mean_X_ms`, `median_X_ms`, `std_X_ms`, `p99_X_ms`, as vLLM and SGLang write them. */
export interface MsField {
  readonly field: string;
  readonly measure: Measure;
  readonly called: string;
  readonly definition: Definition;
}

/** @returns nothing where neither a mean nor a percentile is there; @param count values behind it, if known */
export function msLatency(record: JsonObject, { field, ...what }: MsField, count: number | null): Latency[] {
  const of = (statistic: string) => fromMs(numberAt(record, `${statistic}_${field}_ms`));
  const suffix = `_${field}_ms`;
  const percentiles = percentilesOf(
    Object.keys(record)
      .filter((key) => key.endsWith(suffix))
      .map((key) => [key.slice(0, -suffix.length), fromMs(numberAt(record, key))] as const),
  );
  const mean = of('mean');
  if (mean === null && percentiles.length === 0) return [];
  // Nothing streamed: the tool writes zeros where it has no value.
  if ([mean ?? 0, ...percentiles.map((one) => one.seconds)].every((value) => value === 0)) return [];
  return [{ ...what, mean, std: of('std'), min: of('min'), max: of('max'), count, percentiles }];
}
