import { mean, theilSen } from '../../base/statistics.ts';

/** Points in time order, gaps left out. */
export interface Points {
  /** Unix seconds. */
  readonly xs: readonly number[];
  readonly ys: readonly number[];
}

/** How something grew: told from levels that load does not reach. */
export interface Trend {
  /** Per second: median of pairwise slopes, deaf to outliers. */
  readonly slope: number;
  /** Share of all pairs of points of which the later one is higher: 0.5 without any trend, 1 for one that never falls. */
  readonly order: number;
  /** Share of points above the one before. */
  readonly rises: number;
  /** Slope of the second half ÷ slope of the whole: about 1 for a leak, towards 0 for a cache that has filled. */
  readonly goesOn: number;
  /** Growth over the points ÷ what they scatter around the line. */
  readonly overNoise: number;
}

/** @returns `null` with fewer than six points, or without a slope. Source: Theil 1950, Sen 1968; Kendall for the order. */
export function trendOf({ xs, ys }: Points): Trend | null {
  const n = ys.length;
  if (n < 6) return null;
  const slope = theilSen(xs, ys);
  const half = Math.floor(n / 2);
  const late = theilSen(xs.slice(half), ys.slice(half));
  if (slope === null || late === null) return null;
  let above = 0;
  let pairs = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      pairs++;
      if ((ys[j] as number) > (ys[i] as number)) above++;
    }
  }
  const x0 = xs[0] as number;
  const off = ys.map((y, i) => y - slope * ((xs[i] as number) - x0));
  const centre = mean(off) ?? 0;
  const scatter = Math.sqrt(mean(off.map((o) => (o - centre) ** 2)) ?? 0);
  const growth = slope * ((xs[n - 1] as number) - x0);
  return {
    slope,
    order: above / pairs,
    rises: ys.slice(1).filter((y, k) => y > (ys[k] as number)).length / (n - 1),
    goesOn: slope === 0 ? 0 : late / slope,
    overNoise: Math.abs(growth) / Math.max(scatter, 1e-12 * Math.max(1, Math.abs(centre))),
  };
}

/** A bend counts where it leaves less than this part of the squared error of a straight line. */
const CLEARER = 0.6;
/** Share of the points before a bend without which nothing is known of the time before it. */
const BEFORE = 0.1;

/**
 * Where a flat line begins to climb: the bend of the best fit of "level, then straight up".
 * @returns unix seconds; `null` where a straight line from the start says the same, so that it began before these points
 */
export function bendOf({ xs, ys }: Points): number | null {
  const n = xs.length;
  if (n < 8) return null;
  const straight = errorFrom(xs, ys, xs[0] as number);
  let best = Infinity;
  let at: number | null = null;
  for (let i = Math.max(2, Math.ceil(n * BEFORE)); i < n - 2; i++) {
    const error = errorFrom(xs, ys, xs[i] as number);
    if (error < best) {
      best = error;
      at = xs[i] as number;
    }
  }
  return at !== null && best < CLEARER * straight ? at : null;
}

/** Squared error of the least-squares fit of a level up to `bend` and a straight climb from there. */
function errorFrom(xs: readonly number[], ys: readonly number[], bend: number): number {
  const zs = xs.map((x) => Math.max(0, x - bend));
  const mz = mean(zs) ?? 0;
  const my = mean(ys) ?? 0;
  let szz = 0;
  let szy = 0;
  let syy = 0;
  for (let i = 0; i < zs.length; i++) {
    const z = (zs[i] as number) - mz;
    const y = (ys[i] as number) - my;
    szz += z * z;
    szy += z * y;
    syy += y * y;
  }
  return szz === 0 ? syy : Math.max(0, syy - (szy * szy) / szz);
}
