import type { Unit } from '../base/units.ts';
import { defaultOn, type KnobValue } from '../knobs/knob.ts';
import { knobOf } from '../knobs/index.ts';
import type { Gpu } from './gpus.ts';
import { type KvBytes, kvBytesOf } from './kv-memory.ts';
import type { Measurements } from './measure.ts';
import type { Model } from './model.ts';

/** Where a number comes from: typed in, measured on the source, known of the hardware or the model, or assumed. */
export type From = 'given' | 'measured' | 'preset' | 'assumed';

/** A number with the range it may lie in. */
export interface Quantity {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface TunerInput extends Quantity {
  readonly id: InputId;
  readonly name: string;
  readonly unit: Unit;
  readonly from: From;
  /** Where exactly: the source of a preset, why it is assumed so, over what it was measured. */
  readonly note: string;
}

export const INPUT_IDS = [
  'gpu-memory',
  'utilisation',
  'weights',
  'overhead',
  'block-size',
  'kv-tokens',
  'prompt-tokens',
  'prompt-spread',
  'answer-tokens',
  'answer-spread',
  'hit-rate',
  'held-tokens',
  'request-rate',
  'step-empty',
  'step-per-token',
  'step-per-resident',
] as const;
export type InputId = (typeof INPUT_IDS)[number];

export const WORKLOADS = ['chat', 'code-completion', 'rag', 'agentic', 'batch', 'custom'] as const;
export type Workload = (typeof WORKLOADS)[number];

export interface Targets {
  /** Seconds: 95 % of first tokens, 95 % of gaps between tokens, the whole answer. */
  readonly ttft: number;
  readonly itl: number;
  readonly e2e: number | null;
  /** Output tokens per second wanted of all replicas together; `null` if none is asked for. */
  readonly throughput: number | null;
}

export interface TunerRequest {
  readonly gpu: Gpu;
  readonly model: Model;
  readonly tensor: number;
  readonly pipeline: number;
  readonly data: number;
  readonly kvDtype: 'auto' | 'fp8';
  readonly workload: Workload;
  readonly targets: Targets;
  /** What somebody typed, in base units; it counts before everything else. */
  readonly given: Readonly<Partial<Record<InputId, number>>>;
  readonly measured: Measurements | null;
}

const GIB = 2 ** 30;
/**
 * Lengths where nobody measured any: orders of magnitude of each kind of work, so the range is wide. Spread is standard
 * deviation ÷ mean; BurstGPT and the mixes of pathologies.md §13 lie between 0.2 and 1.5.
 */
const LENGTHS: Readonly<
  Record<Workload, readonly [prompt: number, spread: number, answer: number, spread: number, hit: number]>
> = {
  chat: [1000, 1, 300, 0.9, 0.3],
  'code-completion': [2000, 0.8, 60, 0.8, 0.5],
  rag: [4000, 0.6, 300, 0.8, 0.2],
  agentic: [8000, 1, 400, 1.2, 0.7],
  batch: [1000, 0.8, 500, 0.8, 0],
  custom: [1000, 1, 300, 0.9, 0.3],
};
/** A length nobody measured may be so many times longer or shorter. */
const LENGTH_RANGE = 1.6;
/** Share of the data sheet's bandwidth a decode step reaches, and of its operations a prefill reaches. */
const BANDWIDTH_REACHED: Quantity = { value: 0.7, low: 0.55, high: 0.85 };
const FLOPS_REACHED: Quantity = { value: 0.45, low: 0.3, high: 0.6 };
/** Seconds of a step that no byte and no operation explains: launch, sampling, and the all-reduces of tensor parallelism. */
const LAUNCH: Quantity = { value: 0.002, low: 0.001, high: 0.004 };
const ALL_REDUCE: Quantity = { value: 0.002, low: 0.001, high: 0.005 };
/** Models of so many parameters take about twice the memory for activations (pathologies.md §10.3, assumptions). */
const HUGE = 3e11;

/** What a request adds up to before any result: every input, with its range and where it comes from. Missing ones are not there. */
export function inputsOf(request: TunerRequest): Readonly<Partial<Record<InputId, TunerInput>>> {
  const out: Partial<Record<InputId, TunerInput>> = {};
  const kv = kvBytesOf(request.model, kvNumberBytes(request), request);
  for (const id of INPUT_IDS) {
    const { name, unit } = NAMES[id];
    const given = request.given[id];
    const found: Sourced | null =
      given === undefined ? (measuredOf(id, request) ?? guessOf(id, request, kv)) : exactly(given, 'given', 'typed in');
    if (found) out[id] = { id, name, unit, ...found };
  }
  return out;
}

/** Bytes of one number in the KV cache. */
export function kvNumberBytes({ kvDtype }: Pick<TunerRequest, 'kvDtype'>): number {
  return kvDtype === 'fp8' ? 1 : 2;
}

/** Name and unit of each input. */
export const NAMES: Readonly<Record<InputId, { readonly name: string; readonly unit: Unit }>> = {
  'gpu-memory': { name: 'memory of one GPU', unit: 'bytes' },
  utilisation: { name: 'share of it used', unit: 'ratio' },
  weights: { name: 'weights on one GPU', unit: 'bytes' },
  overhead: { name: 'activations, CUDA graphs, runtime', unit: 'bytes' },
  'block-size': { name: 'tokens in a block', unit: 'tokens' },
  'kv-tokens': { name: 'size of the KV cache', unit: 'tokens' },
  'prompt-tokens': { name: 'mean prompt', unit: 'tokens' },
  'prompt-spread': { name: 'spread of prompts ÷ mean', unit: 'ratio' },
  'answer-tokens': { name: 'mean answer', unit: 'tokens' },
  'answer-spread': { name: 'spread of answers ÷ mean', unit: 'ratio' },
  'hit-rate': { name: 'prefix cache hit rate', unit: 'ratio' },
  'held-tokens': { name: 'tokens one running request holds', unit: 'tokens' },
  'request-rate': { name: 'requests arriving', unit: 'requests-per-second' },
  'step-empty': { name: 'an empty step (α)', unit: 'seconds' },
  'step-per-token': { name: 'each token scheduled (β)', unit: 'seconds' },
  'step-per-resident': { name: 'each token resident (γ)', unit: 'seconds' },
};

type Sourced = Quantity & Pick<TunerInput, 'from' | 'note'>;

function exactly(value: number, from: From, note: string): Sourced {
  return { value, low: value, high: value, from, note };
}

function between(value: number, low: number, high: number, note: string): Sourced {
  return { value, low, high, from: 'assumed', note };
}

const MEMORY: readonly InputId[] = ['gpu-memory', 'utilisation', 'weights', 'overhead'];

/** Whether a measured size of the cache still holds: not once somebody asks what another memory or number format would give. */
export function keepsCapacity({ given, kvDtype }: Pick<TunerRequest, 'given' | 'kvDtype'>): boolean {
  return kvDtype === 'auto' && MEMORY.every((id) => given[id] === undefined);
}

function measuredOf(id: InputId, request: TunerRequest): Sourced | null {
  if (id === 'kv-tokens' && !keepsCapacity(request)) return null;
  const found = request.measured?.quantities[id];
  return found ? { ...found, from: 'measured' } : null;
}

function guessOf(id: InputId, request: TunerRequest, kv: KvBytes): Sourced | null {
  const { gpu, model, tensor, pipeline } = request;
  const [prompt, promptSpread, answer, answerSpread, hit] = LENGTHS[request.workload];
  const hardware = { gib: gpu.memory / GIB, name: gpu.name };
  const byDefault = (knob: KnobValue | null): number => Number(knob);
  const lengths = `typical of ${request.workload === 'custom' ? 'chat' : request.workload}; nobody measured it`;
  switch (id) {
    case 'gpu-memory':
      return exactly(gpu.memory, gpu.bandwidth === null ? 'given' : 'preset', gpu.name);
    case 'utilisation':
      return exactly(
        byDefault(defaultOn(knobOf('gpu-memory-utilization'), hardware)),
        'preset',
        'default of --gpu-memory-utilization from 0.20',
      );
    case 'weights':
      return exactly(model.weights.bytes / (tensor * pipeline), 'preset', `${model.weights.says}, from the config`);
    case 'overhead': {
      const note = 'usual for this size; the log of a start has it exactly';
      return model.parameters >= HUGE
        ? between(6 * GIB, 4 * GIB, 9 * GIB, note)
        : between(3 * GIB, 2 * GIB, 5 * GIB, note);
    }
    case 'block-size':
      return exactly(byDefault(defaultOn(knobOf('block-size'), hardware)), 'preset', 'default of --block-size');
    case 'prompt-tokens':
      return between(prompt, prompt / LENGTH_RANGE, prompt * LENGTH_RANGE, lengths);
    case 'prompt-spread':
      return between(promptSpread, promptSpread * 0.7, promptSpread * 1.3, lengths);
    case 'answer-tokens':
      return between(answer, answer / LENGTH_RANGE, answer * LENGTH_RANGE, lengths);
    case 'answer-spread':
      return between(answerSpread, answerSpread * 0.7, answerSpread * 1.3, lengths);
    case 'hit-rate':
      return between(hit, 0, Math.min(0.95, hit + 0.2), lengths);
    case 'step-empty': {
      if (gpu.bandwidth === null) return null;
      const bytes = model.weights.always / (tensor * pipeline);
      const seconds = (reached: number, launch: number, reduce: number) =>
        // Stages run one after the other for one token.
        (pipeline * bytes) / ((gpu.bandwidth as number) * reached) + launch + (tensor > 1 ? reduce : 0);
      return between(
        seconds(BANDWIDTH_REACHED.value, LAUNCH.value, ALL_REDUCE.value),
        seconds(BANDWIDTH_REACHED.high, LAUNCH.low, ALL_REDUCE.low),
        seconds(BANDWIDTH_REACHED.low, LAUNCH.high, ALL_REDUCE.high),
        `weights every step reads ÷ 55–85 % of the data sheet's bandwidth, and ${tensor > 1 ? '2–9' : '1–4'} ms`,
      );
    }
    case 'step-per-token': {
      const flops = model.weights.eightBit ? (gpu.flops8 ?? gpu.flops) : gpu.flops;
      if (flops === null) return null;
      const each = (2 * model.active) / (flops * tensor * pipeline);
      return between(
        each / FLOPS_REACHED.value,
        each / FLOPS_REACHED.high,
        each / FLOPS_REACHED.low,
        "2 operations for each active parameter ÷ 30–60 % of the data sheet's",
      );
    }
    case 'step-per-resident': {
      if (gpu.bandwidth === null) return null;
      const each = (pipeline * kv.tokenPerGpu) / gpu.bandwidth;
      return between(
        each / BANDWIDTH_REACHED.value,
        each / BANDWIDTH_REACHED.high,
        each / BANDWIDTH_REACHED.low,
        "KV bytes of a token ÷ 55–85 % of the data sheet's bandwidth",
      );
    }
    case 'kv-tokens':
    case 'held-tokens':
    case 'request-rate':
      return null;
    default:
      return id satisfies never;
  }
}
