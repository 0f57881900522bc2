import { sayDuration, sig } from '../base/say.ts';
import type { Unit } from '../base/units.ts';
import type { Derived } from './derive.ts';
import type { InputId, TunerInput, TunerRequest } from './inputs.ts';

/** One number of the answer, with how it came about. */
export interface TunerResult {
  readonly id: ResultId;
  readonly title: string;
  readonly unit: Unit;
  /** `null`: it cannot be told, or there is none; `sum` has the reason. */
  readonly value: number | null;
  /** What it is at the bad and at the good end of all input ranges together. */
  readonly range: readonly [low: number, high: number] | null;
  readonly formula: string;
  /** The formula with its numbers. */
  readonly sum: string;
  readonly inputs: readonly TunerInput[];
  readonly says: string;
}

export type ResultId =
  | 'kv-bytes-per-token'
  | 'kv-memory'
  | 'kv-tokens'
  | 'held-tokens'
  | 'seats-by-memory'
  | 'seats-by-pace'
  | 'seats'
  | 'token-budget'
  | 'long-prompt-cap'
  | 'long-ttft'
  | 'throughput'
  | 'queue-requests'
  | 'queue-tokens'
  | 'replicas'
  | 'longest-request';

/** What every row is worked out from. */
export interface Ground {
  readonly request: TunerRequest;
  readonly inputs: Readonly<Partial<Record<InputId, TunerInput>>>;
  /** In the middle of all ranges, and at their bad and their good end. */
  readonly middle: Derived;
  readonly ends: readonly [worst: Derived, best: Derived];
}

export type Inputs = Ground['inputs'];

/** The inputs of these ids that are there. */
export function named(inputs: Inputs, ...ids: readonly InputId[]): TunerInput[] {
  return [...new Set(ids)].flatMap((id) => inputs[id] ?? []);
}

/** @returns the value at both ends, in order; `null` where an end has none */
export function rangeOf({ ends }: Ground, pick: (d: Derived) => number | null): TunerResult['range'] {
  const [a, b] = [pick(ends[0]), pick(ends[1])];
  return a === null || b === null ? null : [Math.min(a, b), Math.max(a, b)];
}

const MEMORY: readonly InputId[] = ['gpu-memory', 'utilisation', 'weights', 'overhead', 'block-size'];
const LENGTHS: readonly InputId[] = ['prompt-tokens', 'prompt-spread', 'answer-tokens', 'answer-spread'];

/** What the size of the cache rests on. */
export function capacityInputs(inputs: Inputs): readonly InputId[] {
  return inputs['kv-tokens'] ? ['kv-tokens'] : MEMORY;
}

/** What a running request holds rests on; its spread rests on lengths even where the mean is measured. */
export function heldInputs(inputs: Inputs): readonly InputId[] {
  return inputs['held-tokens'] ? ['held-tokens', ...LENGTHS] : [...LENGTHS, 'block-size'];
}

/** What the time of a step rests on. */
export function stepInputs(inputs: Inputs): readonly InputId[] {
  return ['step-empty', 'step-per-token', 'step-per-resident', ...heldInputs(inputs), 'hit-rate'];
}

export const sayKib = (bytes: number): string => `${sig(bytes / 1024)} KiB`;

/** Seconds so small that milliseconds would all be zeros. */
export function sayTiny(seconds: number): string {
  if (seconds >= 1e-3) return sayDuration(seconds);
  return seconds < 1e-6 ? `${sig(seconds * 1e9)} ns` : `${sig(seconds * 1e6)} µs`;
}
