import { signal } from '../signal.ts';

export const kvCacheEvictions = signal({
  id: 'kv-cache-evictions',
  title: 'KV cache evictions',
  family: 'kv-cache',
  unit: 'per-second',
  kind: 'counter',
  level: 'engine',
  names: [],
  across: 'sum',
  worth: 3,
  doc: 'Evictions per second as the textbook collector counts them. vLLM counts preemptions instead, which are requests that lost their blocks.',
});
