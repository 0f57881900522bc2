import { knob } from './knob.ts';

export const maxModelLen = knob({
  id: 'max-model-len',
  title: 'Longest request',
  flag: '--max-model-len',
  unit: 'tokens',
  min: 1,
  max: 16_777_216,
  byDefault: "the model's own limit",
  trades: 'A lower limit refuses the longest requests; it does not create KV cache.',
  decides: 'whether a prompt can ever fit the KV cache',
});
