import type { Dialect } from './dialect.ts';

const DIALECT = 'textbook collector';

/**
 * The custom collector of the design article: a page of its own whose names begin like vLLM's with the colon converted, but
 * are none of them. Shares are ratios, as its rules compare them (`kv > 0.95`, `gpu < 0.50`). Source: reference/textbook.md §2.
 */
export const textbook: Dialect = {
  id: 'textbook',
  title: 'the textbook collector',
  prefixes: [],
  unnamed: true,
  names: {
    ttft: [{ metric: 'vllm_ttft_seconds', dialect: DIALECT }],
    itl: [{ metric: 'vllm_tbt_seconds', dialect: DIALECT }],
    e2e: [{ metric: 'vllm_e2e_seconds', dialect: DIALECT }],
    'output-tokens': [{ metric: 'vllm_output_tokens_total', dialect: DIALECT }],
    finished: [{ metric: 'vllm_requests_completed_total', dialect: DIALECT, by: 'status' }],
    waiting: [{ metric: 'vllm_queue_depth', dialect: DIALECT }],
    'batch-size': [{ metric: 'vllm_decode_batch_size', dialect: DIALECT }],
    'kv-cache-usage': [{ metric: 'vllm_kv_cache_utilization', dialect: DIALECT }],
    'kv-cache-evictions': [{ metric: 'vllm_kv_cache_evictions_total', dialect: DIALECT }],
    'prefix-cache-hit-rate': [{ metric: 'vllm_prefix_cache_hit_rate', dialect: DIALECT }],
    'gpu-utilization': [{ metric: 'vllm_gpu_utilization', dialect: DIALECT }],
    'gpu-memory-used': [{ metric: 'vllm_gpu_memory_usage_bytes', dialect: DIALECT }],
    'sample-age': [{ metric: 'vllm_queue_depth', dialect: DIALECT }],
  },
  leftOut: {
    running: 'vllm_decode_batch_size is a histogram of batch sizes, not the requests that hold a seat now.',
    preemptions: 'vllm_kv_cache_evictions_total counts evictions, which in vLLM are mostly the prefix cache at work.',
    'prefix-cache-hits': 'vllm_prefix_cache_hit_rate is a ratio already; how many tokens stand behind it is not told.',
    'prefix-cache-queries':
      'vllm_prefix_cache_hit_rate is a ratio already; how many tokens stand behind it is not told.',
  },
};
