import { signal } from '../signal.ts';

export const waitingByReason = signal({
  id: 'waiting-by-reason',
  title: 'Waiting requests by reason',
  family: 'scheduler',
  unit: 'requests',
  kind: 'gauge',
  level: 'engine',
  names: [{ metric: 'vllm:num_requests_waiting_by_reason', dialect: '0.20.0 and newer' }],
  by: 'reason',
  across: 'sum',
  worth: 2,
  doc: 'The queue by reason: capacity waits for seats, blocks or budget; deferred waits for an adapter, a grammar or remote KV. Once deferred, a request stays so until admitted.',
});
