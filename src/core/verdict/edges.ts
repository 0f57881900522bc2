/** Clients give up because their answer starts too late; and, where every token comes late, because it takes too long. */
const STARTS_LATE = ['request-failures/late', 'request-failures/hardly-any'];
const GIVEN_UP = [...STARTS_LATE, 'request-failures/cut'];
/** Whatever crowds an engine, or takes its memory or its budget, also slows or interrupts the answers that run there. */
const SLOW_ANSWERS = ['decode-slowdown', 'prefill-decode-interference'];

const SLOWER_THAN_PEERS = [
  ...SLOW_ANSWERS,
  'load-imbalance',
  'overload',
  'seat-ceiling',
  'kv-bound-queueing',
  'kv-cache-thrashing',
  'prefill-starvation',
  'engine-stall',
  ...GIVEN_UP,
];
/** Slower than it used to be, on a replica without peers. */
const SLOWER_THAN_BEFORE = 'slow-replica/own-history';

/**
 * Cause → effect: what a finding can account for when both signatures stand (pathologies.md §5.1). A cause leads only if it
 * did not begin clearly after its effect, and only on the replicas it covers. `id/variant` means that variant alone, of a
 * cause beside what holds for all of its variants.
 */
export const EXPLAINS: Readonly<Record<string, readonly string[]>> = {
  'engine-stall': [
    ...SLOW_ANSWERS,
    'seat-ceiling',
    'overload',
    'kv-bound-queueing',
    'kv-cache-thrashing',
    'load-imbalance',
    'long-request-spike',
    'prefill-starvation',
    'request-failures',
  ],
  'crash-loop': [
    ...SLOW_ANSWERS,
    'telemetry-gap',
    'prefix-cache-collapse',
    'overload',
    'load-imbalance',
    'seat-ceiling',
    'kv-bound-queueing',
    'kv-cache-thrashing',
    'prefill-starvation',
    'engine-stall',
    'request-failures',
  ],
  // Told by its peers. By its own past alone it is only what is left when nothing else explains it.
  'slow-replica/': SLOWER_THAN_PEERS,
  'slow-replica/always-slower': SLOWER_THAN_PEERS,
  'load-imbalance': [
    ...SLOW_ANSWERS,
    'seat-ceiling',
    'overload',
    'kv-bound-queueing',
    'kv-cache-thrashing',
    'prefill-starvation',
    ...STARTS_LATE,
  ],
  // Host and GPU memory hold up nobody until the process ends.
  'memory-leak/kv-blocks': ['kv-bound-queueing', 'kv-cache-thrashing', 'load-imbalance', 'overload', 'engine-stall'],
  'kv-cache-thrashing': [
    ...SLOW_ANSWERS,
    'kv-bound-queueing',
    'overload',
    'seat-ceiling',
    'long-request-spike',
    'prefill-starvation',
    ...STARTS_LATE,
  ],
  'long-request-spike': [
    ...SLOW_ANSWERS,
    'overload',
    'prefill-starvation',
    'kv-bound-queueing',
    'seat-ceiling',
    ...STARTS_LATE,
  ],
  'workload-shift': [...SLOW_ANSWERS, 'overload', 'prefill-starvation', ...STARTS_LATE],
  'workload-shift/outgrown-cache': ['kv-cache-thrashing', 'kv-bound-queueing'],
  // What was served from the cache is computed: the longest of it are giants among what is.
  'prefix-cache-collapse': [
    ...SLOW_ANSWERS,
    'long-request-spike',
    'overload',
    'prefill-starvation',
    'kv-bound-queueing',
    'seat-ceiling',
    'prefix-cache-misses',
    ...STARTS_LATE,
  ],
  'kv-bound-queueing': [...SLOW_ANSWERS, SLOWER_THAN_BEFORE, 'overload', 'prefill-starvation', ...STARTS_LATE],
  'spec-decode-collapse': [
    'load-imbalance',
    'decode-slowdown',
    'overload',
    'seat-ceiling',
    'kv-bound-queueing',
    'kv-cache-thrashing',
    'prefill-starvation',
    ...GIVEN_UP,
  ],
  // It does not get round to its scrapes either.
  'cpu-bound/unanswered': ['telemetry-gap'],
  'cpu-bound': [
    'load-imbalance',
    ...SLOW_ANSWERS,
    'overload',
    'seat-ceiling',
    'gpu-underutilization',
    'slow-replica',
    'prefill-starvation',
    'crash-loop',
    'request-failures',
  ],
  'kv-transfer-stall': [
    'load-imbalance',
    'deferred-admission',
    'overload',
    'seat-ceiling',
    'kv-bound-queueing',
    'engine-stall',
    'memory-leak',
    'request-failures',
    'prefill-starvation',
  ],
  'deferred-admission': [
    'load-imbalance',
    'overload',
    'seat-ceiling',
    'prefill-starvation',
    'engine-stall',
    ...STARTS_LATE,
  ],
  'retry-storm': [
    ...SLOW_ANSWERS,
    'request-failures',
    'seat-ceiling',
    'kv-bound-queueing',
    'kv-cache-thrashing',
    'prefill-starvation',
    'long-request-spike',
    'load-imbalance',
    'engine-stall/live-lock',
    'engine-stall/recovering',
  ],
  // With demand that would overload the engine by itself, they only add to it.
  'retry-storm/storm': ['overload'],
  'retry-storm/live-lock': ['overload'],
  // Where hardly anybody gets an answer, that is the headline; with fewer leaving, the overload that drives them away is.
  'request-failures/hardly-any': ['overload'],
  overload: [...SLOW_ANSWERS, 'request-failures/late', 'request-failures/refused', 'retry-storm/after-overload'],
  'seat-ceiling': [...SLOW_ANSWERS, 'overload', ...STARTS_LATE],
  'prefill-starvation': [...SLOW_ANSWERS, 'overload', ...STARTS_LATE],
  // A jump that was measured. The setting alone (`partial-group`) is advice, and accounts for nothing.
  'cuda-graph-cliff/': [
    'decode-slowdown',
    'prefill-decode-interference',
    'overload',
    'seat-ceiling',
    'slow-replica',
    'request-failures/cut',
  ],
  'decode-slowdown': [SLOWER_THAN_BEFORE, 'request-failures/cut'],
  'prefill-decode-interference': ['request-failures/cut'],
};

