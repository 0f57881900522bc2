import type { Random } from './random.ts';

/** A distribution of lengths in tokens, at least 1. */
export interface Lengths {
  readonly mean: number;
  draw(random: Random): number;
}

export function fixed(tokens: number): Lengths {
  return { mean: tokens, draw: () => Math.max(1, Math.round(tokens)) };
}

export function uniform(low: number, high: number): Lengths {
  return { mean: (low + high) / 2, draw: (random) => Math.max(1, Math.round(random.between(low, high))) };
}

/** @param sigma spread of the logarithm: 0.3 is narrow, 1 heavy-tailed. @param most draws above it are cut to it */
export function lognormal(mean: number, sigma: number, most = Infinity): Lengths {
  const mu = Math.log(mean) - (sigma * sigma) / 2;
  return {
    mean,
    draw: (random) => Math.max(1, Math.min(most, Math.round(Math.exp(mu + sigma * random.gaussian())))),
  };
}

/** Several kinds of request in one stream, by weight. */
export function mixture(...parts: readonly (readonly [weight: number, lengths: Lengths])[]): Lengths {
  const weights = parts.map(([weight]) => weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    mean: parts.reduce((sum, [weight, lengths]) => sum + (weight / total) * lengths.mean, 0),
    draw: (random) => (parts[random.weighted(weights)]?.[1] as Lengths).draw(random),
  };
}
