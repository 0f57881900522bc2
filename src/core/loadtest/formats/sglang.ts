import { amountAt, type JsonObject, ratioOf, textAt } from '../json.ts';
import type { Load, LoadRun } from '../run.ts';
import { type LoadFormat, UNKNOWN } from './format.ts';
import { msLatency } from './ms-fields.ts';

/** SGLang `bench_serving`, JSON Lines, one run per line. Source: sgl-project/sglang python/sglang/bench_serving.py. */
export const sglang: LoadFormat = {
  id: 'sglang',
  title: 'SGLang bench_serving',
  recognises: (record) => amountAt(record, 'mean_e2e_latency_ms') !== null,
  read: (records, { file }) => records.map((record) => sglangRun(record, file)),
};

/** Also read out of llm-optimizer, which stores the same keys. */
export function sglangRun(record: JsonObject, file: string): LoadRun {
  const ok = amountAt(record, 'completed');
  const load = loadOf(record);
  const counted = amountAt(record, 'total_output_tokens');
  const counted2 = amountAt(record, 'total_output_tokens_retokenized');
  return {
    ...UNKNOWN,
    format: 'sglang',
    tool: 'SGLang bench_serving',
    file,
    name: [textAt(record, 'tag') ?? textAt(record, 'dataset_name'), wordsOf(load)]
      .filter((one) => one !== null)
      .join(', '),
    model: textAt(record, 'model_id') ?? textAt(record, 'model'),
    duration: amountAt(record, 'duration'),
    load,
    counts: { ok, failed: null, incomplete: null },
    lengths: { input: ratioOf(amountAt(record, 'total_input_tokens'), ok), output: ratioOf(counted, ok) },
    throughput: {
      requests: amountAt(record, 'request_throughput'),
      outputTokens: amountAt(record, 'output_throughput'),
      totalTokens: amountAt(record, 'total_throughput'),
    },
    latencies: [
      ...msLatency(record, { field: 'ttft', measure: 'ttft', called: 'TTFT', definition: 'ttft-client' }, ok),
      ...msLatency(record, { field: 'itl', measure: 'itl', called: 'ITL', definition: 'gaps-pooled' }, null),
      ...msLatency(record, { field: 'tpot', measure: 'tpot', called: 'TPOT', definition: 'tpot-per-request' }, null),
      ...msLatency(
        record,
        { field: 'e2e_latency', measure: 'e2e', called: 'E2E latency', definition: 'e2e-client' },
        ok,
      ),
    ],
    warnings:
      counted !== null && counted2 !== null && Math.abs(counted - counted2) > 0.02 * counted
        ? [
            `Output tokens as asked (${counted}) and as counted from the text (${counted2}) differ; the former are used.`,
          ]
        : [],
  };
}

function loadOf(record: JsonObject): Load {
  const rate = record.request_rate;
  const max = amountAt(record, 'max_concurrency');
  const asked = typeof rate === 'number' && Number.isFinite(rate) && rate > 0 ? rate : null;
  if (asked !== null) return { kind: 'rate', value: asked, max };
  if (max !== null) return { kind: 'concurrency', value: max, max: null };
  // Infinity is written bare, which reads as null.
  return 'request_rate' in record
    ? { kind: 'unlimited', value: null, max: null }
    : { kind: 'unknown', value: null, max: null };
}

function wordsOf({ kind, value }: Load): string {
  return kind === 'rate'
    ? `${value} requests/s`
    : kind === 'concurrency'
      ? `${value} at a time`
      : 'all requests at once';
}
