import { signal } from '../signal.ts';

export const finished = signal({
  id: 'finished',
  title: 'Finished requests',
  family: 'throughput',
  unit: 'requests-per-second',
  kind: 'counter',
  level: 'engine',
  names: [{ metric: 'vllm:request_success_total', dialect: 'every release' }],
  by: 'finished_reason',
  across: 'sum',
  worth: 1,
  doc: 'Requests ended per second by reason. Finished is not successful: errors are in it, clients that hang up are not.',
});
