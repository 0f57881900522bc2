import type { Definition } from './definitions.ts';

/**
 * One load test, whatever tool ran it. Base units throughout; what a tool does not say is `null` and stays so: a p95 is never made
 * from a p90 and a p99.
 */
export interface LoadRun {
  /** Id of the format it was read from. */
  readonly format: string;
  /** Tool and version as far as the file says, e.g. `GuideLLM 0.7.1`. */
  readonly tool: string;
  readonly file: string;
  /** What tells it apart from its neighbours in the file: scenario, stage, strategy. */
  readonly name: string;
  readonly model: string | null;
  /** When load began. */
  readonly started: Started | null;
  /** Seconds of load. */
  readonly duration: number | null;
  readonly load: Load;
  readonly counts: { readonly ok: number | null; readonly failed: number | null; readonly incomplete: number | null };
  /** Mean tokens per finished request. */
  readonly lengths: { readonly input: number | null; readonly output: number | null };
  /** Per second over the tool's own duration. */
  readonly throughput: {
    readonly requests: number | null;
    readonly outputTokens: number | null;
    readonly totalTokens: number | null;
  };
  /** Requests per second within the tool's own targets. */
  readonly goodput: number | null;
  readonly latencies: readonly Latency[];
  /** Every request, where the file holds them; seconds since the run began. */
  readonly requests: readonly RequestTimes[] | null;
  /** Flags the server was started with, where the file holds them. */
  readonly serverArgs: Readonly<Record<string, string>> | null;
  /** Sentences: what is missing, doubtful or was left out. */
  readonly warnings: readonly string[];
}

/** `zoned`: unix seconds. `local`: the clock of the machine that ran it, without a zone, as if it were UTC. */
export interface Started {
  readonly at: number;
  readonly clock: 'zoned' | 'local';
}

/**
 * What was asked of the server. `concurrency`: so many requests at a time (closed loop). `rate`: so many per second whatever comes
 * back (open loop). `unlimited`: everything at once.
 */
export interface Load {
  readonly kind: 'concurrency' | 'rate' | 'unlimited' | 'unknown';
  readonly value: number | null;
  /** Upper limit of concurrency beside a rate. */
  readonly max: number | null;
}

/** What is measured; definitions differ between tools, see `Latency.definition`. */
export type Measure = 'ttft' | 'itl' | 'tpot' | 'e2e' | 'e2e-per-token';

/** One latency as a tool states it, in seconds. */
export interface Latency {
  readonly measure: Measure;
  /** The tool's own name for it. */
  readonly called: string;
  readonly definition: Definition;
  readonly mean: number | null;
  readonly std: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** Number of values behind it. */
  readonly count: number | null;
  /** Ascending by `q`, which is 0 to 1. */
  readonly percentiles: readonly Percentile[];
}

export interface Percentile {
  readonly q: number;
  readonly seconds: number;
}

/** Seconds since the run began; `end` is `null` for a request whose end is not known. */
export interface RequestTimes {
  readonly start: number;
  readonly end: number | null;
  readonly ttft: number | null;
  readonly ok: boolean;
}

/** The latency of a measure. */
export function latencyOf(run: LoadRun, measure: Measure): Latency | null {
  return run.latencies.find((one) => one.measure === measure) ?? null;
}

/** A statistic of a latency, `mean` or a quantile as the tool states it; `null` where it does not. */
export function statisticOf(latency: Latency | null, statistic: Statistic): number | null {
  if (latency === null) return null;
  if (statistic === 'mean') return latency.mean;
  const q = QUANTILES[statistic];
  return latency.percentiles.find((one) => Math.abs(one.q - q) < 1e-9)?.seconds ?? null;
}

export type Statistic = 'mean' | 'p50' | 'p90' | 'p95' | 'p99';
export const STATISTICS: readonly Statistic[] = ['mean', 'p50', 'p90', 'p95', 'p99'];
const QUANTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;

/** The quantile a statistic stands for; `null` for the mean. */
export function quantileOf(statistic: Statistic): number | null {
  return statistic === 'mean' ? null : QUANTILES[statistic];
}
