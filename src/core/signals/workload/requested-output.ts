import { signal } from '../signal.ts';

export const requestedOutput = signal({
  id: 'requested-output',
  title: 'Requested output length',
  family: 'workload',
  unit: 'tokens',
  kind: 'histogram',
  level: 'engine',
  names: [{ metric: 'vllm:request_params_max_tokens', dialect: 'every release' }],
  across: 'sum',
  worth: 3,
  doc: 'The max_tokens each finished request had asked for.',
});
