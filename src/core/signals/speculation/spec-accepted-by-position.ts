import { signal } from '../signal.ts';

export const specAcceptedByPosition = signal({
  id: 'spec-accepted-by-position',
  title: 'Accepted by position',
  family: 'speculation',
  unit: 'per-second',
  kind: 'counter',
  level: 'engine',
  names: [{ metric: 'vllm:spec_decode_num_accepted_tokens_per_pos_total', dialect: '0.8.5 and newer, speculation on' }],
  by: 'position',
  across: 'sum',
  worth: 3,
  doc: 'Guesses that were right per second, by place in the draft: tells up to which length drafting pays.',
});
