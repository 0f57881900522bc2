import { sayShare, sig } from '../base/say.ts';
import type { Setting } from '../knobs/render.ts';
import type { Derived } from './derive.ts';
import type { TunerRequest } from './inputs.ts';

/** The answer of the textbook's own procedure, and why ours differs. */
export interface TextbookAnswer {
  readonly settings: readonly Setting[];
  readonly steps: readonly { readonly sum: string; readonly result: string }[];
  /** Sentences, the one that moves most first. */
  readonly differences: readonly string[];
}

const GB = 1e9;
/** Its constants: share of memory, tokens of a sequence, most sequences; targets below which it turns a knob, and to what. */
const SHARE = 0.9;
const SEQUENCE = 2048;
const MOST = 512;
const FAST_FIRST = { below: 1, budget: 2048, otherwise: 8192 } as const;
const FAST_NEXT = { below: 0.05, seats: 64 } as const;

/**
 * The procedure word for word (textbook §7): memory in GB · 0.90 − weights, ÷ bytes of a token in 16 bits, ÷ 2,048. It names one
 * GPU; with several, their memory is added up, which is its kindest reading.
 */
export function textbookAnswer(request: TunerRequest, ours: Derived): TextbookAnswer {
  const { gpu, model, targets } = request;
  const gpus = request.tensor * request.pipeline;
  const weights = model.weights.bytes / GB;
  const memory = gpu.nominalGb * gpus * SHARE - weights;
  const each = 2 * model.kvHeads * model.headDim * 2 * model.layers;
  const tokens = Math.max(0, Math.floor((memory * GB) / each));
  const fit = Math.min(MOST, Math.floor(tokens / SEQUENCE));
  const seats = targets.itl < FAST_NEXT.below ? Math.min(fit, FAST_NEXT.seats) : fit;
  const budget = targets.ttft < FAST_FIRST.below ? FAST_FIRST.budget : FAST_FIRST.otherwise;
  const differences: string[] = [];
  const held = ours.resident.mean;
  differences.push(againstOurs(seats, fit, ours));
  differences.push(
    `It divides by 2,048 tokens whatever is asked; here a running request holds ${sig(held)} on average, and lengths spread, so room is kept for chance.`,
  );
  if (each !== ours.kv.token)
    differences.push(
      `It counts ${sig(each / 1024)} KiB a token as if every layer kept keys and values of every token in 16 bits; this model takes ${sig(ours.kv.token / 1024)} KiB.`,
    );
  if (tokens !== ours.capacity)
    differences.push(
      `It finds ${sig(tokens)} tokens of KV cache, we ${sig(ours.capacity)}: ${ours.kvMemory === null ? 'the server itself says how many it has' : 'it takes GB for GiB and leaves nothing for activations, CUDA graphs and the runtime'}.`,
    );
  if (targets.ttft < FAST_FIRST.below)
    differences.push(
      'It turns on chunked prefill, which is on already in every V1 release; what counts is the token budget, and that follows from the ITL target.',
    );
  return {
    settings:
      seats < 1
        ? []
        : [
            { id: 'max-num-seqs', value: seats },
            { id: 'max-num-batched-tokens', value: budget },
            { id: 'gpu-memory-utilization', value: SHARE },
          ],
    steps: [
      { sum: `${sig(gpu.nominalGb * gpus)} GB × 0.90 − ${sig(weights)} GB of weights`, result: `${sig(memory)} GB` },
      {
        sum: `2 × ${model.kvHeads} × ${model.headDim} × 2 B × ${model.layers} layers`,
        result: `${sig(each / 1024)} KiB a token`,
      },
      { sum: `${sig(memory)} GB ÷ ${sig(each)} B`, result: `${sig(tokens)} tokens` },
      {
        sum: `÷ 2,048, at most 512${seats < fit ? ', at most 64 for ITL below 50 ms' : ''}`,
        result: `${sig(seats)} seats`,
      },
      {
        sum: `TTFT target ${targets.ttft < FAST_FIRST.below ? 'below' : 'not below'} 1 s`,
        result: `${sig(budget)} tokens a step`,
      },
    ],
    differences,
  };
}

function againstOurs(seats: number, fit: number, ours: Derived): string {
  if (ours.seats === 0) return seats === 0 ? 'It finds no room either.' : 'It finds room where we find none.';
  const ratio = seats / ours.seats;
  const why = ours.byPace !== null && ours.byPace < ours.byMemory ? 'the ITL target allows' : 'the cache holds safely';
  if (Math.abs(ratio - 1) <= 0.1) return `Its ${sig(seats)} seats come close to ours, though by another way.`;
  if (ratio > 1) return `Its ${sig(seats)} seats are ${sig(ratio)} times ours, more than ${why}.`;
  const flat = seats < fit ? ' Its flat 64 for any target below 50 ms knows neither GPU nor model.' : '';
  return `Its ${sig(seats)} seats are ${sayShare(ratio)} of ours, fewer than ${why}.${flat}`;
}
