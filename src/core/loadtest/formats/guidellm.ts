import { percentilesOf } from '../distribution.ts';
import {
  amountAt,
  at,
  fromMs,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  numberAt,
  objectAt,
  textAt,
} from '../json.ts';
import type { Latency, Load, LoadRun, RequestTimes } from '../run.ts';
import { type LoadFormat, momentOf, UNKNOWN } from './format.ts';

/**
 * GuideLLM `benchmarks.json`, or the same as YAML; one benchmark per load. 0.7 and newer: `metadata.version` 2 with `config`;
 * 0.4 to 0.6: version 1 with `args`; up to 0.3: neither. Latency of a request in seconds, everything else in milliseconds, and
 * `p001` and `p999` are the 0.1th and 99.9th percentile. Source: vllm-project/guidellm src/guidellm/benchmark/schemas.
 */
export const guidellm: LoadFormat = {
  id: 'guidellm',
  title: 'GuideLLM',
  recognises: (record) => listAt(record, 'benchmarks').some((one) => isObject(at(one, 'metrics'))),
  read: (records, { file }) =>
    records.flatMap((record) =>
      listAt(record, 'benchmarks').flatMap((one) => (isObject(one) ? [runOf(one, record, file)] : [])),
    ),
};

function runOf(benchmark: JsonObject, whole: JsonObject, file: string): LoadRun {
  const metrics = objectAt(benchmark, 'metrics');
  const version = textAt(whole, 'metadata', 'guidellm_version');
  const load = loadOf(benchmark);
  const counts = countsOf(benchmark);
  const mean = (metric: string, of = 'successful') => amountAt(metrics, metric, of, 'mean');
  const startedAt = momentOf(at(benchmark, 'start_time')) ?? momentOf(at(benchmark, 'run_stats', 'start_time'));
  const warnings =
    counts.incomplete !== null && counts.ok !== null && counts.incomplete > 0.1 * counts.ok
      ? [
          `${counts.incomplete} requests were still running when the run was ended, beside ${counts.ok} finished ones; the slowest are missing from its latencies.`,
        ]
      : [];
  return {
    ...UNKNOWN,
    format: 'guidellm',
    tool: version === null ? 'GuideLLM' : `GuideLLM ${version}`,
    file,
    name: nameOf(benchmark, load),
    model: modelOf(benchmark, whole),
    started: startedAt,
    duration: durationOf(benchmark),
    load,
    counts,
    lengths: { input: mean('prompt_token_count'), output: mean('output_token_count') },
    throughput: {
      requests: mean('requests_per_second'),
      outputTokens: mean('output_tokens_per_second'),
      totalTokens: mean('tokens_per_second'),
    },
    latencies: [
      ...latency(metrics, 'time_to_first_token_ms', { measure: 'ttft', called: 'TTFT', definition: 'ttft-client' }),
      ...latency(metrics, 'inter_token_latency_ms', {
        measure: 'tpot',
        called: 'ITL',
        definition: 'tpot-token-weighted',
      }),
      ...latency(
        metrics,
        'time_per_output_token_ms',
        // Up to 0.3 the first token is not in it, as its own files show: TTFT + tokens × TPOT is the whole request.
        'metadata' in whole
          ? { measure: 'e2e-per-token', called: 'TPOT', definition: 'e2e-per-token-client' }
          : { measure: 'tpot', called: 'TPOT', definition: 'tpot-over-all-tokens' },
      ),
      ...latency(metrics, 'request_latency', { measure: 'e2e', called: 'Request latency', definition: 'e2e-client' }),
    ],
    requests: requestsOf(benchmark),
    warnings,
  };
}

function latency(
  metrics: JsonObject,
  metric: string,
  what: Pick<Latency, 'measure' | 'called' | 'definition'>,
): Latency[] {
  const stated = objectAt(metrics, metric, 'successful');
  const seconds = metric.endsWith('_ms') ? fromMs : (value: number | null) => value;
  const of = (key: string) => seconds(numberAt(stated, key));
  const count = amountAt(stated, 'count');
  const percentiles = percentilesOf(
    Object.keys(objectAt(stated, 'percentiles')).map(
      (key) => [ODD[key] ?? key.replace(/^p0(?=\d)/, 'p'), seconds(numberAt(stated, 'percentiles', key))] as const,
    ),
  );
  const mean = of('mean');
  // A metric nothing was measured for is all zeros.
  if ((mean === null && percentiles.length === 0) || count === 0 || (mean === 0 && of('max') === 0)) return [];
  return [{ ...what, mean, std: of('std_dev'), min: of('min'), max: of('max'), count, percentiles }];
}

