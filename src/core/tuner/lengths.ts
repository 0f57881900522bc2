/** Lengths of one kind in tokens: their mean, and standard deviation ÷ mean. */
export interface Lengths {
  readonly mean: number;
  readonly spread: number;
}

export interface Resident {
  /** Tokens one running request holds, averaged over time. */
  readonly mean: number;
  readonly sd: number;
}

/**
 * What a request that runs at some moment holds. Long answers run longer, so they are met more often than they arrive
 * (pathologies.md §13, σ form 2): μ = E[P] + E[O²] ÷ 2E[O], σ² = Var(P) + E[O³] ÷ 3E[O] − (E[O²] ÷ 2E[O])².
 * The third moment is that of a gamma distribution with this mean and spread.
 */
export function residentOf(prompt: Lengths, answer: Lengths): Resident {
  const c = answer.spread ** 2;
  const second = answer.mean ** 2 * (1 + c);
  const third = answer.mean ** 3 * (1 + c) * (1 + 2 * c);
  const half = answer.mean === 0 ? 0 : second / (2 * answer.mean);
  const squared = answer.mean === 0 ? 0 : third / (3 * answer.mean);
  return {
    mean: prompt.mean + half,
    sd: Math.sqrt((prompt.mean * prompt.spread) ** 2 + Math.max(0, squared - half ** 2)),
  };
}

/** Of standard normal numbers, those that 90 % and 95 % do not exceed. */
const Z = { 0.9: 1.2816, 0.95: 1.6449 } as const;

/** @returns the length that this share of requests does not exceed, if lengths are log-normal with this mean and spread */
export function quantileOf({ mean, spread }: Lengths, share: keyof typeof Z): number {
  const variance = Math.log(1 + spread ** 2);
  return mean * Math.exp(Z[share] * Math.sqrt(variance) - variance / 2);
}
