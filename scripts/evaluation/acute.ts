/** Troubles that must be found within 45 s: those that stop or choke a fleet at once. */
export const ACUTE: readonly string[] = [
  'engine-stall',
  'crash-loop',
  'overload',
  'long-request-spike',
  'seat-ceiling',
  'kv-cache-thrashing',
];
