/** A point to be fitted, or a pool of them: where it lies, what came out, and how much it weighs. */
export interface Weighted {
  readonly x: number;
  readonly y: number;
  readonly weight: number;
}

/**
 * Isotonic regression by pooling adjacent violators: the non-decreasing step function nearest to the points in weighted least
 * squares. Points of equal `x` are one.
 * @returns pools by ascending `x`; each is the weighted mean of the points in it
 * Source: Ayer et al. 1955; Barlow et al. 1972.
 */
export function isotonic(points: readonly Weighted[]): Weighted[] {
  const pools: Weighted[] = [];
  for (const point of merged(points)) {
    let pool = point;
    for (let last = pools.at(-1); last !== undefined && last.y >= pool.y; last = pools.at(-1)) {
      pool = joined(last, pool);
      pools.pop();
    }
    pools.push(pool);
  }
  return pools;
}

function joined(a: Weighted, b: Weighted): Weighted {
  const weight = a.weight + b.weight;
  const mean = (p: number, q: number) => (p * a.weight + q * b.weight) / weight;
  return { x: mean(a.x, b.x), y: mean(a.y, b.y), weight };
}

function merged(points: readonly Weighted[]): Weighted[] {
  const out: Weighted[] = [];
  for (const point of [...points].sort((a, b) => a.x - b.x)) {
    const last = out.at(-1);
    if (last && last.x === point.x) out[out.length - 1] = { ...joined(last, point), x: point.x };
    else out.push(point);
  }
  return out;
}
