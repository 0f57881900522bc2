import type { Values } from '../base/grid.ts';
import { type Interval, quantileInterval } from '../base/histogram.ts';
import type { Evidence, Histogram } from '../evidence/evidence.ts';
import type { SignalId } from '../signals/index.ts';

const LENGTHS = [
  'prompt-length',
  'computed-prompt-length',
  'output-length',
  'requested-output',
] as const satisfies readonly SignalId[];

/** Lengths of one replica over the window, in tokens. */
export interface Lengths {
  readonly signal: (typeof LENGTHS)[number];
  readonly replica: string;
  readonly query: string | null;
  readonly requests: number;
  readonly mean: number | null;
  /** By the share at or below; an interval, since buckets tell no more. */
  readonly quantiles: Readonly<Record<'0.5' | '0.95' | '0.99', Interval | null>>;
  /** Requests at or below each bound, the last being all. */
  readonly buckets: readonly { readonly le: number | '+Inf'; readonly requests: number }[];
}

/** What lengths.json holds. A signal that was not there is named, since no lengths are not short ones. */
export interface LengthsFile {
  readonly unit: 'tokens';
  readonly how: string;
  readonly lengths: readonly Lengths[];
  readonly absent: readonly string[];
}

/**
 * Distributions of prompts and answers. Requests are the rate at each grid time times the spacing, added up, and so are neither
 * whole numbers nor exact.
 */
export function lengthsOf({ grid, readings }: Evidence): LengthsFile {
  return {
    unit: 'tokens',
    how: `requests = sum over ${grid.count} grid times of rate × ${grid.step} s; quantiles as far as the buckets allow`,
    lengths: LENGTHS.flatMap((signal) =>
      (readings[signal]?.histograms ?? []).map((histogram) => ({
        signal,
        replica: histogram.replica,
        query: readings[signal]?.query ?? null,
        ...totalsOf(histogram, grid.step),
      })),
    ),
    absent: LENGTHS.filter((signal) => (readings[signal]?.histograms ?? []).length === 0),
  };
}

function totalsOf({ bounds, cumulative, count, sum }: Histogram, step: number) {
  const total = (values: Values) => values.reduce<number>((all, value) => all + (value ?? 0) * step, 0);
  const requests = total(count);
  const below = cumulative.map(total);
  const at = (q: number) => quantileInterval(bounds, below, requests, q);
  return {
    requests,
    mean: requests > 0 ? total(sum) / requests : null,
    quantiles: { '0.5': at(0.5), '0.95': at(0.95), '0.99': at(0.99) },
    buckets: [...bounds.map((le, i) => ({ le, requests: below[i] as number })), { le: '+Inf' as const, requests }],
  };
}
