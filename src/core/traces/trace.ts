import type { KernelKind } from './kernels.ts';

/**
 * What a profile says, whichever tool wrote it. Times are whole nanoseconds on the clock of the profile, counted from a moment
 * of its own: sums of whole numbers are exact, so that busy and idle add up to the wall time without a rounding error.
 */
export interface Trace {
  /** Name of the file. */
  readonly name: string;
  readonly tool: 'torch-profiler' | 'nsys';
  /** Rank and world size as the profile states them; `null` where it does not. */
  readonly rank: number | null;
  readonly world: number | null;
  /** Name of the GPU; `null` where it is not told. */
  readonly gpu: string | null;
  /** Version of vLLM, stamped into the profile from about 0.21 on; `null` in others. */
  readonly vllm: string | null;
  readonly kernels: readonly KernelName[];
  readonly activities: Activities;
  /** Ranges the program marked: steps of vLLM and of the profiler. By start. */
  readonly marks: readonly Mark[];
  /** Events that were read whole, of any kind. */
  readonly events: number;
  /** Whether launches are in the profile, so that a wait of the GPU can be laid at somebody's door. */
  readonly hasLaunches: boolean;
  readonly truncated: boolean;
  /** What reading had to say. */
  readonly notes: readonly string[];
}

export interface KernelName {
  readonly name: string;
  readonly kind: KernelKind;
}

/** What ran on GPUs, as columns, since there may be a million of them; by start. */
export interface Activities {
  readonly count: number;
  readonly start: Float64Array;
  /** Never before its start. */
  readonly end: Float64Array;
  /** Index into `kernels`. */
  readonly kernel: Int32Array;
  readonly device: Int32Array;
  /** When the host asked for it; NaN where that is not in the profile. */
  readonly launch: Float64Array;
}

export interface Mark {
  readonly name: string;
  /** `host`: where the program marked it; `gpu`: from its first to its last kernel. */
  readonly on: 'host' | 'gpu';
  /** Of a mark on a GPU, which one. */
  readonly device: number | null;
  readonly start: number;
  readonly end: number;
}

/** A profile that cannot be read; the message says what was expected. */
export class TraceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TraceError';
  }
}
