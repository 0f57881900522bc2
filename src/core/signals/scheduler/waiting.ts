import { signal } from '../signal.ts';

export const waiting = signal({
  id: 'waiting',
  title: 'Waiting requests',
  family: 'scheduler',
  unit: 'requests',
  kind: 'gauge',
  level: 'engine',
  names: [{ metric: 'vllm:num_requests_waiting', dialect: 'every release' }],
  across: 'sum',
  worth: 1,
  doc: 'Requests in the queue, preempted ones included.',
});
