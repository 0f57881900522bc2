/** Releases whose pages can be written, see reference/metrics.md §1. */
export type Version = '0.32' | '0.11' | '0.9' | '0.8';

const SINCE: Readonly<Record<string, number>> = {
  num_requests_waiting_by_reason: 20,
  external_prefix_cache_queries: 12,
  external_prefix_cache_hits: 12,
  mm_cache_queries: 12,
  mm_cache_hits: 12,
  engine_sleep_state: 12,
  admission_rejections: 32,
  prompt_tokens_by_source: 16,
  prompt_tokens_cached: 16,
  prompt_tokens_cached_by_source: 32,
  request_prefill_kv_computed_tokens: 13,
  request_num_preemptions: 30,
  request_time_per_output_token_seconds: 11,
  estimated_flops_per_gpu: 17,
  estimated_read_bytes_per_gpu: 17,
  estimated_write_bytes_per_gpu: 17,
  spec_decode_num_drafts: 9,
  spec_decode_num_accepted_tokens_per_pos: 9,
};

const RENAMED: Readonly<Record<Version, Readonly<Record<string, readonly string[]>>>> = {
  '0.32': {},
  '0.11': { inter_token_latency_seconds: ['inter_token_latency_seconds', 'time_per_output_token_seconds'] },
  '0.9': {
    inter_token_latency_seconds: ['time_per_output_token_seconds'],
    kv_cache_usage_perc: ['gpu_cache_usage_perc'],
    prefix_cache_queries: ['gpu_prefix_cache_queries'],
    prefix_cache_hits: ['gpu_prefix_cache_hits'],
  },
  '0.8': {
    inter_token_latency_seconds: ['time_per_output_token_seconds'],
    kv_cache_usage_perc: ['gpu_cache_usage_perc'],
    prefix_cache_queries: ['gpu_prefix_cache_queries'],
    prefix_cache_hits: ['gpu_prefix_cache_hits'],
  },
};

/** The names, without `vllm:`, under which a family of 0.32 appears in that release; empty where it does not exist. */
export function namesIn(version: Version, family: string): readonly string[] {
  const minor = Number(version.slice(2));
  if ((SINCE[family] ?? 0) > minor) return [];
  return RENAMED[version][family] ?? [family];
}
