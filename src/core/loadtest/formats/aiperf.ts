import { distributionOf, percentilesOf } from '../distribution.ts';
import { amountAt, at, isObject, type JsonObject, listAt, numberAt, objectAt, textAt } from '../json.ts';
import type { Latency, Load, LoadRun, RequestTimes } from '../run.ts';
import { type LoadFormat, momentOf, type ReadFrom, UNKNOWN } from './format.ts';

type What = Pick<Latency, 'measure' | 'called' | 'definition'>;

/** What its metrics are. Its inter-token latency is a mean per request; every gap is `inter_chunk_latency`. */
const METRICS: Readonly<Record<string, What>> = {
  time_to_first_token: { measure: 'ttft', called: 'TTFT', definition: 'ttft-client' },
  inter_chunk_latency: { measure: 'itl', called: 'Inter chunk latency', definition: 'gaps-pooled' },
  inter_token_latency: { measure: 'tpot', called: 'Inter token latency', definition: 'tpot-per-request' },
  request_latency: { measure: 'e2e', called: 'Request latency', definition: 'e2e-client' },
};

/** Units in use, in seconds. A unit that is not here leaves the number out, since it is stated and never to be guessed. */
const SECONDS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, sec: 1, seconds: 1 };

/**
 * AIPerf `profile_export_aiperf.json` and genai-perf `profile_export_genai_perf.json`: one object per metric with its unit.
 * Source: ai-dynamo/aiperf src/aiperf/exporters.
 */
export const aiperf: LoadFormat = {
  id: 'aiperf',
  title: 'AIPerf or genai-perf',
  recognises: (record) =>
    textAt(record, 'request_throughput', 'unit') !== null ||
    (textAt(record, 'aiperf_version') !== null && textAt(record, 'request_latency', 'unit') !== null),
  read: (records, { file }) => records.map((record) => runOf(record, file)),
};

function runOf(record: JsonObject, file: string): LoadRun {
  const version = textAt(record, 'aiperf_version');
  const config = objectAt(record, 'input_config');
  const mean = (metric: string) => amountAt(record, metric, 'avg');
  const ok = mean('request_count');
  const failed = mean('error_request_count');
  const load = loadOf(config);
  const started = momentOf(at(record, 'start_time'));
  const ended = momentOf(at(record, 'end_time'));
  const warnings =
    at(record, 'was_cancelled') === true ? ['The run was cancelled; it holds what was measured until then.'] : [];
  return {
    ...UNKNOWN,
    format: 'aiperf',
    tool: version === null ? 'AIPerf or genai-perf' : `AIPerf ${version}`,
    file,
    name: loadWords(load),
    model: modelOf(config),
    started,
    duration: inSeconds(record, 'benchmark_duration', 'avg') ?? (started && ended ? ended.at - started.at : null),
    load,
    counts: { ok, failed: failed ?? (version === null ? null : 0), incomplete: null },
    lengths: { input: mean('input_sequence_length'), output: mean('output_sequence_length') },
    throughput: {
      requests: mean('request_throughput'),
      outputTokens: mean('output_token_throughput'),
      totalTokens: mean('total_token_throughput'),
    },
    goodput: mean('goodput') ?? mean('request_goodput'),
    latencies: Object.entries(METRICS).flatMap(([metric, what]) => latency(record, metric, what)),
    warnings,
  };
}

function inSeconds(record: JsonObject, metric: string, statistic: string): number | null {
  const factor = SECONDS[textAt(record, metric, 'unit') ?? ''];
  const value = amountAt(record, metric, statistic);
  return factor === undefined || value === null ? null : value * factor;
}

function latency(record: JsonObject, metric: string, what: What): Latency[] {
  const of = (statistic: string) => inSeconds(record, metric, statistic);
  const percentiles = percentilesOf(Object.keys(objectAt(record, metric)).map((key) => [key, of(key)] as const));
  const mean = of('avg');
  if (mean === null && percentiles.length === 0) return [];
  const count = amountAt(record, metric, 'count');
  return [{ ...what, mean, std: of('std'), min: of('min'), max: of('max'), count, percentiles }];
}

/** The load is kept where the configuration of that release has it. */
function loadOf(config: JsonObject): Load {
  const places = [
    config,
    objectAt(config, 'loadgen'),
    objectAt(config, 'perf_analyzer', 'stimulus'),
    objectAt(config, 'load'),
  ];
  const phases = listAt(config, 'phases').filter(isObject);
  for (const place of [...places, ...phases, ...Object.values(objectAt(config, 'phases')).filter(isObject)]) {
    const rate = numberAt(place, 'request_rate') ?? numberAt(place, 'rate');
    const concurrency = numberAt(place, 'concurrency');
    if (rate !== null && rate > 0) return { kind: 'rate', value: rate, max: concurrency };
    if (concurrency !== null && concurrency > 0) return { kind: 'concurrency', value: concurrency, max: null };
  }
  return UNKNOWN.load;
}

