import { signal } from '../signal.ts';

export const decodeTime = signal({
  id: 'decode-time',
  title: 'Decode time',
  family: 'latency',
  unit: 'seconds',
  kind: 'histogram',
  level: 'engine',
  names: [{ metric: 'vllm:request_decode_time_seconds', dialect: 'every release' }],
  across: 'sum',
  worth: 2,
  doc: 'From the first to the last token, written when the request finishes. Waits after a preemption are in it.',
});
