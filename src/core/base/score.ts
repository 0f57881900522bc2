/** Scoring primitives of pathologies.md §3: everything is a strength between 0 and 1. */

export function clamp(x: number, low = 0, high = 1): number {
  return Math.min(high, Math.max(low, x));
}

/** 0 up to `a`, 1 from `b` on, straight between. */
export function ramp(x: number, a: number, b: number): number {
  return clamp((x - a) / (b - a));
}

/** 1 up to `a`, 0 from `b` on, straight between. */
export function fall(x: number, a: number, b: number): number {
  return 1 - ramp(x, a, b);
}

/** AND: geometric mean, so that one missing necessary item sinks the whole. */
export function all(...xs: readonly number[]): number {
  if (xs.some((x) => x <= 0)) return 0;
  return Math.exp(xs.reduce((sum, x) => sum + Math.log(x), 0) / xs.length);
}

/** OR: independent supporting items. */
export function any(...xs: readonly number[]): number {
  return 1 - xs.reduce((product, x) => product * (1 - clamp(x)), 1);
}
