import { signal } from '../signal.ts';

export const specAcceptedTokens = signal({
  id: 'spec-accepted-tokens',
  title: 'Accepted draft tokens',
  family: 'speculation',
  unit: 'tokens-per-second',
  kind: 'counter',
  level: 'engine',
  names: [{ metric: 'vllm:spec_decode_num_accepted_tokens_total', dialect: '0.8.3 and newer, speculation on' }],
  across: 'sum',
  worth: 3,
  doc: 'Guessed tokens per second that were right. Accepted ÷ drafts + 1 is what a step yields per request.',
});
