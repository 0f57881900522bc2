import type { Values } from '../base/grid.ts';
import type { SignalId } from './index.ts';

/** One series on the grid, aggregated to the labels of `groupLabels`. */
export interface GridSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: Values;
}

/**
 * One signal as a source reads it, before it is known which replicas exist: what PromQL answered, or what the evaluation of
 * pages gave instead. Both come in this one form, so that everything behind it is shared.
 */
export interface Readout {
  readonly signal: SignalId;
  /** Names found, in order of preference. */
  readonly metrics: readonly string[];
  /** PromQL that gives `series`; `null` if nothing was asked. */
  readonly query: string | null;
  /** Why the question failed, a sentence. */
  readonly problem?: string;
  /** Gauges, counters, ages; of histograms the bucket rates, with `le`; of info signals all labels, the one value being the unix time of the newest sample. */
  readonly series: readonly GridSeries[];
  /** Histograms: rates of the sum. */
  readonly sums: readonly GridSeries[];
  /** Info signals told in two ways: per label set and grid time the unix time of its newest sample. */
  readonly history?: readonly GridSeries[];
}
