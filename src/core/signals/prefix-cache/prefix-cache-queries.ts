import { signal } from '../signal.ts';

export const prefixCacheQueries = signal({
  id: 'prefix-cache-queries',
  title: 'Prefix cache queries',
  family: 'prefix-cache',
  unit: 'tokens-per-second',
  kind: 'counter',
  level: 'engine',
  names: [
    { metric: 'vllm:prefix_cache_queries_total', dialect: '0.9.2 and newer' },
    { metric: 'vllm:gpu_prefix_cache_queries_total', dialect: 'V1 up to 0.10.2, blocks before 0.9' },
  ],
  across: 'sum',
  worth: 2,
  doc: 'Prompt tokens looked up in the prefix cache per second. Before 0.27 a request that failed to be admitted was counted again at each attempt.',
});
