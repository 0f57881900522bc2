import { percentilesOf } from '../distribution.ts';
import { amountAt, at, isObject, type JsonObject, listAt, numberAt, objectAt, textAt } from '../json.ts';
import type { Latency, Load, LoadRun } from '../run.ts';
import { type LoadFormat, momentOf, UNKNOWN } from './format.ts';

/**
 * Benchmark report of llm-d-benchmark, JSON or YAML. 0.1 has `metrics`, 0.2 and 0.2.1 `results.request_performance.aggregate`;
 * each statistic states its units. It is filled in from another tool, so what a number is depends on that tool: its TPOT and ITL are
 * those of `scenario.load`. Source: llm-d/llm-d-benchmark llmdbenchmark/analysis/benchmark_report.
 */
export const llmD: LoadFormat = {
  id: 'llm-d',
  title: 'llm-d benchmark report',
  recognises: (record) =>
    isObject(at(record, 'results', 'request_performance')) ||
    (isObject(at(record, 'scenario')) && isObject(at(record, 'metrics', 'latency'))),
  read: (records, { file }) => records.map((record) => runOf(record, file)),
};

const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  's/token': 1,
  ms: 1e-3,
  'ms/token': 1e-3,
  us: 1e-6,
  ns: 1e-9,
};
/** Tools whose report says what they say themselves; `guidellm` weighs its ITL by tokens and counts the first token into its TPOT. */
const GUIDELLM = /guidellm/i;

function runOf(record: JsonObject, file: string): LoadRun {
  const version = textAt(record, 'version') ?? String(numberAt(record, 'version') ?? '');
  const performance = at(record, 'results', 'request_performance', 'aggregate') ?? at(record, 'metrics');
  const requests = objectAt(performance, 'requests');
  const rates = objectAt(performance, 'throughput');
  const generator = generatorOf(record);
  const total = amountAt(requests, 'total');
  const failures = amountAt(requests, 'failures');
  const incomplete = amountAt(requests, 'incomplete');
  const load = loadOf(record);
  const isGuide = GUIDELLM.test(generator ?? '');
  const per = (key: string, ...more: readonly string[]) =>
    [key, ...more].map((name) => amountAt(rates, name, 'mean') ?? amountAt(rates, name)).find((x) => x !== null) ??
    null;
  return {
    ...UNKNOWN,
    format: 'llm-d',
    tool: ['llm-d benchmark report', version, generator === null ? '' : `of ${generator}`].filter(Boolean).join(' '),
    file,
    name: load.value === null ? 'one run' : `${load.value}${load.kind === 'rate' ? ' requests/s' : ' at a time'}`,
    model: modelOf(record),
    started: momentOf(at(record, 'run', 'time', 'start')) ?? momentOf(at(record, 'metrics', 'time', 'start')),
    duration: durationOf(record),
    load,
    counts: {
      ok: total === null ? null : Math.max(0, total - (failures ?? 0) - (incomplete ?? 0)),
      failed: failures,
      incomplete,
    },
    lengths: {
      input: amountAt(requests, 'input_length', 'mean'),
      output: amountAt(requests, 'output_length', 'mean'),
    },
    throughput: {
      requests: per('request_rate', 'requests_per_sec'),
      outputTokens: per('output_token_rate', 'output_tokens_per_sec'),
      totalTokens: per('total_token_rate', 'total_tokens_per_sec'),
    },
    latencies: [
      ...latency(performance, 'time_to_first_token', { measure: 'ttft', called: 'TTFT', definition: 'ttft-client' }),
      ...latency(
        performance,
        'inter_token_latency',
        isGuide
          ? { measure: 'tpot', called: 'ITL', definition: 'tpot-token-weighted' }
          : { measure: 'itl', called: 'ITL', definition: 'gaps-pooled' },
      ),
      ...latency(
        performance,
        'time_per_output_token',
        isGuide
          ? { measure: 'e2e-per-token', called: 'TPOT', definition: 'e2e-per-token-client' }
          : { measure: 'tpot', called: 'TPOT', definition: 'tpot-per-request' },
      ),
      ...(isGuide
        ? []
        : latency(performance, 'normalized_time_per_output_token', {
            measure: 'e2e-per-token',
            called: 'Normalized TPOT',
            definition: 'e2e-per-token-client',
          })),
      ...latency(performance, 'request_latency', {
        measure: 'e2e',
        called: 'Request latency',
        definition: 'e2e-client',
      }),
    ],
    warnings:
      generator === null
        ? [
            'The report does not say which tool measured; ITL and TPOT are taken as vLLM, SGLang and inference-perf mean them.',
          ]
        : [],
  };
}

function latency(
  performance: Parameters<typeof objectAt>[0],
  metric: string,
  what: Pick<Latency, 'measure' | 'called' | 'definition'>,
): Latency[] {
  const stated = objectAt(performance, 'latency', metric);
  const factor = SECONDS[textAt(stated, 'units') ?? ''];
  if (factor === undefined) return [];
  const of = (key: string) => {
    const value = numberAt(stated, key);
    return value === null ? null : value * factor;
  };
  const percentiles = percentilesOf(
    Object.keys(stated).map((key) => [key.toLowerCase().replace(/^p(\d+)p(\d+)$/, 'p$1.$2'), of(key)] as const),
  );
  const mean = of('mean');
  if (mean === null && percentiles.length === 0) return [];
  return [{ ...what, mean, std: of('stddev'), min: of('min'), max: of('max'), count: null, percentiles }];
}

function generatorOf(record: JsonObject): string | null {
  return textAt(record, 'scenario', 'load', 'standardized', 'tool') ?? textAt(record, 'scenario', 'load', 'name');
}

function modelOf(record: JsonObject): string | null {
  const stack = listAt(record, 'scenario', 'stack');
  for (const part of stack) {
    const name = textAt(part, 'standardized', 'model', 'name');
    if (name !== null) return name;
  }
  return textAt(record, 'scenario', 'model', 'name');
}

function loadOf(record: JsonObject): Load {
  const places = [
    at(record, 'scenario', 'load', 'standardized'),
    at(record, 'scenario', 'load', 'args'),
    at(record, 'scenario', 'load', 'native', 'args'),
  ];
  for (const place of places) {
    const rate = amountAt(place, 'rate_qps') ?? amountAt(place, 'request_rate');
    const concurrency = amountAt(place, 'concurrency') ?? amountAt(place, 'max_concurrency');
    if (rate !== null && rate > 0) return { kind: 'rate', value: rate, max: concurrency };
    if (concurrency !== null && concurrency > 0) return { kind: 'concurrency', value: concurrency, max: null };
  }
  return UNKNOWN.load;
}

/** Seconds, or ISO 8601 such as `PT20M37S`. */
function durationOf(record: JsonObject): number | null {
  const stated = at(record, 'run', 'time', 'duration') ?? at(record, 'metrics', 'time', 'duration');
  if (typeof stated === 'number' && stated >= 0) return stated;
  const [, h, m, s] = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(String(stated ?? '')) ?? [];
  const seconds = Number(h ?? 0) * 3600 + Number(m ?? 0) * 60 + Number(s ?? 0);
  return seconds > 0 ? seconds : null;
}
