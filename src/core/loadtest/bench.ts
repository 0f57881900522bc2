import { DEFINITIONS, type Definition } from './definitions.ts';
import { distributionOf } from './distribution.ts';
import type { LoadSettings } from './scenarios.ts';

/** Name of the format `bench` writes; docs/formats.md. */
export const BENCH_SCHEMA = 'vllm-triage/bench/1';

/** What `bench` writes. */
export interface BenchResult {
  readonly schema: typeof BENCH_SCHEMA;
  readonly generatedBy: { readonly name: 'vllm-triage'; readonly version: string };
  readonly target: { readonly url: string; readonly model: string; readonly api: Api };
  readonly runs: readonly BenchRun[];
}

export type Api = 'chat' | 'completions';

/** One request as the client saw it. Seconds; `at` since the run began, everything else since the request was sent. */
export interface RequestRecord {
  readonly at: number;
  /** First output. */
  readonly ttft: number | null;
  /** Last output. */
  readonly e2e: number | null;
  /** Answer closed, or given up. */
  readonly end: number;
  /** Between two events with output: as many as those, less one. */
  readonly gaps: readonly number[];
  /** As the server states them in `usage`; `null` where it does not. */
  readonly promptTokens: number | null;
  readonly outputTokens: number | null;
  readonly error: RequestError | null;
}

/** `stopped`: by Ctrl-C, which is nobody's failure. */
export interface RequestError {
  readonly kind: ErrorKind;
  readonly says: string;
}

export type ErrorKind =
  | 'unreachable'
  | 'reset'
  | 'timeout'
  | 'redirect'
  | `http-${number}`
  | 'no-stream'
  | 'stream-error'
  | 'cut-short'
  | 'no-output'
  | 'stopped';

export interface BenchRun {
  readonly scenario: string;
  readonly startedAt: string;
  readonly settings: LoadSettings & {
    readonly warmup: number;
    readonly timeoutSeconds: number;
    readonly ignoreEos: boolean;
    readonly seed: number;
  };
  readonly prompts: PromptNote;
  /** Ended by Ctrl-C; what is here was measured until then. */
  readonly interrupted: boolean;
  readonly counts: { readonly sent: number; readonly ok: number; readonly failed: number; readonly stopped: number };
  readonly errors: readonly { readonly kind: ErrorKind; readonly count: number; readonly example: string }[];
  /** `wall`: from the first request sent to the last answer closed. */
  readonly seconds: { readonly wall: number; readonly longestRequest: number | null };
  readonly lengths: { readonly prompt: Lengths; readonly output: Lengths };
  readonly outputTokensFrom: 'usage' | 'events' | 'usage-and-events';
  readonly throughput: {
    readonly requestsPerSecond: number;
    readonly outputTokensPerSecond: number;
    readonly totalTokensPerSecond: number | null;
    /** Tokens ÷ longest request, as the textbook divides. */
    readonly textbookTokensPerSecond: number | null;
    readonly textbookSays: string;
  };
  readonly latencies: Readonly<Record<'ttft' | 'itl' | 'tpot' | 'e2e', BenchLatency>>;
  readonly requests: readonly RequestRecord[];
  readonly warnings: readonly string[];
}

/** How prompts were made, and whether they are as long as asked. */
export interface PromptNote {
  readonly how: 'token-ids' | 'fitted-text' | 'calibrated-text';
  readonly exact: boolean;
  readonly says: string;
}

