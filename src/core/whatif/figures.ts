import { quantileInterval } from '../base/histogram.ts';
import type { Values } from '../base/grid.ts';
import { mean } from '../base/statistics.ts';
import type { Histogram } from '../evidence/evidence.ts';
import type { Engine } from '../evidence/judged.ts';
import { bucketsBetween } from '../evidence/trace.ts';
import type { Played } from './scheduler.ts';

/** What is compared: measured, played at today's settings, played at others. Base units. */
export const FIGURES = [
  { id: 'waiting', title: 'Waiting at the end', unit: 'requests', better: 'less' },
  { id: 'running', title: 'Running', unit: 'requests', better: null },
  { id: 'usage', title: 'KV cache usage', unit: 'ratio', better: null },
  { id: 'ttft-p95', title: 'TTFT p95', unit: 'seconds', better: 'less' },
  { id: 'itl-mean', title: 'ITL, mean', unit: 'seconds', better: 'less' },
  { id: 'itl-p95', title: 'ITL p95', unit: 'seconds', better: 'less' },
  { id: 'e2e-p95', title: 'E2E p95', unit: 'seconds', better: 'less' },
  { id: 'output', title: 'Output', unit: 'tokens-per-second', better: 'more' },
  { id: 'preemptions', title: 'Preemptions', unit: 'per-second', better: 'less' },
] as const;

export type FigureId = (typeof FIGURES)[number]['id'];

/** A number and where the true one may lie; `high` is `null` above the last bucket. */
export interface Span {
  readonly low: number;
  readonly mid: number;
  readonly high: number | null;
}

export type Figures = Readonly<Partial<Record<FigureId, Span>>>;

/** Observations below which a 95th percentile is one of the largest few values. */
const ENOUGH_FOR_P95 = 20;

/** What one engine did between two grid indices, both inclusive. Figures nobody measured are not there. */
export function measuredFigures(engine: Engine, from: number, to: number, step: number, overlap: number): Figures {
  const { trace } = engine;
  // A rate at an index is of the window before it: those that begin before `from` are left out, unless that leaves none.
  const first = Math.min(to, from + overlap);
  const level = (values: Values | null): Span | null => exact(mean(values?.slice(from, to + 1) ?? []));
  const rate = (values: Values | null): Span | null => exact(mean(values?.slice(first, to + 1) ?? []));
  const bucketP95 = (histogram: Histogram | null): Span | null => {
    if (!histogram) return null;
    const b = bucketsBetween(histogram, first, to);
    if (b.count * (to - first + 1) * step < ENOUGH_FOR_P95) return null;
    return spanOf(quantileInterval(b.bounds, b.cumulative, b.count, 0.95));
  };
  const pace = trace.itl ? bucketsBetween(trace.itl, first, to) : null;
  const waiting = (trace.waiting ?? []).slice(from, to + 1).filter((w) => w !== null);
  return present({
    // The last scrape of a recording may catch clients being cut off: the middle of the last three counts.
    waiting: exact(middle(waiting.slice(-3))),
    running: level(trace.running),
    usage: level(trace.usage),
    'ttft-p95': bucketP95(trace.ttft),
    'itl-mean': pace && pace.count > 0 ? exact(pace.sum / pace.count) : null,
    'itl-p95': bucketP95(trace.itl),
    'e2e-p95': bucketP95(trace.e2e),
    output: rate(trace.output),
    preemptions: rate(trace.preemptions),
  });
}

/** The same figures of one play. They are exact; measured percentiles are known as far as their bucket tells. */
export function playedFigures(played: Played): Figures {
  const once = (values: readonly number[]) => values.map((x) => [x, 1] as const);
  const gaps = played.gaps.reduce((sum, [, n]) => sum + n, 0);
  return present({
    waiting: exact(played.waitingLast),
    running: exact(played.running),
    usage: exact(played.usage),
    'ttft-p95': exact(p95(once(played.firstTokens))),
    'itl-mean': gaps > 0 ? exact(played.gaps.reduce((sum, [x, n]) => sum + x * n, 0) / gaps) : null,
    'itl-p95': exact(p95(played.gaps)),
    'e2e-p95': exact(p95(once(played.whole))),
    output: exact(played.output),
    preemptions: exact(played.preemptions),
  });
}

/** Smallest value that 95 % do not exceed, of values with how often each was seen. */
function p95(seen: readonly (readonly [number, number])[]): number | null {
  const count = seen.reduce((sum, [, n]) => sum + n, 0);
  if (count < ENOUGH_FOR_P95) return null;
  let below = 0;
  for (const [value, n] of [...seen].sort((a, b) => a[0] - b[0])) {
    below += n;
    if (below >= 0.95 * count) return value;
  }
  return null;
}

function exact(x: number | null): Span | null {
  return x === null ? null : { low: x, mid: x, high: x };
}

function spanOf(interval: ReturnType<typeof quantileInterval>): Span | null {
  return interval && { low: interval.low, mid: interval.estimate, high: interval.high };
}

function middle(values: readonly number[]): number | null {
  return values.length === 0 ? null : ([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number);
}

function present(figures: Record<FigureId, Span | null>): Figures {
  return Object.fromEntries(Object.entries(figures).filter(([, span]) => span !== null)) as Figures;
}
