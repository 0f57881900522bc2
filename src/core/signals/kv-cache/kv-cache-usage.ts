import { signal } from '../signal.ts';

export const kvCacheUsage = signal({
  id: 'kv-cache-usage',
  title: 'KV cache usage',
  family: 'kv-cache',
  unit: 'ratio',
  kind: 'gauge',
  level: 'engine',
  names: [
    { metric: 'vllm:kv_cache_usage_perc', dialect: '0.9.2 and newer' },
    { metric: 'vllm:gpu_cache_usage_perc', dialect: 'V1 up to 0.10.2, V0' },
  ],
  across: 'max',
  worth: 1,
  doc: 'Share of KV blocks held by live requests, 0 to 1. Blocks kept only for the prefix cache count as free. At 1 the scheduler waits or preempts.',
});
