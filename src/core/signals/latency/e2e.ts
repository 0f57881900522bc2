import { signal } from '../signal.ts';

export const e2e = signal({
  id: 'e2e',
  title: 'End-to-end latency',
  family: 'latency',
  unit: 'seconds',
  kind: 'histogram',
  level: 'engine',
  names: [{ metric: 'vllm:e2e_request_latency_seconds', dialect: 'every release' }],
  across: 'sum',
  worth: 1,
  doc: 'Whole life of a request, written when it finishes. Requests that never finish are not in it.',
});