/** Tokens of finished requests; `null` where the server states none. */
export interface Lengths {
  readonly asked: number;
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

export interface BenchLatency {
  readonly definition: string;
  readonly count: number;
  readonly mean: number | null;
  readonly std: number | null;
  readonly min: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export interface Given {
  readonly scenario: string;
  /** Unix seconds. */
  readonly startedAt: number;
  readonly settings: BenchRun['settings'];
  readonly prompts: PromptNote;
  readonly interrupted: boolean;
  readonly requests: readonly RequestRecord[];
}

const TEXTBOOK_SAYS =
  'Output tokens ÷ the longest request, as the textbook divides. It is right only where all requests run at the same time; with more requests than seats it is too high by about the number of rounds.';

/** Sums a run up. A request that failed counts in no latency and in no throughput; its tokens are not in it either. */
export function summarise({ scenario, startedAt, settings, prompts, interrupted, requests }: Given): BenchRun {
  const ok = requests.filter((one) => one.error === null);
  const stopped = requests.filter((one) => one.error?.kind === 'stopped').length;
  const begun = requests.reduce((a, one) => Math.min(a, one.at), Infinity);
  const wall = requests.length === 0 ? 0 : requests.reduce((a, one) => Math.max(a, one.at + one.end), 0) - begun;
  const longest = ok.reduce<number | null>((a, one) => (one.e2e === null ? a : Math.max(a ?? 0, one.e2e)), null);
  const stated = ok.filter((one) => one.outputTokens !== null).length;
  const outputs = ok.map(outputOf);
  const outputTokens = outputs.reduce((a, b) => a + b, 0);
  const promptTokens = ok.every((one) => one.promptTokens !== null)
    ? ok.reduce((a, one) => a + (one.promptTokens ?? 0), 0)
    : null;
  const gaps = ok.flatMap((one) => one.gaps);
  const events = gaps.length + ok.length;
  const perSecond = (amount: number) => (wall > 0 ? amount / wall : 0);
  // Fewer events than tokens by more than the odd merged pair: gaps are not between tokens.
  const merged = stated === ok.length && events < outputTokens * 0.98;
  return {
    scenario,
    startedAt: new Date(startedAt * 1000).toISOString(),
    settings,
    prompts,
    interrupted,
    counts: { sent: requests.length, ok: ok.length, failed: requests.length - ok.length - stopped, stopped },
    errors: errorsOf(requests),
    seconds: { wall, longestRequest: longest },
    lengths: {
      prompt: lengthsOf(
        settings.promptTokens,
        ok.map((one) => one.promptTokens),
      ),
      output: lengthsOf(
        settings.outputTokens,
        ok.map((one) => one.outputTokens),
      ),
    },
    outputTokensFrom: stated === ok.length ? 'usage' : stated === 0 ? 'events' : 'usage-and-events',
    throughput: {
      requestsPerSecond: perSecond(ok.length),
      outputTokensPerSecond: perSecond(outputTokens),
      totalTokensPerSecond: promptTokens === null ? null : perSecond(outputTokens + promptTokens),
      textbookTokensPerSecond: longest !== null && longest > 0 ? outputTokens / longest : null,
      textbookSays: TEXTBOOK_SAYS,
    },
    latencies: {
      ttft: latency('ttft-client', known(ok.map((one) => one.ttft))),
      itl: latency(merged ? 'gaps-chunks' : 'gaps-pooled', gaps),
      tpot: latency('tpot-per-request', known(ok.map(perToken))),
      e2e: latency('e2e-client', known(ok.map((one) => one.e2e))),
    },
    requests,
    warnings: warningsOf({ settings, prompts, ok, stated, merged, events, outputTokens }),
  };
}

/** Events stand in for tokens where the server states none, which is too few where one event carries several. */
function outputOf(one: RequestRecord): number {
  return one.outputTokens ?? one.gaps.length + 1;
}

function perToken(one: RequestRecord): number | null {
  const tokens = outputOf(one);
  return one.ttft === null || one.e2e === null || tokens < 2 ? null : (one.e2e - one.ttft) / (tokens - 1);
}

function errorsOf(requests: readonly RequestRecord[]): BenchRun['errors'] {
  const kinds = new Map<ErrorKind, { count: number; example: string }>();
  for (const { error } of requests) {
    if (error === null || error.kind === 'stopped') continue;
    const seen = kinds.get(error.kind) ?? { count: 0, example: error.says };
    kinds.set(error.kind, { ...seen, count: seen.count + 1 });
  }
  return [...kinds].map(([kind, seen]) => ({ kind, ...seen })).sort((a, b) => b.count - a.count);
}

function lengthsOf(asked: number, stated: readonly (number | null)[]): Lengths {
  const { mean, min, max } = distributionOf(known(stated));
  return { asked, mean, min, max };
}

function latency(definition: Definition, values: readonly number[]): BenchLatency {
  const { mean, std, min, max, percentiles } = distributionOf(values);
  const [p50, p90, p95, p99] = percentiles;
  return {
    definition: DEFINITIONS[definition],
    count: values.length,
    mean,
    std,
    min,
    p50: p50?.seconds ?? null,
    p90: p90?.seconds ?? null,
    p95: p95?.seconds ?? null,
    p99: p99?.seconds ?? null,
    max,
  };
}

function warningsOf({
  settings,
  prompts,
  ok,
  stated,
  merged,
  events,
  outputTokens,
}: Pick<Given, 'settings' | 'prompts'> & {
  readonly ok: readonly RequestRecord[];
  readonly stated: number;
  readonly merged: boolean;
  readonly events: number;
  readonly outputTokens: number;
}): string[] {
  const warnings: string[] = [];
  if (ok.length === 0) return ['No request finished, so nothing was measured.'];
  if (!prompts.exact) warnings.push(prompts.says);
  const off = ok.filter((one) => one.promptTokens !== null && one.promptTokens !== settings.promptTokens).length;
  if (prompts.exact && off > 0)
    warnings.push(
      `The server counts other prompt lengths than ${settings.promptTokens} tokens in ${off} of ${ok.length} requests.`,
    );
  if (stated < ok.length)
    warnings.push(
      `${ok.length - stated} of ${ok.length} answers state no usage; their events were counted as tokens, which is too few where one event carries several.`,
    );
  if (merged)
    warnings.push(
      `${outputTokens} tokens came in ${events} events, so a gap is between events and longer than a token takes; TPOT is not affected.`,
    );
  const short = ok.filter((one) => one.outputTokens !== null && one.outputTokens < settings.outputTokens).length;
  if (short > 0)
    warnings.push(
      `${short} of ${ok.length} answers ended before ${settings.outputTokens} tokens, so the load is lighter than asked.`,
    );
  return warnings;
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter((value): value is number => value !== null);
}
