import type { SignalId } from '../signals/index.ts';

/** Healthy is said only if all of these were measured: what the acute pathologies cannot be told without. */
export const VITAL: readonly SignalId[] = [
  'running',
  'waiting',
  'kv-cache-usage',
  'preemptions',
  'ttft',
  'output-tokens',
  'finished',
];
/** And for at least this long, in seconds: two scrapes are no trend. */
export const MIN_WINDOW = 25;
