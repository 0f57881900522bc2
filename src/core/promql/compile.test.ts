import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, test } from 'vitest';
import { SIGNALS, signalById } from '../signals/index.ts';
import { parseSelector, SelectorError } from '../signals/selector.ts';
import { foundSpellings, spellingsOf } from '../signals/spellings.ts';
import {
  compileSignal,
  formatDuration,
  gaugeQuery,
  increaseQuery,
  meanQuery,
  quantileQuery,
  rateQuery,
} from './compile.ts';

const nasty = '{job="v\\"llm\\\\",namespace=~"a|b{2}",model_name="meta/Llama\'s"}';

function isPromql(query: string): boolean {
  let sound = query.trim() !== '';
  parser.parse(query).iterate({
    enter: (node) => {
      if (node.type.isError) sound = false;
    },
  });
  return sound;
}

test('the checker itself refuses what is broken', () => {
  expect(isPromql('sum(up')).toBe(false);
  expect(isPromql('sum by (a) (rate(up{a=b}[1m]))')).toBe(false);
});

// What only a log tells has no name to ask for.
const named = SIGNALS.filter((signal) => spellingsOf(signal).length > 0);

describe.each(named.map((signal) => [signal.id, signal] as const))('%s', (_, signal) => {
  test.each([
    ['the newest name', spellingsOf(signal).slice(0, 1)],
    ['every name', spellingsOf(signal)],
  ])('%s is sound PromQL', (_, names) => {
    for (const selector of ['', '{job="vllm"}', nasty]) {
      const { main, sum } = compileSignal(signal, names, { matchers: parseSelector(selector), window: 20 });
      expect(isPromql(main), main).toBe(true);
      expect(sum === null || isPromql(sum), sum ?? '').toBe(true);
      expect(sum !== null).toBe(signal.kind === 'histogram');
    }
  });
});

const compiled = (id: Parameters<typeof signalById>[0], selector: string, found: string[] = []) => {
  const signal = signalById(id);
  const names = found.length
    ? foundSpellings(signal, (metric) => found.includes(metric))
    : spellingsOf(signal).slice(0, 1);
  return compileSignal(signal, names, { matchers: parseSelector(selector), window: 20 });
};

test.each([
  ['kv-cache-usage', '{job="a"}', 'max by (instance, engine, model_name) (vllm:kv_cache_usage_perc{job="a"})'],
  ['waiting-by-reason', '', 'sum by (instance, engine, model_name, reason) (vllm:num_requests_waiting_by_reason)'],
  ['preemptions', '', 'sum by (instance, engine, model_name) (rate(vllm:num_preemptions_total[20s]))'],
  [
    'computed-prompt-tokens',
    '{job="a"}',
    'sum by (instance, engine, model_name) (rate(vllm:prompt_tokens_by_source_total{source="local_compute",job="a"}[20s]))',
  ],
  [
    'http-requests',
    '{job="a",model_name="m"}',
    'sum by (instance, status) (rate(http_requests_total{handler=~"/v1/(chat/)?completions",job="a"}[20s]))',
  ],
  ['sample-age', '', 'min by (instance, engine, model_name) (time() - timestamp(vllm:num_requests_running))'],
  [
    'gpu-memory-used',
    '{job="a"}',
    'sum by (exported_pod, pod, Hostname, hostname, instance) (DCGM_FI_DEV_FB_USED) * 1048576',
  ],
  ['up', '{job="a"}', 'max by (instance) (up{job="a"})'],
] as const)('%s', (id, selector, query) => {
  expect(compiled(id, selector).main).toBe(query);
});

test('a histogram is asked for as buckets once and as a sum', () => {
  expect(compiled('ttft', '')).toEqual({
    main: 'sum by (instance, engine, model_name, le) (rate(vllm:time_to_first_token_seconds_bucket[20s]))',
    sum: 'sum by (instance, engine, model_name) (rate(vllm:time_to_first_token_seconds_sum[20s]))',
  });
});

test('dialects are joined behind the aggregation, newest first, never added', () => {
  const found = ['vllm:gpu_cache_usage_perc', 'vllm:kv_cache_usage_perc'];
  expect(compiled('kv-cache-usage', '', found).main).toBe(
    'max by (instance, engine, model_name) (vllm:kv_cache_usage_perc) or max by (instance, engine, model_name) (vllm:gpu_cache_usage_perc)',
  );
});

test.each([
  [20, '20s'],
  [0.5, '500ms'],
  [1.2345, '1235ms'],
  [3600, '3600s'],
])('%d seconds are written %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test('queries to copy', () => {
  const queries = {
    [rateQuery('finished', '{job="a"}', 60)]:
      'sum by (finished_reason) (rate(vllm:request_success_total{job="a"}[60s]))',
    [rateQuery('ttft', '', 60)]: 'sum (rate(vllm:time_to_first_token_seconds_count[60s]))',
    [increaseQuery('preemptions', '{}', 300)]: 'sum (increase(vllm:num_preemptions_total[300s]))',
    [quantileQuery('itl', '', 0.95, 60, { metrics: ['vllm:time_per_output_token_seconds'] })]:
      'histogram_quantile(0.95, sum by (le) (rate(vllm:time_per_output_token_seconds_bucket[60s])))',
    [meanQuery('e2e', '', 60)]:
      'sum (rate(vllm:e2e_request_latency_seconds_sum[60s])) / sum (rate(vllm:e2e_request_latency_seconds_count[60s]))',
    [gaugeQuery('running', '{pod="x"}')]: 'max by (instance, engine, model_name) (vllm:num_requests_running{pod="x"})',
    [gaugeQuery('cache-config', '')]: 'vllm:cache_config_info',
    // Native histograms have neither buckets nor a count beside them.
    [rateQuery('ttft', '', 60, { metrics: [], native: true })]:
      'histogram_count(sum (rate(vllm:time_to_first_token_seconds[60s])))',
    [increaseQuery('ttft', '', 60, { metrics: [], native: true })]:
      'histogram_count(sum (increase(vllm:time_to_first_token_seconds[60s])))',
    [quantileQuery('ttft', '{job="a"}', 0.95, 60, { metrics: [], native: true })]:
      'histogram_quantile(0.95, sum (rate(vllm:time_to_first_token_seconds{job="a"}[60s])))',
    [meanQuery('ttft', '', 60, { metrics: [], native: true })]:
      'histogram_avg(sum (rate(vllm:time_to_first_token_seconds[60s])))',
    [rateQuery('finished', '', 60, { metrics: [], native: true })]:
      'sum by (finished_reason) (rate(vllm:request_success_total[60s]))',
  };
  for (const [written, wanted] of Object.entries(queries)) {
    expect(written).toBe(wanted);
    expect(isPromql(written), written).toBe(true);
  }
  expect(() => rateQuery('running', '', 60)).toThrow(RangeError);
  expect(() => quantileQuery('running', '', 0.5, 60)).toThrow(RangeError);
  expect(() => gaugeQuery('preemptions', '')).toThrow(RangeError);
});

test.each(['{a="b"}) or vector(1) #', '{a="b"}[5m]', '"} or up{x="'])('nothing gets outside the braces: %s', (text) => {
  expect(() => rateQuery('finished', text, 60)).toThrow(SelectorError);
});
