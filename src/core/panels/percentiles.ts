import type { Evidence, Histogram } from '../evidence/evidence.ts';
import { fleetHistogram, histogramMean, histogramQuantile } from '../evidence/lines.ts';
import type { SignalId } from '../signals/index.ts';
import { maskedBy, newest, trailing, trailingSteps } from './drawing.ts';
import type { PanelBand, PanelLine, PanelReadout } from './panel.ts';

/** Seconds each percentile looks back over: long enough for a bucket to fill, short enough to show the onset. */
export const PERCENTILE_SECONDS = 60;

/** Below n = 10 ÷ (1 − q) observations a quantile is not firm (pathologies.md §7): p99 wants 1,000. */
const firm = (q: number): number => 10 / (1 - q);

export interface Percentiles {
  readonly bands: readonly PanelBand[];
  readonly mean: PanelLine;
  readonly observed: PanelReadout;
  /** "p99 rests on 34 requests a minute", or empty where there are enough. */
  readonly caveat: string;
}

/**
 * p50, p95 and p99 as the intervals their buckets allow, and the mean, over the last minute.
 * @param noun what is counted, in the plural · @param limit the target, beyond which the band is drawn as harm
 * @returns `null` if no replica has the histogram
 */
export function percentilesOf(
  evidence: Evidence,
  id: SignalId,
  noun: string,
  limit: number | null,
  replicas?: readonly string[],
): Percentiles | null {
  const histogram = fleetHistogram(evidence, id, replicas);
  if (!histogram) return null;
  const steps = trailingSteps(evidence, PERCENTILE_SECONDS);
  const observed = trailing(histogram.count, steps).map((rate) => (rate === null ? null : rate * PERCENTILE_SECONDS));
  const now = newest(observed);
  const few = now !== null && now > 0 && now < firm(0.99);
  return {
    bands: [
      bandOf(histogram, 0.5, 'second', null, steps),
      bandOf(histogram, 0.99, 'thin', limit, steps),
      bandOf(histogram, 0.95, 'main', limit, steps),
    ],
    mean: {
      id: 'mean',
      label: 'mean',
      values: maskedBy(histogramMean(histogram, steps), histogram.count),
      style: 'thin',
    },
    observed: { label: noun, values: observed.map((n) => (n === null ? null : Math.round(n))), unit: 'count' },
    caveat: few ? `p99 rests on ${Math.round(now)} ${noun} a minute` : '',
  };
}

function bandOf(
  histogram: Histogram,
  q: number,
  style: PanelBand['style'],
  limit: number | null,
  steps: number,
): PanelBand {
  const at = histogramQuantile(histogram, q, steps);
  const name = `p${Math.round(q * 100)}`;
  return {
    id: name,
    label: name,
    low: maskedBy(at.low, histogram.count),
    high: maskedBy(at.high, histogram.count),
    style,
    limit,
  };
}
