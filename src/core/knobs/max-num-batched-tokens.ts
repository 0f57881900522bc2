import { knob } from './knob.ts';

/** Defaults: vllm/engine/arg_utils.py, 0.32 (reference/metrics.md §4). */
export const maxNumBatchedTokens = knob({
  id: 'max-num-batched-tokens',
  title: 'Token budget of a step',
  flag: '--max-num-batched-tokens',
  unit: 'tokens',
  min: 1,
  max: 4_194_304,
  byDefault: '16,384 from 160 GiB, 8,192 from 70 GiB except A100, else 2,048',
  trades: 'More tokens a step: prompts are read sooner, running answers stutter more.',
  decides: 'prefill starvation, and the size of the bite one long prompt may take',
});
