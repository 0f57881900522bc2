import { roundSeats, safeSeats, TARGET_LOAD } from '../knobs/sizing.ts';
import type { InputId, TunerInput, TunerRequest } from './inputs.ts';
import { kvNumberBytes } from './inputs.ts';
import { capacityOf, extraTokens, type KvBytes, kvBytesOf } from './kv-memory.ts';
import { type Resident, quantileOf, residentOf } from './lengths.ts';

/** One number for each input: a point inside their ranges. */
export type Numbers = Readonly<Partial<Record<InputId, number>>>;

/** All that follows from one point. `null` where an input is not known. */
export interface Derived {
  readonly kv: KvBytes;
  /** Bytes for the KV cache on one GPU; `null` where the size of the cache is measured or given. */
  readonly kvMemory: number | null;
  /** Tokens that fit one engine's KV cache. */
  readonly capacity: number;
  readonly resident: Resident;
  /** Requests that fit by memory, and by the ITL target; unrounded. */
  readonly byMemory: number;
  readonly byPace: number | null;
  /** Rounded, the smaller of both; 0 where not even one fits. */
  readonly seats: number;
  /** Prompt tokens of one request that are computed, on average and for the longest 5 %. */
  readonly computed: number;
  readonly longPrompt: number;
  /** Prompt tokens per second the engine could compute with nothing else to do. */
  readonly prefillSpeed: number | null;
  /** Seconds of a step at these seats: with no prompt in it, and with as many prompt tokens as keep up with the answers. */
  readonly decodeStep: number | null;
  readonly meanStep: number | null;
  /** Token budget the ITL target allows, and the one the TTFT target needs; infinite where none is enough. */
  readonly budgetMost: number | null;
  readonly budgetLeast: number | null;
  readonly budget: number | null;
  /** Seconds to the first token of a long prompt with nobody before it, at that budget. */
  readonly longTtft: number | null;
  /** Of one engine at these seats. */
  readonly requestsPerSecond: number | null;
  readonly outputPerSecond: number | null;
  /** Engines for the throughput or the arrivals at the load aimed at, and output tokens per second behind it; `null` if neither is known. */
  readonly engines: number | null;
}

/** Most seats a search looks at: more than any server takes. */
const MOST_SEATS = 8192;
/** Larger steps gain nothing and take memory for activations; smaller ones do not fill the GPU. */
const LARGEST_BUDGET = 16_384;
const SMALLEST_BUDGET = 256;
/** Answers of nearly one length peak together (pathologies.md §13). */
const EQUAL = 0.3;
const PLANNED = 0.92;

/** @returns what follows from these numbers. Pure arithmetic of pathologies.md §10 and §13. */
export function derive(request: TunerRequest, n: Numbers): Derived {
  const { model, targets } = request;
  const kv = kvBytesOf(model, kvNumberBytes(request), request);
  const block = n['block-size'] as number;
  const memory =
    (n['gpu-memory'] as number) * (n.utilisation as number) - (n.weights as number) - (n.overhead as number);
  const measured = n['kv-tokens'];
  const capacity = measured ?? capacityOf(memory, kv, block);
  const prompt = { mean: n['prompt-tokens'] as number, spread: n['prompt-spread'] as number };
  const answer = { mean: n['answer-tokens'] as number, spread: n['answer-spread'] as number };
  const own = residentOf(prompt, answer);
  // Half a block of each request stays empty; windows and states count as the tokens they displace.
  const extra = extraTokens(kv, own.mean) + block / 2;
  const resident =
    n['held-tokens'] === undefined ? { ...own, mean: own.mean + extra } : { ...own, mean: n['held-tokens'] };
  const byMemory = capacity > 0 ? memorySeats(capacity, resident, prompt, answer) : 0;

  const hit = n['hit-rate'] as number;
  const computed = prompt.mean * (1 - hit);
  const longPrompt = quantileOf(prompt, 0.95) * (1 - hit);
  const { 'step-empty': alpha, 'step-per-token': beta, 'step-per-resident': gamma } = n;
  const base = {
    kv,
    kvMemory: measured === undefined ? memory : null,
    capacity,
    resident,
    byMemory,
    computed,
    longPrompt,
  };
  if (alpha === undefined || beta === undefined || gamma === undefined) {
    const seats = byMemory < 1 ? 0 : roundSeats(byMemory);
    const nothing = { byPace: null, prefillSpeed: null, decodeStep: null, meanStep: null };
    return {
      ...base,
      ...nothing,
      seats,
      budgetMost: null,
      budgetLeast: null,
      budget: null,
      longTtft: null,
      requestsPerSecond: null,
      outputPerSecond: null,
      engines: null,
    };
  }

  const empty = (seats: number) => alpha + expertSeconds(request, n, seats);
  const decode = (seats: number) => empty(seats) + beta * seats + gamma * seats * resident.mean;
  // Each answer of O tokens brings one prompt; spread over its steps, that many prompt tokens ride along.
  const riding = answer.mean > 0 ? computed / answer.mean : 0;
  const step = (seats: number) => decode(seats) + beta * seats * riding;
  const byPace = largest((seats) => step(seats) <= targets.itl);
  const fits = Math.min(byMemory, byPace);
  const seats = fits < 1 ? 0 : roundSeats(fits);
  const prefillSpeed = 1 / beta;
  const used = Math.max(1, seats);
  const decodeStep = decode(used);
  const room = (targets.itl - decodeStep) / beta;
  const budgetMost = room > 0 ? used + room : 0;
  const spare = targets.ttft - longPrompt * beta;
  const budgetLeast = spare > 0 ? used + (longPrompt * decodeStep) / spare : Number.POSITIVE_INFINITY;
  const budget = roundBudget(Math.max(used, Math.min(LARGEST_BUDGET, budgetMost)), used);
  const bite = Math.max(1, budget - used);
  const longTtft = Math.ceil(longPrompt / bite) * decodeStep + longPrompt * beta;
  const meanStep = step(used);
  const output = used / meanStep;
  const requests = answer.mean > 0 ? output / answer.mean : null;
  const wanted =
    targets.throughput !== null
      ? targets.throughput / output
      : n['request-rate'] !== undefined && requests !== null
        ? n['request-rate'] / requests
        : null;
  return {
    ...base,
    byPace,
    seats,
    prefillSpeed,
    decodeStep,
    meanStep,
    budgetMost,
    budgetLeast,
    budget,
    longTtft,
    requestsPerSecond: requests,
    outputPerSecond: output,
    engines: wanted === null ? null : Math.max(1, Math.ceil(wanted / TARGET_LOAD - 1e-9)),
  };
}

