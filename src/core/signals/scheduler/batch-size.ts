import { signal } from '../signal.ts';

export const batchSize = signal({
  id: 'batch-size',
  title: 'Decode batch size',
  family: 'scheduler',
  unit: 'requests',
  kind: 'histogram',
  level: 'engine',
  names: [],
  across: 'sum',
  worth: 3,
  doc: 'Requests in the decode batch, one sample per step. vLLM has no such histogram: there the running requests tell it.',
});
