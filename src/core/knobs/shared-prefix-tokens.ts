import { knob } from './knob.ts';

/** A fact about the traffic, not a setting of vLLM: without it nobody can say what hit rate to expect. */
export const sharedPrefixTokens = knob({
  id: 'shared-prefix-tokens',
  title: 'Tokens all prompts share at their start',
  flag: null,
  unit: 'tokens',
  min: 0,
  max: 16_777_216,
  byDefault: 'unknown',
  trades: 'Longer shared starts are computed once and then served from the cache.',
  decides: 'prefix cache misses: the hit rate to expect',
});