function memorySeats(
  capacity: number,
  resident: Resident,
  prompt: { mean: number; spread: number },
  answer: { mean: number; spread: number },
): number {
  const steady = safeSeats(capacity, resident.mean, resident.sd).exact;
  if (answer.spread >= EQUAL) return steady;
  const burst = (PLANNED * capacity) / (quantileOf(prompt, 0.9) + quantileOf(answer, 0.9));
  return Math.min(steady, 1.2 * burst);
}

/**
 * Seconds to read the experts that so many tokens are sent to: 1 − (1 − k ÷ E)^n of them. A measured empty step has them in it.
 */
function expertSeconds(request: TunerRequest, n: Numbers, seats: number): number {
  const { model, gpu, tensor, pipeline } = request;
  if (model.weights.experts === 0 || gpu.bandwidth === null || request.measured?.quantities['step-empty']) return 0;
  const touched = 1 - (1 - model.expertShare) ** seats;
  // As much of the bandwidth is reached as for the rest of the weights; α tells how much that is.
  const reached = bandwidthIn(request, n);
  return (touched * model.weights.experts * pipeline) / (tensor * pipeline * gpu.bandwidth * reached);
}

/** Share of the bandwidth this point reaches, as the cost of a resident token implies it. */
function bandwidthIn(request: TunerRequest, n: Numbers): number {
  const kv = kvBytesOf(request.model, kvNumberBytes(request), request);
  const ideal = (request.pipeline * kv.tokenPerGpu) / (request.gpu.bandwidth as number);
  return Math.min(1, ideal / (n['step-per-resident'] as number));
}

/** Largest real number up to MOST_SEATS that still fits; 0 if not even one does. */
function largest(fits: (seats: number) => boolean): number {
  if (!fits(1)) return 0;
  if (fits(MOST_SEATS)) return MOST_SEATS;
  let low = 1;
  let high = MOST_SEATS;
  while (high - low > 0.01) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Down to a multiple of 32, and never below the seats, since every running answer takes a token of each step. */
function roundBudget(tokens: number, seats: number): number {
  return Math.max(SMALLEST_BUDGET, seats, Math.floor(tokens / 32) * 32);
}

/** What makes things worse: more of it, or less. The rest decides nothing by itself. */
const BAD_HIGH: readonly InputId[] = [
  'weights',
  'overhead',
  'prompt-tokens',
  'prompt-spread',
  'answer-tokens',
  'answer-spread',
  'held-tokens',
  'request-rate',
  'step-empty',
  'step-per-token',
  'step-per-resident',
];

/** The points at the ends of all ranges at once, and the one in the middle. */
export function pointsOf(inputs: Readonly<Partial<Record<InputId, TunerInput>>>): {
  readonly worst: Numbers;
  readonly middle: Numbers;
  readonly best: Numbers;
} {
  const pick = (choose: (input: TunerInput) => number): Numbers =>
    Object.fromEntries(Object.values(inputs).map((input) => [input.id, choose(input)]));
  return {
    worst: pick((i) => (BAD_HIGH.includes(i.id) ? i.high : i.low)),
    middle: pick((i) => i.value),
    best: pick((i) => (BAD_HIGH.includes(i.id) ? i.low : i.high)),
  };
}
