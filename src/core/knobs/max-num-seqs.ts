import { knob } from './knob.ts';

/** Defaults: vllm/engine/arg_utils.py, 0.32 (reference/metrics.md §4). */
export const maxNumSeqs = knob({
  id: 'max-num-seqs',
  title: 'Seats',
  flag: '--max-num-seqs',
  unit: 'requests',
  min: 1,
  max: 65_536,
  byDefault: '1,024 on GPUs with 70 GiB or more except A100, else 256',
  trades: 'More seats: shorter queue, slower tokens, more KV cache held, more memory for CUDA graphs.',
  decides: 'a seat ceiling at once; without it the cap is read off a flat top of running, which takes 40 s',
});
