import { describe, expect, test } from 'vitest';
import { CATEGORIES, classify, KERNEL_RULES } from './kernels.ts';

describe('the table of kernel names', () => {
  test.each(KERNEL_RULES.flatMap(({ id, examples }) => examples.map((name) => [id, name] as const)))(
    '%s: %s',
    (id, name) => expect(classify(name).id).toBe(id),
  );

  test('every row has an id of its own, a source and an example', () => {
    expect(new Set(KERNEL_RULES.map(({ id }) => id)).size).toBe(KERNEL_RULES.length);
    for (const rule of KERNEL_RULES) {
      expect(rule.source).not.toBe('');
      expect(rule.examples.length).toBeGreaterThan(0);
      expect(CATEGORIES).toContain(rule.category);
    }
  });

  test.each([
    ['a name with flash in it that writes the KV cache', 'vllm::reshape_and_cache_flash_kernel', 'memory'],
    [
      'FlashAttention 3 inside a CUTLASS kernel',
      'cutlass::device_kernel<flash::FlashAttnFwdSm90<cutlass::gemm::X>>',
      'attention',
    ],
    [
      'the all-reduce of vLLM, which NCCL does not run',
      'void vllm::cross_device_reduce_2stage<half, 4>(X)',
      'communication',
    ],
    ['a pointwise kernel with addmm in its name', 'triton_poi_fused_addmm_cat_1', 'other'],
    ['a sampler of FlashInfer', 'void flashinfer::sampling::TopPSamplingFromProbKernel<1024u>(X)', 'other'],
    ['scatter of tokens to experts, not a forward kernel of attention', '_fwd_kernel_ep_scatter_2', 'other'],
    ['nothing known', 'made_up_kernel_17', 'other'],
  ] as const)('%s', (_, name, category) => expect(classify(name).category).toBe(category));

  test('a name that fits no row is said to be not recognised', () => {
    expect(classify('made_up_kernel_17')).toMatchObject({ id: 'unknown', title: 'Not recognised' });
  });
});