function modelOf(config: JsonObject): string | null {
  for (const place of [config, objectAt(config, 'endpoint'), objectAt(config, 'models')]) {
    for (const key of ['model_names', 'model', 'models', 'items']) {
      const [first] = listAt(place, key);
      const name = textAt(first, 'name') ?? (typeof first === 'string' ? first : textAt(place, key));
      if (name !== null) return name;
    }
  }
  return null;
}

function loadWords({ kind, value }: Load): string {
  return kind === 'rate' ? `${value} requests/s` : kind === 'concurrency' ? `${value} at a time` : 'one run';
}

/** AIPerf `profile_export.jsonl`: one line per request; those of the warm-up are left out. */
export const aiperfRequests: LoadFormat = {
  id: 'aiperf-requests',
  title: 'AIPerf requests',
  recognises: (record) => numberAt(record, 'metadata', 'request_start_ns') !== null && isObject(at(record, 'metrics')),
  read: (records, from) => {
    const counted = records.filter(
      (one) => (textAt(one, 'metadata', 'benchmark_phase') ?? 'profiling') === 'profiling',
    );
    return counted.length === 0 ? [] : [requestsRun(counted, from)];
  },
};

function requestsRun(records: readonly JsonObject[], { file, cut }: ReadFrom): LoadRun {
  const fine = records.filter((one) => !isObject(at(one, 'error')) && at(one, 'metadata', 'was_cancelled') !== true);
  const values = (metric: string): number[] =>
    fine.flatMap((one) => {
      const factor = SECONDS[textAt(one, 'metrics', metric, 'unit') ?? ''];
      const value = at(one, 'metrics', metric, 'value');
      if (factor === undefined) return [];
      return (Array.isArray(value) ? value : [value]).flatMap((x) => (typeof x === 'number' ? [x * factor] : []));
    });
  const sum = (metric: string) => {
    const found = fine.map((one) => amountAt(one, 'metrics', metric, 'value')).filter((x) => x !== null);
    return found.length === 0 ? null : found.reduce((a, b) => a + b, 0);
  };
  const ns = (one: JsonObject, key: string) => (numberAt(one, 'metadata', key) ?? Number.NaN) / 1e9;
  const begun = records.reduce((a, one) => Math.min(a, ns(one, 'request_start_ns')), Infinity);
  const requests: RequestTimes[] = records.map((one) => {
    const end = ns(one, 'request_end_ns');
    const factor = SECONDS[textAt(one, 'metrics', 'time_to_first_token', 'unit') ?? ''];
    const ttft = amountAt(one, 'metrics', 'time_to_first_token', 'value');
    return {
      start: ns(one, 'request_start_ns') - begun,
      end: Number.isNaN(end) ? null : end - begun,
      ttft: ttft === null || factor === undefined ? null : ttft * factor,
      ok: fine.includes(one),
    };
  });
  const ended = requests.reduce<number>((a, one) => Math.max(a, one.end ?? 0), 0);
  const duration = ended > 0 && !cut ? ended : null;
  const [input, output] = [sum('input_sequence_length'), sum('output_sequence_length')];
  const perSecond = (amount: number | null) => (duration === null || amount === null ? null : amount / duration);
  return {
    ...UNKNOWN,
    format: 'aiperf-requests',
    tool: 'AIPerf',
    file,
    name: 'requests one by one',
    started: Number.isFinite(begun) && begun > 1e9 ? { at: begun, clock: 'zoned' } : null,
    duration,
    counts: { ok: fine.length, failed: records.length - fine.length, incomplete: null },
    lengths: {
      input: input === null || fine.length === 0 ? null : input / fine.length,
      output: output === null || fine.length === 0 ? null : output / fine.length,
    },
    throughput: {
      requests: perSecond(fine.length),
      outputTokens: perSecond(output),
      totalTokens: input === null ? null : perSecond(output === null ? null : output + input),
    },
    latencies: Object.entries(METRICS).flatMap(([metric, what]) => {
      const found = values(metric);
      return found.length === 0 ? [] : [{ ...what, ...distributionOf(found) }];
    }),
    requests: cut ? null : requests,
  };
}
