import { sig } from '../base/say.ts';

/** Share of the pool to plan for: the rest absorbs block rounding and bursts (pathologies.md §13). */
const PLANNED = 0.92;
/** One-sided 1 % risk that the demand of all seats exceeds the plan. */
const Z = 2.33;
/** Load to aim at: above about 0.85 queueing explodes (pathologies.md §10.2). */
export const TARGET_LOAD = 0.75;

export interface SafeSeats {
  /** Unrounded number of requests that fit. */
  readonly exact: number;
  /** Rounded down to a multiple of 8 (1, 2, 4 below 8), so that decode batches stay on captured CUDA-graph sizes. */
  readonly seats: number;
  readonly usable: number;
  readonly steps: readonly { readonly sum: string; readonly result: string }[];
}

/**
 * Requests that fit a KV pool with 1 % risk of overflow: N·μ + z·σ·√N ≤ φ·C, solved for N (pathologies.md §13, steady form).
 * @param capacity pool in tokens · @param mean tokens one running request holds, averaged over its life · @param sd their spread
 */
export function safeSeats(capacity: number, mean: number, sd: number): SafeSeats {
  const usable = PLANNED * capacity;
  const root = (-Z * sd + Math.sqrt(Z * Z * sd * sd + 4 * mean * usable)) / (2 * mean);
  const exact = root * root;
  const seats = roundSeats(exact);
  return {
    exact,
    seats,
    usable,
    steps: [
      { sum: `${sig(capacity)} tokens × ${PLANNED}`, result: `${sig(usable)} tokens usable` },
      { sum: `one request holds ${sig(mean)} tokens on average`, result: `sd ${sig(sd)}` },
      { sum: `${sig(exact)} fit at 1 % risk, down to a multiple of 8`, result: `${seats} seats` },
    ],
  };
}

/** Rounded down to a multiple of 8; to 4, 2 or 1 below 8. */
export function roundSeats(exact: number): number {
  if (exact >= 8) return Math.floor(exact / 8) * 8;
  if (exact >= 4) return 4;
  return exact >= 2 ? 2 : 1;
}

/**
 * Spread of the tokens one resident request holds: prompts vary, and a resident is at a uniformly random point of its
 * answer (pathologies.md §13, σ form 3; good where answers are similar in length).
 */
export function residentSpread(promptVariance: number, answerMean: number, answerVariance: number): number {
  return Math.sqrt(promptVariance + answerVariance / 3 + (answerMean * answerMean) / 12);
}

/** Replicas for the target load: ceil(n · ρ / 0.75). */
export function replicasFor(now: number, load: number): number {
  return Math.max(now, Math.ceil((now * load) / TARGET_LOAD - 1e-9));
}

/** The flag that caps answers at `tokens`. Spelt in one place, because the plan compares flags. */
export function capAnswers(tokens: number): string {
  return `--override-generation-config '{"max_new_tokens":${tokens}}'`;
}
