import { signal } from '../signal.ts';

export const outputLength = signal({
  id: 'output-length',
  title: 'Output length',
  family: 'workload',
  unit: 'tokens',
  kind: 'histogram',
  level: 'engine',
  names: [{ metric: 'vllm:request_generation_tokens', dialect: 'every release' }],
  across: 'sum',
  worth: 2,
  doc: 'Generated tokens of each finished request.',
});
