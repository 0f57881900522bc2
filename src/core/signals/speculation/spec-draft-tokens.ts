import { signal } from '../signal.ts';

export const specDraftTokens = signal({
  id: 'spec-draft-tokens',
  title: 'Draft tokens',
  family: 'speculation',
  unit: 'tokens-per-second',
  kind: 'counter',
  level: 'engine',
  names: [{ metric: 'vllm:spec_decode_num_draft_tokens_total', dialect: '0.8.3 and newer, speculation on' }],
  across: 'sum',
  worth: 3,
  doc: 'Tokens guessed per second by speculative decoding, right or wrong.',
});
