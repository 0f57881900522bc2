import { signal } from '../signal.ts';

export const cachedPromptTokens = signal({
  id: 'cached-prompt-tokens',
  title: 'Cached prompt tokens',
  family: 'throughput',
  unit: 'tokens-per-second',
  kind: 'counter',
  level: 'engine',
  names: [{ metric: 'vllm:prompt_tokens_cached_total', dialect: '0.16.0 and newer' }],
  across: 'sum',
  worth: 2,
  doc: 'Prompt tokens per second that came from a cache, local or external, counted when the prefill ends.',
});
