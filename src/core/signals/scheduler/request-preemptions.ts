import { signal } from '../signal.ts';

export const requestPreemptions = signal({
  id: 'request-preemptions',
  title: 'Preemptions of a request',
  family: 'scheduler',
  unit: 'count',
  kind: 'histogram',
  level: 'engine',
  names: [{ metric: 'vllm:request_num_preemptions', dialect: '0.30.0 and newer' }],
  across: 'sum',
  worth: 2,
  doc: 'How often each finished request was preempted, zeros included. Free of the delay of the counter, but late.',
});
