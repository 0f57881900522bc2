import { signal } from '../signal.ts';

export const running = signal({
  id: 'running',
  title: 'Running requests',
  family: 'scheduler',
  unit: 'requests',
  kind: 'gauge',
  level: 'engine',
  names: [{ metric: 'vllm:num_requests_running', dialect: 'every release' }],
  across: 'sum',
  worth: 1,
  doc: 'Requests in the batch. Set when the engine steps: a hung engine leaves it at its last value.',
});
