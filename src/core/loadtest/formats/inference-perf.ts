import { percentilesOf } from '../distribution.ts';
import { amountAt, isObject, at, type JsonObject, numberAt, objectAt } from '../json.ts';
import type { Latency, Load, LoadRun } from '../run.ts';
import { type LoadFormat, UNKNOWN } from './format.ts';

/**
 * inference-perf `summary_lifecycle_metrics.json` and `stage_N_lifecycle_metrics.json`, all in seconds. Its TPOT is without the
 * first token; its ITL pools every gap, tokens of one chunk 0 s apart. Source: kubernetes-sigs/inference-perf
 * inference_perf/reportgen.
 */
export const inferencePerf: LoadFormat = {
  id: 'inference-perf',
  title: 'inference-perf',
  recognises: (record) => isObject(at(record, 'load_summary')) && isObject(at(record, 'successes')),
  read: (records, { file }) => records.map((record) => runOf(record, file)),
};

function runOf(record: JsonObject, file: string): LoadRun {
  const successes = objectAt(record, 'successes');
  const mean = (...path: readonly string[]) => amountAt(successes, ...path, 'mean');
  const ok = amountAt(successes, 'count');
  const load = loadOf(record);
  return {
    ...UNKNOWN,
    format: 'inference-perf',
    tool: 'inference-perf',
    file,
    name: load.kind === 'rate' ? `${Number((load.value ?? 0).toFixed(2))} requests/s` : stageOf(file),
    duration: amountAt(record, 'benchmark_time_seconds') ?? amountAt(record, 'load_summary', 'send_duration'),
    load,
    counts: { ok, failed: amountAt(record, 'failures', 'count'), incomplete: null },
    lengths: {
      input: mean('prompt_len') ?? mean('prompt_tokens', 'total') ?? mean('prompt_tokens'),
      output: mean('output_len') ?? mean('output_tokens', 'total') ?? mean('output_tokens'),
    },
    throughput: {
      requests: amountAt(successes, 'throughput', 'requests_per_sec'),
      outputTokens: amountAt(successes, 'throughput', 'output_tokens_per_sec'),
      totalTokens: amountAt(successes, 'throughput', 'total_tokens_per_sec'),
    },
    latencies: [
      ...latency(successes, 'time_to_first_token', { measure: 'ttft', called: 'TTFT', definition: 'ttft-client' }, ok),
      ...latency(successes, 'inter_token_latency', { measure: 'itl', called: 'ITL', definition: 'gaps-pooled' }, null),
      ...latency(
        successes,
        'time_per_output_token',
        { measure: 'tpot', called: 'TPOT', definition: 'tpot-per-request' },
        ok,
      ),
      ...latency(
        successes,
        'normalized_time_per_output_token',
        { measure: 'e2e-per-token', called: 'Normalized TPOT', definition: 'e2e-per-token-client' },
        ok,
      ),
      ...latency(
        successes,
        'request_latency',
        { measure: 'e2e', called: 'Request latency', definition: 'e2e-client' },
        ok,
      ),
    ],
  };
}

/** A statistic may be null, where nothing streamed. */
function latency(
  successes: JsonObject,
  metric: string,
  what: Pick<Latency, 'measure' | 'called' | 'definition'>,
  count: number | null,
): Latency[] {
  const stated = objectAt(successes, 'latency', metric);
  const of = (key: string) => numberAt(stated, key);
  const percentiles = percentilesOf(Object.keys(stated).map((key) => [key, of(key)] as const));
  const mean = of('mean');
  if (mean === null && percentiles.length === 0) return [];
  return [{ ...what, mean, std: of('std'), min: of('min'), max: of('max'), count, percentiles }];
}

function loadOf(record: JsonObject): Load {
  const rate = amountAt(record, 'load_summary', 'requested_rate');
  const concurrency = amountAt(record, 'load_summary', 'concurrency');
  if (concurrency !== null && concurrency > 0) return { kind: 'concurrency', value: concurrency, max: null };
  return rate === null || rate === 0 ? UNKNOWN.load : { kind: 'rate', value: rate, max: null };
}

function stageOf(file: string): string {
  const [, stage] = /stage_(\d+)_/.exec(file) ?? [];
  return stage === undefined ? 'all stages' : `stage ${stage}`;
}
