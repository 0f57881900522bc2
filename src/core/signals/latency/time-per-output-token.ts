import { signal } from '../signal.ts';

export const timePerOutputToken = signal({
  id: 'time-per-output-token',
  title: 'Time per output token of a request',
  family: 'latency',
  unit: 'seconds',
  kind: 'histogram',
  level: 'engine',
  names: [{ metric: 'vllm:request_time_per_output_token_seconds', dialect: '0.11.0 and newer' }],
  across: 'sum',
  worth: 2,
  doc: 'Decode time of a finished request divided by its tokens after the first: what the reader of a stream feels. One-token requests count as 0.',
});
