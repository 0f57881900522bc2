import { signal } from '../signal.ts';

export const promptTokens = signal({
  id: 'prompt-tokens',
  title: 'Prompt tokens',
  family: 'throughput',
  unit: 'tokens-per-second',
  kind: 'counter',
  level: 'engine',
  names: [{ metric: 'vllm:prompt_tokens_total', dialect: 'every release' }],
  across: 'sum',
  worth: 1,
  doc: 'Prompt tokens per second, cached ones included. A prompt is added whole when its prefill ends, so long prompts make spikes.',
});
