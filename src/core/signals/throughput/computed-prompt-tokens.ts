import { signal } from '../signal.ts';

export const computedPromptTokens = signal({
  id: 'computed-prompt-tokens',
  title: 'Computed prompt tokens',
  family: 'throughput',
  unit: 'tokens-per-second',
  kind: 'counter',
  level: 'engine',
  names: [
    { metric: 'vllm:prompt_tokens_by_source_total', dialect: '0.16.0 and newer', where: { source: 'local_compute' } },
  ],
  across: 'sum',
  worth: 2,
  doc: 'Prompt tokens per second the engine really computed: neither cached nor fetched. The true prefill load.',
});
