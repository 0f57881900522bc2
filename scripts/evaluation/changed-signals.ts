/**
 * What was changed in each class of episodes, as the subjects of `core/anomalies` that show it: the first names what the story
 * changes, further ones where the same change is counted. Consequences (latency, queues that follow) are left out unless they are the
 * change itself. A class without an entry has no moment of change: it is so from the start.
 */
const LOAD = ['arrivals', 'gateway'] as const;

export const INJECTED: Readonly<Record<string, readonly string[]>> = {
  'kv-cache-thrashing': [...LOAD, 'preemptions', 'kv-cache-usage'],
  'prefill-starvation': LOAD,
  'long-request-spike': ['prompt-length', 'arrivals', 'prefix-cache'],
  overload: LOAD,
  'seat-ceiling': [...LOAD, 'queue'],
  'kv-bound-queueing': [...LOAD, 'kv-cache-usage'],
  'prefill-decode-interference': ['prompt-length', 'prefix-cache', ...LOAD],
  'decode-slowdown': [...LOAD, 'batch'],
  'cuda-graph-cliff': [...LOAD, 'batch'],
  'load-imbalance': [...LOAD, 'batch'],
  'slow-replica': ['pace', 'gpu-sm-clock', 'batch'],
  'request-failures': ['finished error', 'finished abort', 'finished stop', 'http-requests', ...LOAD],
  'retry-storm': [...LOAD, 'batch', 'queue'],
  'workload-shift': ['prompt-length', 'output-length', 'prefix-cache', 'arrivals'],
  'prefix-cache-collapse': ['prefix-cache'],
  'spec-decode-collapse': ['speculation'],
  'cpu-bound': ['process-cpu', 'scrapes', 'container-cpu-throttled', 'pace'],
  'engine-stall': ['output-tokens', 'arrivals', 'gpu', 'finished stop', 'batch'],
  'crash-loop': ['restarts', 'scrapes'],
  'kv-transfer-stall': ['transfer', 'queue'],
  'deferred-admission': ['queue', 'lora-adapters'],
  'telemetry-gap': ['scrapes'],
};
