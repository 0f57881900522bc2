import { signal } from '../signal.ts';

export const preemptions = signal({
  id: 'preemptions',
  title: 'Preemptions',
  family: 'scheduler',
  unit: 'per-second',
  kind: 'counter',
  level: 'engine',
  names: [{ metric: 'vllm:num_preemptions_total', dialect: 'every release' }],
  across: 'sum',
  worth: 1,
  doc: 'Running requests pushed out of the KV cache per second, to be recomputed. Without asynchronous scheduling counted only when the victim resumes.',
});
