import { signal } from '../signal.ts';

export const itl = signal({
  id: 'itl',
  title: 'Inter-token latency',
  family: 'latency',
  unit: 'seconds',
  kind: 'histogram',
  level: 'engine',
  names: [
    { metric: 'vllm:inter_token_latency_seconds', dialect: '0.10.2 and newer' },
    { metric: 'vllm:time_per_output_token_seconds', dialect: 'V1 up to 0.11.2, V0' },
  ],
  across: 'sum',
  worth: 1,
  doc: 'Time between two outputs of one request, one sample per engine step. With speculative decoding one step may carry several tokens.',
});
