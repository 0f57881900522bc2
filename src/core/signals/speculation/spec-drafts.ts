import { signal } from '../signal.ts';

export const specDrafts = signal({
  id: 'spec-drafts',
  title: 'Drafts',
  family: 'speculation',
  unit: 'per-second',
  kind: 'counter',
  level: 'engine',
  names: [{ metric: 'vllm:spec_decode_num_drafts_total', dialect: '0.8.5 and newer, speculation on' }],
  across: 'sum',
  worth: 3,
  doc: 'Drafts verified per second with speculative decoding: one per request and step that had a guess to check.',
});
