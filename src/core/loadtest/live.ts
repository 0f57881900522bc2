import { endOf, stepsIn, timeAt } from '../base/grid.ts';
import { quantileInterval } from '../base/histogram.ts';
import { sayCount, sayDuration, sig } from '../base/say.ts';
import type { Evidence, Histogram } from '../evidence/evidence.ts';
import { bucketsBetween, over } from '../evidence/trace.ts';
import { type LoadRun, latencyOf, type Measure, quantileOf, type Statistic } from './run.ts';

/** Seconds before the end of the evidence that count as now. */
export const LIVE_SECONDS = 300;

/** The server's own histogram of each measure. */
const LIVE = {
  ttft: 'ttft',
  itl: 'itl',
  tpot: 'time-per-output-token',
  e2e: 'e2e',
} as const;

export interface LivePoint {
  readonly replica: string;
  /** Output tokens per second. */
  readonly throughput: number;
  /** Seconds. */
  readonly latency: number;
  /** The quantile lies above the last bucket; `latency` is that bucket's bound. */
  readonly beyond: boolean;
}

/** The fleet as points on the curve of a load test. */
export interface LiveSide {
  readonly points: readonly LivePoint[];
  /** Mean tokens of requests that finished, all replicas together. */
  readonly lengths: { readonly input: number | null; readonly output: number | null };
  /** Sentences: why a replica, or all of it, is not there. */
  readonly missing: readonly string[];
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
}

/** What each replica did in the last five minutes of the evidence, measured as the server measures it. */
export function liveSide(evidence: Evidence, measure: Measure, statistic: Statistic): LiveSide {
  const { grid } = evidence;
  const last = grid.count - 1;
  const first = Math.max(0, last - stepsIn(grid, LIVE_SECONDS) + 1);
  const missing: string[] = [];
  const points: LivePoint[] = [];
  const signal = measure === 'e2e-per-token' ? null : LIVE[measure];
  if (signal === null) missing.push('The server has no histogram of whole request ÷ tokens.');
  for (const { id } of signal === null ? [] : evidence.replicas) {
    const line = evidence.readings['output-tokens']?.lines.find((one) => one.replica === id);
    const throughput = over(line?.values ?? null, grid, last, LIVE_SECONDS);
    const histogram = evidence.readings[signal as 'ttft']?.histograms.find((one) => one.replica === id);
    const latency = histogram ? latencyBetween(histogram, first, last, statistic) : null;
    if (throughput === null) missing.push(`${id}: no output tokens counted.`);
    else if (throughput === 0) missing.push(`${id}: no output in the last ${sayDuration(LIVE_SECONDS)}.`);
    else if (latency === null)
      missing.push(`${id}: ${histogram ? 'nothing observed' : 'no histogram'} of ${signal} in that time.`);
    else points.push({ replica: id, throughput, ...latency });
  }
  return { points, lengths: liveLengths(evidence, first, last), missing, from: timeAt(grid, first), to: endOf(grid) };
}

function latencyBetween(
  histogram: Histogram,
  first: number,
  last: number,
  statistic: Statistic,
): { latency: number; beyond: boolean } | null {
  const { bounds, cumulative, count, sum } = bucketsBetween(histogram, first, last);
  if (!(count > 1e-9)) return null;
  const q = quantileOf(statistic);
  if (q === null) return { latency: sum / count, beyond: false };
  const interval = quantileInterval(bounds, cumulative, count, q);
  return interval && { latency: interval.estimate, beyond: interval.high === null };
}

function liveLengths(evidence: Evidence, first: number, last: number): LiveSide['lengths'] {
  const mean = (signal: 'prompt-length' | 'output-length') => {
    const parts = (evidence.readings[signal]?.histograms ?? []).map((one) => bucketsBetween(one, first, last));
    const count = parts.reduce((a, one) => a + one.count, 0);
    return count > 1e-9 ? parts.reduce((a, one) => a + one.sum, 0) / count : null;
  };
  return { input: mean('prompt-length'), output: mean('output-length') };
}

