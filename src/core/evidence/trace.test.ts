import { expect, test } from 'vitest';
import type { Evidence } from './evidence.ts';
import { buildScene } from './notation.ts';
import { tracesOf } from './trace.ts';

/** Prompts of 1,600 tokens a second, of which a fourth is found. */
const scene = (queries: number, hits: number): Evidence =>
  buildScene({
    lines: {
      'prompt-tokens': '1600',
      'prefix-cache-queries': String(queries),
      'prefix-cache-hits': String(hits),
    },
    labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '1000' } },
  });
const under = (evidence: Evidence, metric: string): Evidence => ({
  ...evidence,
  readings: {
    ...evidence.readings,
    'prefix-cache-queries': {
      ...(evidence.readings['prefix-cache-queries'] as NonNullable<Evidence['readings']['up']>),
      metrics: [metric],
    },
  },
});

test.each([
  ['blocks under the old name become tokens', 'vllm:gpu_prefix_cache_queries_total', 100, 25, [1600, 400]],
  ['tokens under the old name stay', 'vllm:gpu_prefix_cache_queries_total', 1600, 400, [1600, 400]],
  ['few look-ups under the new name stay few', 'vllm:prefix_cache_queries_total', 100, 25, [100, 25]],
  ['nothing looked up stays nothing', 'ray_vllm_gpu_prefix_cache_queries_total', 0, 0, [0, 0]],
] as const)('%s', (_, metric, queries, hits, tokens) => {
  const [trace] = tracesOf(under(scene(queries, hits), metric));
  expect([trace?.queried?.at(-1), trace?.hits?.at(-1)]).toEqual(tokens);
});
