import { signal } from '../signal.ts';

export const prefillTime = signal({
  id: 'prefill-time',
  title: 'Prefill time',
  family: 'latency',
  unit: 'seconds',
  kind: 'histogram',
  level: 'engine',
  names: [{ metric: 'vllm:request_prefill_time_seconds', dialect: 'every release' }],
  across: 'sum',
  worth: 2,
  doc: 'From first being scheduled to the first token, written when the request finishes. Includes the steps shared with decodes of others.',
});