/**
 * Cause → effects whose remedy comes first all the same: longer answers may well be wanted, and the cache must hold them; and
 * no capacity is enough while whoever gave up asks again.
 */
export const MENDED_FIRST: Readonly<Record<string, readonly string[]>> = {
  'workload-shift': ['kv-cache-thrashing', 'kv-bound-queueing'],
  overload: ['retry-storm'],
};

/**
 * Finding → causes of it that may go unseen in what was measured. While one of them cannot be told, although its signals are there, the
 * finding is at most likely: the symptom is real, and what lies behind it is open. Slow steps and the queue for seats that they make may be those of an edge
 * between batch sizes that were never seen.
 */
export const OPEN_CAUSES: Readonly<Record<string, readonly string[]>> = {
  'decode-slowdown': ['cuda-graph-cliff'],
  'seat-ceiling': ['cuda-graph-cliff'],
};

/** What takes replicas out of sight by itself: then nobody is seen because nobody is there, or nobody gets round to answering. */
export const UNSEEN_BECAUSE: ReadonlySet<string> = new Set(['crash-loop', 'cpu-bound/unanswered']);

/** Causes whose effects show on the replicas that are left: these take over the load. */
export const FELT_BY_OTHERS: ReadonlySet<string> = new Set(['crash-loop']);

/**
 * Seconds a cause may seem to begin after its effect and still be the cause: rate windows smear, gauges do not. With slow scrapes
 * two of them, since two onsets so close have no order (pathologies.md §5.1).
 */
export const ONSET_SLACK = 60;
export const ONSET_SLACK_SCRAPES = 2;
