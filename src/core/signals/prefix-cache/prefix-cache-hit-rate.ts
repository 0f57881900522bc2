import { signal } from '../signal.ts';

export const prefixCacheHitRate = signal({
  id: 'prefix-cache-hit-rate',
  title: 'Prefix cache hit rate',
  family: 'prefix-cache',
  unit: 'ratio',
  kind: 'gauge',
  level: 'engine',
  names: [{ metric: 'vllm:gpu_prefix_cache_hit_rate', dialect: 'V0' }],
  across: 'mean',
  worth: 3,
  doc: 'Hit rate as the engine states it, over a time of its own choosing. Newer engines count hits and queries instead, from which any window follows.',
});
