import { signal } from '../signal.ts';

export const seats = signal({
  id: 'seats',
  title: 'Seats',
  family: 'scheduler',
  unit: 'requests',
  kind: 'gauge',
  level: 'engine',
  names: [],
  across: 'sum',
  worth: 3,
  doc: 'The most requests that may run at once. vLLM does not tell its max_num_seqs; NIM, TensorRT-LLM and Triton tell theirs.',
});
