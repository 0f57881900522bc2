import { signal } from '../signal.ts';

export const outputTokens = signal({
  id: 'output-tokens',
  title: 'Output tokens',
  family: 'throughput',
  unit: 'tokens-per-second',
  kind: 'counter',
  level: 'engine',
  names: [{ metric: 'vllm:generation_tokens_total', dialect: 'every release' }],
  across: 'sum',
  worth: 1,
  doc: 'Generated tokens per second, counted as they leave the engine.',
});
