import { signal } from '../signal.ts';

export const queueTime = signal({
  id: 'queue-time',
  title: 'Queue time',
  family: 'latency',
  unit: 'seconds',
  kind: 'histogram',
  level: 'engine',
  names: [
    { metric: 'vllm:request_queue_time_seconds', dialect: 'every release' },
    { metric: 'vllm:time_in_queue_requests', dialect: 'early V0' },
  ],
  across: 'sum',
  worth: 2,
  doc: 'From joining the queue to first being scheduled, written when the request finishes. Buckets begin at 0.3 s: below that only the mean means anything.',
});
