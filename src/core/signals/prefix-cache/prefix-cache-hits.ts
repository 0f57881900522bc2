import { signal } from '../signal.ts';

export const prefixCacheHits = signal({
  id: 'prefix-cache-hits',
  title: 'Prefix cache hits',
  family: 'prefix-cache',
  unit: 'tokens-per-second',
  kind: 'counter',
  level: 'engine',
  names: [
    { metric: 'vllm:prefix_cache_hits_total', dialect: '0.9.2 and newer' },
    { metric: 'vllm:gpu_prefix_cache_hits_total', dialect: 'V1 up to 0.10.2, blocks before 0.9' },
  ],
  across: 'sum',
  worth: 2,
  doc: 'Prompt tokens found in the prefix cache per second. Divide by the queries of the same window for the hit rate.',
});
