import type { MetricName } from '../signal.ts';
import type { Dialect } from './dialect.ts';

const requests = (type: string): readonly MetricName[] => [
  { metric: 'nv_trt_llm_request_metrics', dialect: 'Triton, TensorRT-LLM backend', where: { request_type: type } },
];

/**
 * Triton with the TensorRT-LLM backend. One metric holds several quantities, told apart by a label; series carry `model`,
 * which names the step of the pipeline and not what is served. Source: reference/metrics.md §3.1, llm-d's map of metrics.
 */
export const triton: Dialect = {
  id: 'triton',
  title: 'Triton',
  prefixes: ['nv_trt_llm_'],
  unnamed: true,
  names: {
    running: requests('scheduled'),
    waiting: requests('waiting'),
    seats: requests('max'),
    'kv-cache-usage': [
      {
        metric: 'nv_trt_llm_kv_cache_block_metrics',
        dialect: 'Triton, TensorRT-LLM backend',
        where: { kv_cache_block_type: 'fraction' },
      },
    ],
    'sample-age': requests('scheduled'),
  },
  leftOut: {
    e2e: 'Triton sums microseconds per step of its pipeline: a mean, and of steps rather than requests.',
    'queue-time': 'Triton sums microseconds per step of its pipeline: a mean, and of steps rather than requests.',
    finished: 'nv_inference_request_success counts every step of the pipeline, so one request counts several times.',
    'output-tokens': 'nv_trt_llm_v1_metrics is a gauge of the batch at hand.',
    'gpu-memory-used': 'nv_trt_llm_runtime_memory_metrics is what the runtime allocated itself, not what is in use.',
  },
};
