import { sayBytes, sayDuration, sig } from '../base/say.ts';
import { knobOf } from '../knobs/index.ts';
import type { Derived } from './derive.ts';
import { inputsOf, type TunerRequest } from './inputs.ts';

/** physics: no setting can help; contradiction: the targets exclude each other; care: what to know before using it. */
export interface Warning {
  readonly kind: 'physics' | 'contradiction' | 'care';
  readonly says: string;
}

/** Largest batch with a CUDA graph by default; 2 · seats if that is less. */
const GRAPHS = 512;

/** @returns what does not go together, worst first */
export function warningsOf(request: TunerRequest, d: Derived, ends: readonly [Derived, Derived]): Warning[] {
  const { targets, model, gpu, tensor, data } = request;
  const n = inputsOf(request);
  const out: Warning[] = [];
  const warn = (kind: Warning['kind'], says: string) => void out.push({ kind, says });
  const alpha = n['step-empty']?.value;
  const beta = n['step-per-token']?.value;
  const answer = n['answer-tokens']?.value ?? 0;

  if (d.kvMemory !== null && d.kvMemory <= 0)
    warn(
      'physics',
      `The weights do not fit: ${sayBytes(-d.kvMemory)} are missing on each GPU before the first token. Use more GPUs for one engine, smaller weights, or larger GPUs.`,
    );
  else if (d.byMemory < 1) warn('physics', 'Not one request of this length fits the KV cache with room for chance.');
  if (d.byPace !== null && d.byPace < 1 && alpha !== undefined)
    warn(
      'physics',
      `A step takes ${sayDuration(d.decodeStep ?? alpha)} with a single request, so an ITL of ${sayDuration(targets.itl)} cannot be kept. Tensor parallelism, smaller weights or speculative decoding shorten it.`,
    );
  if (beta !== undefined && d.longPrompt * beta >= targets.ttft)
    warn(
      'physics',
      `A long prompt (p95, ${sig(d.longPrompt)} tokens to compute) takes ${sayDuration(d.longPrompt * beta)} with the whole GPU to itself; the TTFT target is ${sayDuration(targets.ttft)}.`,
    );
  else if (d.budgetLeast !== null && d.budgetMost !== null && d.seats >= 1 && d.budgetLeast > d.budgetMost)
    warn(
      'contradiction',
      `At ${sig(d.seats)} seats the TTFT target needs ${sig(d.budgetLeast)} tokens a step, the ITL target allows ${sig(d.budgetMost)}. Fewer seats, a looser target, or separate engines for prompts.`,
    );
  if (d.seats >= 1 && d.budgetMost !== null && d.budget !== null && d.budgetMost < d.budget && d.byPace !== null)
    warn(
      'care',
      `The ITL target allows ${sig(d.budgetMost)} tokens a step; fewer than ${sig(d.budget)} would read prompts too slowly, so steps that carry one take up to ${sayDuration((d.decodeStep ?? 0) + (d.budget - d.seats) * (beta ?? 0))}.`,
    );
  if (targets.e2e !== null && answer > 0) {
    const least = targets.ttft + answer * targets.itl;
    if (least > targets.e2e)
      warn(
        'contradiction',
        `A mean answer of ${sig(answer)} tokens that uses TTFT and ITL to the full takes ${sayDuration(least)}; the target for the whole is ${sayDuration(targets.e2e)}. It holds for answers up to ${sig(Math.floor((targets.e2e - targets.ttft) / targets.itl))} tokens.`,
      );
  }
  if (
    targets.throughput !== null &&
    d.outputPerSecond !== null &&
    d.seats >= 1 &&
    targets.throughput > d.outputPerSecond * data
  )
    warn(
      'contradiction',
      `${sig(targets.throughput)} tokens/s are more than one replica gives within the ITL target (${sig(d.outputPerSecond * data)}); it takes the replicas below, or a looser target.`,
    );
  if (model.heads % tensor !== 0)
    warn('physics', `${model.heads} attention heads cannot be shared by ${tensor} GPUs; vLLM does not start.`);
  if (model.attention.kind === 'MLA' && tensor > 1)
    warn(
      'care',
      `Each of the ${tensor} GPUs keeps the whole latent, so tensor parallelism adds no KV cache; data parallelism does.`,
    );
  else if (tensor > model.kvHeads)
    warn('care', `${tensor} GPUs share ${model.kvHeads} KV heads, so some keep copies: more GPUs add no KV cache.`);
  if (data > 1 && model.expertParameters > 0)
    warn(
      'care',
      'With --enable-expert-parallel the experts are split over the engines and each has more KV cache; this counts them whole on each engine.',
    );
  if ((n.utilisation?.value ?? 0) > 0.95)
    warn('care', 'A share of memory above 0.95 leaves no room for CUDA graphs or a neighbour.');
  if (request.kvDtype === 'fp8')
    warn('care', 'fp8 in the KV cache changes answers a little: compare them on your model first.');
  if (d.seats > GRAPHS)
    warn(
      'care',
      `${sig(d.seats)} seats exceed the largest batch with a CUDA graph (${GRAPHS}, see ${flagOf('max-cudagraph-capture-size')}); larger batches run without one.`,
    );
  if (!d.kv.exact)
    warn(
      'care',
      'Layers differ in what they keep, so the capacity is approximate. The log of a start, or kv_cache_size_tokens in /metrics, has the exact number.',
    );
  if (gpu.bandwidth === null && d.byPace === null)
    warn(
      'care',
      'With GiB alone the speed of the GPU is not known, so the seats rest on memory and the targets are not checked.',
    );
  for (const note of model.notes) warn('care', note);
  const [worst, best] = ends;
  if (d.seats >= 1 && best.seats > 3 * Math.max(1, worst.seats))
    warn(
      'care',
      `Seats lie between ${sig(worst.seats)} and ${sig(best.seats)}: that much rests on assumptions. Measured lengths and step times narrow it.`,
    );
  return out;
}

function flagOf(id: Parameters<typeof knobOf>[0]): string {
  const { written } = knobOf(id);
  return written.by === 'flag' ? written.flag : id;
}
