import type { Definition } from '../definitions.ts';
import { distributionOf } from '../distribution.ts';
import { amountAt, type JsonObject, numberAt, numbersAt, listAt, ratioOf, textAt } from '../json.ts';
import type { Latency, Load, LoadRun, RequestTimes, Started } from '../run.ts';
import { type LoadFormat, UNKNOWN } from './format.ts';
import { msLatency } from './ms-fields.ts';

/**
 * `vllm bench serve --save-result`, one flat object per run; `--append-result` puts further ones behind it, `--save-detailed` adds
 * lists with one entry per request. Source: vllm-project/vllm vllm/benchmarks/serve.py. Texts are left out.
 */
export const vllm: LoadFormat = {
  id: 'vllm',
  title: 'vllm bench serve',
  recognises: (record) =>
    amountAt(record, 'request_throughput') !== null &&
    (['mean_ttft_ms', 'median_ttft_ms', 'mean_e2el_ms', 'ttfts'].some((key) => key in record) ||
      'total_input_sequences' in record),
  read: (records, { file, cut }) => records.map((record, i) => runOf(record, file, cut && i === records.length - 1)),
};

/** Chunks that carried more than the odd second token. */
const MERGED = 0.98;

function runOf(record: JsonObject, file: string, cut: boolean): LoadRun {
  const ok = amountAt(record, 'completed');
  const duration = amountAt(record, 'duration');
  const requests = cut ? null : requestsOf(record);
  const warnings: string[] = [];
  const gaps = cut ? null : gapsOf(record);
  const outputTokens = amountAt(record, 'total_output_tokens');
  const chunked =
    gaps !== null &&
    ok !== null &&
    outputTokens !== null &&
    gaps.length + ok < outputTokens * MERGED &&
    gaps.length > 0;
  if (amountAt(record, 'total_input_sequences') !== null)
    warnings.push('A pooling model: it puts out no tokens, so there is no TTFT and no ITL.');
  const load = loadOf(record);
  if (textAt(record, 'ramp_up_strategy') !== null)
    warnings.push('The request rate was ramped up during the run, so its numbers are of no single load.');
  const e2e = requests === null ? null : e2eOf(requests);
  const latencies: Latency[] = [
    ...msLatency(record, field('ttft', 'ttft', 'TTFT', 'ttft-client'), ok),
    ...msLatency(record, field('itl', 'itl', 'ITL', chunked ? 'gaps-chunks' : 'gaps-pooled'), gaps?.length ?? null),
    ...msLatency(record, field('tpot', 'tpot', 'TPOT', 'tpot-per-request'), null),
    ...msLatency(record, field('e2el', 'e2e', 'E2EL', 'e2e-client'), ok),
  ];
  if (e2e !== null && !latencies.some((one) => one.measure === 'e2e')) latencies.push(e2e);
  return {
    ...UNKNOWN,
    format: 'vllm',
    tool: 'vllm bench serve',
    file,
    name: nameOf(record, load),
    model: textAt(record, 'model_id'),
    started: startedOf(textAt(record, 'date'), duration),
    duration,
    load,
    counts: { ok, failed: amountAt(record, 'failed'), incomplete: null },
    lengths: {
      input: ratioOf(amountAt(record, 'total_input_tokens'), ok),
      output: ratioOf(outputTokens, ok),
    },
    throughput: {
      requests: amountAt(record, 'request_throughput'),
      outputTokens: amountAt(record, 'output_throughput'),
      totalTokens: amountAt(record, 'total_token_throughput'),
    },
    goodput: amountAt(record, 'request_goodput'),
    latencies,
    requests,
    warnings,
  };
}

function field(name: string, measure: Latency['measure'], called: string, definition: Definition) {
  return { field: name, measure, called, definition };
}

function loadOf(record: JsonObject): Load {
  const rate = numberAt(record, 'request_rate');
  const max = amountAt(record, 'max_concurrency');
  if (rate !== null && rate > 0) return { kind: 'rate', value: rate, max };
  if (max !== null) return { kind: 'concurrency', value: max, max: null };
  return { kind: textAt(record, 'request_rate') === 'inf' ? 'unlimited' : 'unknown', value: null, max: null };
}

function nameOf(record: JsonObject, { kind, value }: Load): string {
  const label = textAt(record, 'label');
  const load =
    kind === 'rate' ? `${value} requests/s` : kind === 'concurrency' ? `${value} at a time` : 'all requests at once';
  return label === null || label === textAt(record, 'backend') ? load : `${label}, ${load}`;
}

/** The date is written when the run has ended, on the clock of that machine and without a zone. */
function startedOf(date: string | null, duration: number | null): Started | null {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})(\d{2})$/.exec(date ?? '') ?? [];
  if (y === undefined) return null;
  const ended = Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s)) / 1000;
  return { at: ended - (duration ?? 0), clock: 'local' };
}

/** @returns `null` without `--save-detailed`, or where the lists are not as long as each other */
function requestsOf(record: JsonObject): RequestTimes[] | null {
  const starts = numbersAt(record, 'start_times');
  const ttfts = numbersAt(record, 'ttfts');
  const latencies = numbersAt(record, 'latencies');
  const gaps = listAt(record, 'itls');
  const errors = listAt(record, 'errors');
  if (ttfts.length === 0 || starts.length !== ttfts.length) return null;
  const first = starts.reduce<number>((a, b) => (b === null ? a : Math.min(a, b)), Infinity);
  return starts.flatMap((start, i) => {
    if (start === null) return [];
    const ttft = ttfts[i] ?? null;
    const error = errors[i];
    const ok = ttft !== null && ttft > 0 && (typeof error !== 'string' || error === '');
    const last = latencies[i] ?? lastOf(ttft, gaps[i]);
    return [{ start: start - first, end: last === null ? null : start - first + last, ttft: ok ? ttft : null, ok }];
  });
}

/** When the last output came: the first and all gaps. */
function lastOf(ttft: number | null, gaps: unknown): number | null {
  if (ttft === null || !Array.isArray(gaps)) return null;
  return gaps.reduce<number>((a, b) => (typeof b === 'number' ? a + b : a), ttft);
}

function e2eOf(requests: readonly RequestTimes[]): Latency | null {
  const values = requests.flatMap(({ ok, start, end }) => (ok && end !== null ? [end - start] : []));
  if (values.length === 0) return null;
  return { measure: 'e2e', called: 'latencies', definition: 'e2e-client', ...distributionOf(values) };
}

function gapsOf(record: JsonObject): readonly unknown[] | null {
  const lists = listAt(record, 'itls');
  return lists.length === 0 ? null : lists.flatMap((list) => (Array.isArray(list) ? list : []));
}
