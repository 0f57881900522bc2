import { signal } from '../signal.ts';

export const promptLength = signal({
  id: 'prompt-length',
  title: 'Prompt length',
  family: 'workload',
  unit: 'tokens',
  kind: 'histogram',
  level: 'engine',
  names: [{ metric: 'vllm:request_prompt_tokens', dialect: 'every release' }],
  across: 'sum',
  worth: 2,
  doc: 'Prompt tokens of each finished request.',
});
