import type { MetricName } from '../signal.ts';
import type { Dialect } from './dialect.ts';

/** Behind its gateway the colon is an underscore. Ranks of one engine repeat its gauges; data-parallel ranks are engines of their own. */
const both = (name: string, more: Partial<MetricName> = {}): readonly MetricName[] =>
  ['sglang:', 'sglang_'].map((prefix) => ({
    metric: prefix + name,
    dialect: 'SGLang',
    engines: ['dp_rank'],
    ...more,
  }));

const FINISH =
  'SGLang adds these tokens when a request finishes, so their rate says nothing of the present; before December 2025 it had no other count.';

/**
 * SGLang with `--enable-metrics`. Gauges are repeated per `priority`; the series without one is the total.
 * Source: its metrics_collector.py, reference/metrics.md §3.1; a scrape in its documentation.
 */
export const sglang: Dialect = {
  id: 'sglang',
  title: 'SGLang',
  prefixes: ['sglang:', 'sglang_'],
  names: {
    ttft: both('time_to_first_token_seconds'),
    itl: [...both('inter_token_latency_seconds'), ...both('time_per_output_token_seconds')],
    e2e: both('e2e_request_latency_seconds'),
    'queue-time': both('queue_time_seconds'),
    'output-tokens': both('realtime_tokens_total', { where: { mode: 'decode' }, repeated: true }),
    'computed-prompt-tokens': both('realtime_tokens_total', { where: { mode: 'prefill_compute' }, repeated: true }),
    'cached-prompt-tokens': both('realtime_tokens_total', { where: { mode: 'prefill_cache' }, repeated: true }),
    finished: both('num_requests_total'),
    running: both('num_running_reqs', { where: { priority: '' } }),
    waiting: both('num_queue_reqs', { where: { priority: '' } }),
    preemptions: both('num_retracted_requests_total', { repeated: true }),
    'kv-cache-usage': both('token_usage', { where: { priority: '' } }),
    'prefix-cache-hit-rate': both('cache_hit_rate', { where: { priority: '' } }),
    'prompt-length': both('prompt_tokens_histogram'),
    'output-length': both('generation_tokens_histogram'),
    'sample-age': both('num_running_reqs', { where: { priority: '' } }),
  },
  leftOut: {
    'output-tokens': FINISH,
    'prompt-tokens': FINISH,
    'kv-cache-evictions': 'sglang:evicted_tokens_total counts tokens, and those of the prefix cache.',
    'prefix-cache-hits': 'sglang:cache_hit_rate is the ratio of the last batch; SGLang counts no lookups.',
    'prefix-cache-queries': 'sglang:cache_hit_rate is the ratio of the last batch; SGLang counts no lookups.',
    'cache-config': 'SGLang states the size of its pool as gauges, not as labels.',
    'step-tokens': 'SGLang exposes no histogram of engine steps.',
  },
};