const ODD: Readonly<Record<string, string>> = { p001: 'p0.1', p999: 'p99.9' };

function strategyOf(benchmark: JsonObject): JsonObject {
  const found =
    at(benchmark, 'config', 'strategy') ?? at(benchmark, 'args', 'strategy') ?? at(benchmark, 'scheduler', 'strategy');
  return isObject(found) ? found : {};
}

function loadOf(benchmark: JsonObject): Load {
  const strategy = strategyOf(benchmark);
  const rate = amountAt(strategy, 'rate');
  const max = amountAt(strategy, 'max_concurrency');
  switch (textAt(strategy, 'type_') ?? textAt(strategy, 'kind')) {
    case 'synchronous':
      return { kind: 'concurrency', value: 1, max: null };
    case 'concurrent':
      return { kind: 'concurrency', value: amountAt(strategy, 'streams') ?? max, max: null };
    case 'constant':
    case 'poisson':
    case 'async':
      return { kind: 'rate', value: rate, max };
    case 'throughput':
      return max === null
        ? { kind: 'unlimited', value: null, max: null }
        : { kind: 'concurrency', value: max, max: null };
    default:
      return rate === null ? { kind: 'unknown', value: null, max } : { kind: 'rate', value: rate, max };
  }
}

function nameOf(benchmark: JsonObject, { kind, value }: Load): string {
  const strategy = strategyOf(benchmark);
  const type = textAt(strategy, 'type_') ?? textAt(strategy, 'kind') ?? 'benchmark';
  if (value === null) return type;
  return kind === 'rate' ? `${type}, ${Number(value.toFixed(2))} requests/s` : `${type}, ${value} at a time`;
}

function modelOf(benchmark: JsonObject, whole: JsonObject): string | null {
  for (const found of [
    textAt(benchmark, 'config', 'backend', 'model'),
    textAt(whole, 'config', 'spec', 'backend', 'model'),
    textAt(whole, 'args', 'model'),
    textAt(benchmark, 'worker', 'backend_model'),
    textAt(benchmark, 'args', 'backend', 'model'),
  ])
    if (found !== null) return found;
  return null;
}

function countsOf(benchmark: JsonObject): LoadRun['counts'] {
  for (const totals of [
    at(benchmark, 'metrics', 'request_totals'),
    at(benchmark, 'scheduler_metrics', 'requests_made'),
    at(benchmark, 'run_stats', 'requests_made'),
    at(benchmark, 'request_totals'),
  ])
    if (isObject(totals) && amountAt(totals, 'successful') !== null)
      return {
        ok: amountAt(totals, 'successful'),
        failed: amountAt(totals, 'errored'),
        incomplete: amountAt(totals, 'incomplete'),
      };
  return UNKNOWN.counts;
}

function durationOf(benchmark: JsonObject): number | null {
  const stated = amountAt(benchmark, 'duration');
  if (stated !== null) return stated;
  const from = momentOf(at(benchmark, 'start_time')) ?? momentOf(at(benchmark, 'run_stats', 'start_time'));
  const to = momentOf(at(benchmark, 'end_time')) ?? momentOf(at(benchmark, 'run_stats', 'end_time'));
  return from === null || to === null || to.at <= from.at ? null : to.at - from.at;
}

/** Times of the requests that were kept; a file may hold a sample of them, which says nothing of how many were in flight. */
function requestsOf(benchmark: JsonObject): RequestTimes[] | null {
  const { ok } = countsOf(benchmark);
  const kept = listAt(benchmark, 'requests', 'successful');
  if (ok === null || ok === 0 || kept.length !== ok) return null;
  const times = kept.map(timesOf);
  if (!times.every((one) => one !== null)) return null;
  const first = times.reduce((a, one) => Math.min(a, one.start), Infinity);
  return times.map(({ start, end, ttft, ok: fine }) => ({
    start: start - first,
    end: end === null ? null : end - first,
    ttft,
    ok: fine,
  }));
}

function timesOf(request: Json): RequestTimes | null {
  const timings = objectAt(request, 'info', 'timings');
  const start =
    numberAt(timings, 'request_start') ??
    numberAt(request, 'start_time') ??
    numberAt(request, 'scheduler_info', 'request_start');
  if (start === null) return null;
  return {
    start,
    end: numberAt(timings, 'request_end') ?? numberAt(request, 'end_time'),
    ttft: fromMs(amountAt(request, 'time_to_first_token_ms')),
    ok: true,
  };
}
