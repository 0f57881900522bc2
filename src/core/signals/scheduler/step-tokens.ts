import { signal } from '../signal.ts';

export const stepTokens = signal({
  id: 'step-tokens',
  title: 'Tokens per engine step',
  family: 'scheduler',
  unit: 'tokens',
  kind: 'histogram',
  level: 'engine',
  names: [{ metric: 'vllm:iteration_tokens_total', dialect: 'every release' }],
  across: 'sum',
  worth: 1,
  doc: 'Tokens per engine step that gave output; its count is the step rate. A histogram despite its name. A chunked prompt is booked in its last step.',
});
