import { signal } from '../signal.ts';

export const ttft = signal({
  id: 'ttft',
  title: 'Time to first token',
  family: 'latency',
  unit: 'seconds',
  kind: 'histogram',
  level: 'engine',
  names: [{ metric: 'vllm:time_to_first_token_seconds', dialect: 'every release' }],
  across: 'sum',
  worth: 1,
  doc: 'From arrival at the API server to the first token of a request: tokenisation, queue and prefill. Written at the first token, so it stops moving while the engine is stuck.',
});
