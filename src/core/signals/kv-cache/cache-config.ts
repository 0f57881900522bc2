import { signal } from '../signal.ts';

export const cacheConfig = signal({
  id: 'cache-config',
  title: 'KV cache configuration',
  family: 'kv-cache',
  unit: 'count',
  kind: 'info',
  level: 'engine',
  names: [{ metric: 'vllm:cache_config_info', dialect: 'every release' }],
  across: 'max',
  worth: 2,
  doc: 'Block size, number of blocks and capacity in tokens, as labels. With data parallelism num_gpu_blocks is the sum over the engines behind the server.',
});
