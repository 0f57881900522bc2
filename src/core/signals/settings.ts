import type { Readout, GridSeries } from './readout.ts';

/**
 * Labels of `vllm:cache_config_info` that somebody sets or that follow from what was set, as people call them. The others are
 * labels of the target, or tell nothing a reader could act on. Source: reference of vLLM 0.32, config/cache.py.
 */
export const SETTINGS: Readonly<Record<string, string>> = {
  num_gpu_blocks: 'KV blocks',
  block_size: 'block size',
  gpu_memory_utilization: 'GPU memory utilization',
  cache_dtype: 'cache dtype',
  enable_prefix_caching: 'prefix caching',
  sliding_window: 'sliding window',
  kv_cache_memory_bytes: 'KV cache bytes',
  kv_offloading_size: 'KV offloading size',
  kv_offloading_backend: 'KV offloading',
  swap_space: 'swap space',
  cpu_offload_gb: 'CPU offload',
};

type Labels = Readonly<Record<string, string>>;

/** Whether two label sets tell the same configuration; where a target is scraped twice they differ in other labels. */
export function sameSettings(a: Labels, b: Labels): boolean {
  return Object.keys(SETTINGS).every((label) => (a[label] ?? '') === (b[label] ?? ''));
}

/**
 * Whether an info signal was told in two ways by one engine within the window, so that it is worth asking when it changed: a
 * second question only then, since nearly always it did not.
 */
export function toldTwice({ series }: Pick<Readout, 'series'>): boolean {
  const first = new Map<string, GridSeries>();
  return series.some((one) => {
    const engine = `${one.labels.instance ?? ''}\n${one.labels.engine ?? ''}`;
    const before = first.get(engine);
    if (before) return !sameSettings(before.labels, one.labels);
    first.set(engine, one);
    return false;
  });
}
