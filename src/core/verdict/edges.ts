/**
 * Cause → effect: what a finding can account for when both signatures stand (pathologies.md §5.1). A cause leads only if it
 * did not begin clearly after its effect, and only on the replicas it covers.
 */
export const EXPLAINS: Readonly<Record<string, readonly string[]>> = {
  'engine-stall': [
    'seat-ceiling',
    'overload',
    'kv-bound-queueing',
    'kv-cache-thrashing',
    'load-imbalance',
    'long-request-spike',
    'prefill-starvation',
  ],
  'crash-loop': [
    'telemetry-gap',
    'prefix-cache-collapse',
    'overload',
    'load-imbalance',
    'seat-ceiling',
    'kv-bound-queueing',
    'kv-cache-thrashing',
    'prefill-starvation',
    'engine-stall',
  ],
  'slow-replica': [
    'load-imbalance',
    'overload',
    'seat-ceiling',
    'kv-bound-queueing',
    'kv-cache-thrashing',
    'prefill-starvation',
    'engine-stall',
  ],
  'load-imbalance': ['seat-ceiling', 'overload', 'kv-bound-queueing', 'kv-cache-thrashing', 'prefill-starvation'],
  'memory-leak': ['kv-bound-queueing', 'kv-cache-thrashing'],
  'kv-cache-thrashing': ['kv-bound-queueing', 'overload', 'seat-ceiling', 'long-request-spike', 'prefill-starvation'],
  'long-request-spike': ['overload', 'prefill-starvation', 'kv-bound-queueing', 'seat-ceiling'],
  'prefix-cache-collapse': [
    'overload',
    'prefill-starvation',
    'kv-bound-queueing',
    'seat-ceiling',
    'prefix-cache-misses',
  ],
  'kv-bound-queueing': ['overload', 'prefill-starvation'],
  'spec-decode-collapse': [
    'decode-slowdown',
    'overload',
    'seat-ceiling',
    'kv-bound-queueing',
    'kv-cache-thrashing',
    'prefill-starvation',
  ],
  'deferred-admission': ['overload', 'seat-ceiling', 'prefill-starvation', 'engine-stall'],
  'seat-ceiling': ['overload'],
  'prefill-starvation': ['overload'],
};

/** Causes whose effects show on the replicas that are left: these take over the load. */
export const FELT_BY_OTHERS: ReadonlySet<string> = new Set(['crash-loop']);

/** Seconds a cause may seem to begin after its effect and still be the cause: rate windows smear, gauges do not. */
export const ONSET_SLACK = 60;
