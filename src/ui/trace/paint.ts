import type { IdleKind, State } from '../../core/traces/sweep.ts';
import type { Category } from '../../core/traces/kernels.ts';

/** Colours of what a GPU does; what it does not do is drawn as a pattern. */
export const PAINT: Readonly<Record<Category, string>> = {
  attention: 'var(--trace-attention)',
  gemm: 'var(--trace-gemm)',
  other: 'var(--trace-other)',
  communication: 'var(--trace-communication)',
  memory: 'var(--trace-memory)',
};

/** Host wait is hatched, kernel wait a pale ground, and what is not explained an outline. */
export const IDLE_LOOK: Readonly<Record<IdleKind, string>> = {
  'host-wait': 'repeating-linear-gradient(135deg, var(--ink-3) 0 1.5px, transparent 1.5px 5px)',
  'kernel-wait': 'var(--fill)',
  unexplained: 'transparent',
};

export const MEANINGS: Readonly<Record<State, string>> = {
  attention: 'FlashAttention, FlashInfer, MLA, paged and Triton attention',
  gemm: 'matrix products: linear layers, quantised ones, experts, LoRA',
  other: 'norms, activations, routing, sampling, what torch.compile fused',
  communication: 'NCCL, custom all-reduce and exchange between experts that kept the GPU from computing',
  memory: 'copies, fills, writes to the KV cache',
  'host-wait': 'the GPU had run dry before the host asked for more',
  'kernel-wait': 'the host had asked, the GPU had not begun: gaps between kernels, waits for another stream',
  unexplained: 'the profile does not say when the host asked',
};

export function backgroundOf(state: State): string {
  return Object.hasOwn(PAINT, state) ? PAINT[state as Category] : IDLE_LOOK[state as IdleKind];
}
