import type { MetricName } from '../signal.ts';
import type { Dialect } from './dialect.ts';

/** Older Dynamo releases wrote a colon. */
const both = (name: string): readonly MetricName[] =>
  ['trtllm_', 'trtllm:'].map((prefix) => ({ metric: prefix + name, dialect: 'TensorRT-LLM' }));

const FINISH = 'TensorRT-LLM adds these tokens when a request finishes, so their rate says nothing of the present.';

/**
 * `trtllm-serve`, which exposes this on /prometheus/metrics. Everything per request is written when the request finishes,
 * the time to first token too. Source: its metrics/collector.py, reference/metrics.md §3.1.
 */
export const tensorrtLlm: Dialect = {
  id: 'tensorrt-llm',
  title: 'TensorRT-LLM',
  prefixes: ['trtllm_', 'trtllm:'],
  names: {
    ttft: both('time_to_first_token_seconds'),
    e2e: both('e2e_request_latency_seconds'),
    'queue-time': both('request_queue_time_seconds'),
    'prefill-time': both('request_prefill_time_seconds'),
    'decode-time': both('request_decode_time_seconds'),
    'inference-time': both('request_inference_time_seconds'),
    'time-per-output-token': both('time_per_output_token_seconds'),
    finished: both('request_success_total'),
    running: both('num_requests_running'),
    waiting: both('num_requests_waiting'),
    'kv-cache-usage': both('kv_cache_utilization'),
    'prefix-cache-hit-rate': both('kv_cache_hit_rate'),
    seats: both('max_num_active_requests'),
    'spec-draft-tokens': both('spec_decode_num_draft_tokens_total'),
    'spec-accepted-tokens': both('spec_decode_num_accepted_tokens_total'),
    'sample-age': both('num_requests_running'),
  },
  leftOut: {
    itl: 'trtllm_time_per_output_token_seconds is the mean of a finished request, not the gap between two tokens.',
    'output-tokens': FINISH,
    'prompt-tokens': FINISH,
    preemptions: 'trtllm_num_paused_requests is a gauge; TensorRT-LLM counts no preemptions.',
    'prefix-cache-hits': 'TensorRT-LLM counts blocks since start, not the tokens looked up.',
    'prefix-cache-queries': 'TensorRT-LLM counts blocks since start, not the tokens looked up.',
    'gpu-memory-used':
      'trtllm_gpu_memory_usage_bytes is what the runtime allocated itself, not what is in use on the GPU.',
    'cache-config': 'TensorRT-LLM states the size of its pool as gauges, not as labels.',
  },
};
