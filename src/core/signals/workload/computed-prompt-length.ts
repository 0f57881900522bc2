import { signal } from '../signal.ts';

export const computedPromptLength = signal({
  id: 'computed-prompt-length',
  title: 'Computed prompt length',
  family: 'workload',
  unit: 'tokens',
  kind: 'histogram',
  level: 'engine',
  names: [{ metric: 'vllm:request_prefill_kv_computed_tokens', dialect: '0.13.0 and newer' }],
  across: 'sum',
  worth: 3,
  doc: 'Prompt tokens of each finished request that were computed, not taken from the cache.',
});