/** Lengths that differ by more make another workload. */
const OTHER_LENGTH = 0.25;

/** What sets the runs apart from what is served now; sentences, none where they are alike or nothing is known. */
export function lengthWarnings(runs: readonly LoadRun[], live: LiveSide['lengths']): string[] {
  const kinds = [
    ['Prompts', 'input', 'prefill and the KV cache'],
    ['Answers', 'output', 'decode and throughput'],
  ] as const;
  return kinds.flatMap(([what, side, bears]) => {
    const now = live[side];
    const tested = [...new Set(runs.map(({ lengths }) => lengths[side]).filter((x) => x !== null))];
    const off = tested.filter((x) => now !== null && Math.abs(x - now) > OTHER_LENGTH * Math.max(x, now));
    if (now === null || off.length === 0) return [];
    const shown = [...new Set(off.map((x) => sig(x)))].slice(0, 4).join(', ');
    return [
      `${what} have ${sig(now)} tokens now and ${shown} in the load test: ${bears} differ, so the curve is of another workload.`,
    ];
  });
}

/** Time a request spends outside the engine, as far as a test and the server's own histogram of the same minutes tell. */
export type OutsideEngine =
  | {
      readonly state: 'known';
      /** Means, seconds. */
      readonly client: number;
      readonly server: number;
      readonly outside: number;
      readonly says: string;
    }
  | { readonly state: 'unknown'; readonly because: string };

/** The server's requests in the test's minutes against the test's: further apart, and somebody else's are among them. */
const SAME_REQUESTS = 0.2;

/**
 * Client TTFT − server TTFT: network, gateway, tokenizer, client. Means, because percentiles of two sides cannot be subtracted, and
 * only where the test ran inside the evidence, because other minutes had other queues.
 * @param zoneOffset seconds to add to a clock without a zone to make it UTC
 */
export function outsideEngine(run: LoadRun, evidence: Evidence, zoneOffset: number): OutsideEngine {
  const client = latencyOf(run, 'ttft')?.mean ?? null;
  if (client === null) return { state: 'unknown', because: 'the run states no mean TTFT' };
  if (run.started === null || run.duration === null)
    return { state: 'unknown', because: 'the file does not say when the run was' };
  const begun = run.started.at + (run.started.clock === 'local' ? zoneOffset : 0);
  const { grid, window } = evidence;
  // A rate at a grid time is of the window before it.
  const first = Math.ceil((begun - grid.from) / grid.step);
  const last = Math.ceil((begun + run.duration + Math.min(window, run.duration) - grid.from) / grid.step);
  if (first < 0 || begun + run.duration > endOf(grid))
    return { state: 'unknown', because: 'the run lies outside the range that is shown' };
  const parts = (evidence.readings.ttft?.histograms ?? []).map((one) =>
    bucketsBetween(one, first, Math.min(grid.count - 1, last)),
  );
  const count = parts.reduce((a, one) => a + one.count, 0);
  if (!(count > 1e-9)) return { state: 'unknown', because: 'the server counted no first token in those minutes' };
  const server = parts.reduce((a, one) => a + one.sum, 0) / count;
  const served = count * (Math.min(grid.count - 1, last) - first + 1) * grid.step;
  const sent = (run.counts.ok ?? 0) + (run.counts.failed ?? 0);
  const others =
    sent > 0 && Math.abs(served - sent) > SAME_REQUESTS * sent
      ? ` The server gave about ${sayCount(served, 'first token')} in those minutes and the test sent ${sig(sent)}, so they are not the same requests.`
      : '';
  const zone = run.started.clock === 'local' ? ' The file gives no time zone; that of this browser is taken.' : '';
  return {
    state: 'known',
    client,
    server,
    outside: client - server,
    says: `Mean TTFT at the client ${sayDuration(client)}, in the engine ${sayDuration(server)}.${others}${zone}`,
  };
}
