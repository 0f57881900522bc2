import type { MetricName } from '../signal.ts';
import type { Dialect } from './dialect.ts';

/** Without a prefix anybody may use these names; `model_name` is what makes them an engine's. */
const bare = (metric: string): readonly MetricName[] => [
  { metric, dialect: 'NVIDIA NIM', where: { model_name: '~.+' }, bare: true },
];

/**
 * NVIDIA NIM for language models: vLLM's V0 names without the prefix, and its own count of finishes. Only names seen on a
 * page are here, since a name without a prefix says little. Source: scrape of 2024-11, reference/metrics.md §0.1 and §7.
 */
export const nim: Dialect = {
  id: 'nim',
  title: 'NVIDIA NIM',
  prefixes: [],
  names: {
    ttft: bare('time_to_first_token_seconds'),
    itl: bare('time_per_output_token_seconds'),
    e2e: bare('e2e_request_latency_seconds'),
    'output-tokens': bare('generation_tokens_total'),
    'prompt-tokens': bare('prompt_tokens_total'),
    finished: bare('request_finish_total'),
    running: bare('num_requests_running'),
    waiting: bare('num_requests_waiting'),
    'kv-cache-usage': bare('gpu_cache_usage_perc'),
    'prompt-length': bare('request_prompt_tokens'),
    'output-length': bare('request_generation_tokens'),
    seats: bare('num_request_max'),
    'sample-age': bare('num_requests_running'),
  },
  leftOut: {
    'http-requests': 'request_failure_total counts failures apart and does not say of which kind.',
  },
};
