import type { MetricName } from '../signal.ts';
import type { Dialect } from './dialect.ts';

const named = (metric: string): readonly MetricName[] => [{ metric, dialect: 'TGI' }];

/**
 * Text Generation Inference. Its counters carry no `_total` and its series no model.
 * Source: v3 scrape of 2025-09, reference/metrics.md §3.1 and §7.
 */
export const tgi: Dialect = {
  id: 'tgi',
  title: 'TGI',
  prefixes: ['tgi_'],
  unnamed: true,
  names: {
    e2e: named('tgi_request_duration'),
    'queue-time': named('tgi_request_queue_duration'),
    'inference-time': named('tgi_request_inference_duration'),
    'time-per-output-token': named('tgi_request_mean_time_per_token_duration'),
    finished: named('tgi_request_success'),
    running: named('tgi_batch_current_size'),
    waiting: named('tgi_queue_size'),
    'prompt-length': named('tgi_request_input_length'),
    'output-length': named('tgi_request_generated_tokens'),
    'requested-output': named('tgi_request_max_new_tokens'),
    'sample-age': named('tgi_batch_current_size'),
  },
  leftOut: {
    ttft: 'TGI has no histogram of first tokens; queue and prefill quantiles do not add up to one.',
    itl: 'tgi_request_mean_time_per_token_duration is the mean of a finished request, not the gap between two tokens.',
    'output-tokens': 'TGI counts tokens when a request finishes, so their rate says nothing of the present.',
    'prompt-tokens': 'TGI counts tokens when a request finishes, so their rate says nothing of the present.',
    'prefill-time': 'tgi_batch_inference_duration is per batch, not per request.',
    'decode-time': 'tgi_batch_inference_duration is per batch, not per request.',
    'kv-cache-usage': 'TGI exposes the tokens of the batch but not the size of its pool.',
    'batch-size': 'tgi_batch_next_size is what a new batch begins with, not what a step decodes.',
  },
};
