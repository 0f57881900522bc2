import { percentilesOf } from '../distribution.ts';
import { amountAt, type JsonObject, numberAt, ratioOf, textAt } from '../json.ts';
import type { Latency, LoadRun } from '../run.ts';
import { type LoadFormat, momentOf, UNKNOWN } from './format.ts';

/**
 * llmperf `*_summary.json`: flat, nested keys joined by underscores, in seconds. What it calls inter-token latency is the whole
 * request ÷ its tokens, since its sum begins with the wait for the first one. Source: ray-project/llmperf token_benchmark_ray.py
 * and openai_chat_completions_client.py.
 */
export const llmperf: LoadFormat = {
  id: 'llmperf',
  title: 'llmperf',
  recognises: (record) => numberAt(record, 'results_ttft_s_mean') !== null,
  read: (records, { file }) => records.map((record) => runOf(record, file)),
};

function runOf(record: JsonObject, file: string): LoadRun {
  const ok = amountAt(record, 'results_num_completed_requests');
  const perMinute = amountAt(record, 'results_num_completed_requests_per_min');
  const concurrency = amountAt(record, 'num_concurrent_requests');
  const output = amountAt(record, 'results_mean_output_throughput_token_per_s');
  return {
    ...UNKNOWN,
    format: 'llmperf',
    tool: 'llmperf',
    file,
    name: concurrency === null ? 'one run' : `${concurrency} at a time`,
    model: textAt(record, 'model'),
    // Written when the run has ended.
    started: startedOf(record),
    duration: durationOf(record),
    load: concurrency === null ? UNKNOWN.load : { kind: 'concurrency', value: concurrency, max: null },
    counts: { ok, failed: amountAt(record, 'results_number_errors'), incomplete: null },
    lengths: {
      input: amountAt(record, 'results_number_input_tokens_mean'),
      output: amountAt(record, 'results_number_output_tokens_mean'),
    },
    throughput: { requests: perMinute === null ? null : perMinute / 60, outputTokens: output, totalTokens: null },
    latencies: [
      ...latency(record, 'ttft_s', { measure: 'ttft', called: 'TTFT', definition: 'ttft-client' }, ok),
      ...latency(
        record,
        'inter_token_latency_s',
        { measure: 'e2e-per-token', called: 'Inter token latency', definition: 'e2e-per-token-client' },
        ok,
      ),
      ...latency(record, 'end_to_end_latency_s', { measure: 'e2e', called: 'E2E', definition: 'e2e-client' }, ok),
    ],
    warnings: [
      'llmperf sends in batches of its concurrency and collects between them, so fewer requests are in flight than it names.',
    ],
  };
}

function startedOf(record: JsonObject): LoadRun['started'] {
  const ended = momentOf(record.timestamp);
  const duration = durationOf(record);
  return ended === null ? null : { ...ended, at: ended.at - (duration ?? 0) };
}

function durationOf(record: JsonObject): number | null {
  const minutes = ratioOf(
    amountAt(record, 'results_num_completed_requests'),
    amountAt(record, 'results_num_completed_requests_per_min'),
  );
  return minutes === null ? null : minutes * 60;
}

function latency(
  record: JsonObject,
  metric: string,
  what: Pick<Latency, 'measure' | 'called' | 'definition'>,
  count: number | null,
): Latency[] {
  const of = (key: string) => numberAt(record, `results_${metric}_${key}`);
  const prefix = `results_${metric}_quantiles_`;
  const percentiles = percentilesOf(
    Object.keys(record)
      .filter((key) => key.startsWith(prefix))
      .map((key) => [key.slice(prefix.length), numberAt(record, key)] as const),
  );
  const mean = of('mean');
  if (mean === null && percentiles.length === 0) return [];
  return [{ ...what, mean, std: of('stddev'), min: of('min'), max: of('max'), count, percentiles }];
}
