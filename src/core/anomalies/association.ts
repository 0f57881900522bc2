import type { Grid, Values } from '../base/grid.ts';
import { stepsIn } from '../base/grid.ts';
import { regress } from '../evidence/regression.ts';

/** That two lines move together, and which one goes first. It proves nothing: it is shown beside a finding and makes none. */
export interface Association {
  /** Rank correlation, −1 to 1, at the best lag. */
  readonly rho: number;
  /** Seconds by which the first line is ahead of the second; negative: behind. */
  readonly ahead: number;
  /** Pairs of values it rests on. */
  readonly pairs: number;
}

/** Seconds looked to either side for the lag. */
const REACH = 120;
/** Pairs below which nothing is said, and the least worth saying. */
const LEAST_PAIRS = 20;
const LEAST_RHO = 0.5;
/** Standard errors a correlation must have, which is more than usual because the best of many lags is taken. */
const SURE = 3.5;

/**
 * Spearman's rank correlation of two lines at the lag where it is largest, of what load and a trend leave of them: both run together
 * with the running requests on any fleet, and all that grows correlates. `null` with too few values, or where chance would do.
 * @param load running requests of the fleet; `null` where they are not counted: then only the trend is taken off
 */
export function associationOf(first: Values, second: Values, load: Values | null, grid: Grid): Association | null {
  const [a, b] = [leftOver(first, load), leftOver(second, load)];
  if (!a || !b) return null;
  const reach = stepsIn(grid, REACH);
  let best: Association | null = null;
  for (let lag = -reach; lag <= reach; lag++) {
    const [xs, ys]: [number[], number[]] = [[], []];
    a.forEach((x, i) => {
      const y = b[i + lag] ?? null;
      if (x === null || y === null) return;
      xs.push(x);
      ys.push(y);
    });
    if (xs.length < LEAST_PAIRS) continue;
    const rho = pearsonOf(ranksOf(xs), ranksOf(ys));
    if (rho !== null && Math.abs(rho) > Math.abs(best?.rho ?? 0))
      best = { rho, ahead: lag * grid.step, pairs: xs.length };
  }
  if (!best || Math.abs(best.rho) < Math.max(LEAST_RHO, SURE / Math.sqrt(worthOf(a, b, best.pairs)))) return null;
  return best;
}

/** What a straight trend and the load leave of a line. */
function leftOver(values: Values, load: Values | null): Values | null {
  const rows: number[][] = [];
  const ys: number[] = [];
  const at: number[] = [];
  values.forEach((value, i) => {
    const x = load === null ? 0 : (load[i] ?? null);
    if (value === null || x === null) return;
    rows.push(load === null ? [1, i] : [1, i, x]);
    ys.push(value);
    at.push(i);
  });
  if (ys.length < LEAST_PAIRS) return null;
  const fit = regress(rows, ys);
  if (!fit) return null;
  const out: (number | null)[] = values.map(() => null);
  at.forEach((i, k) => {
    out[i] = (ys[k] as number) - (rows[k] as number[]).reduce((sum, x, c) => sum + x * (fit.coefficients[c] ?? 0), 0);
  });
  return out;
}

/** Ranks from 1, ties sharing their mean. */
function ranksOf(xs: readonly number[]): number[] {
  const order = xs.map((x, i) => [x, i] as const).sort((p, q) => p[0] - q[0]);
  const ranks = xs.map(() => 0);
  for (let i = 0; i < order.length; ) {
    let j = i;
    while (
      j + 1 < order.length &&
      (order[j + 1] as readonly [number, number])[0] === (order[i] as readonly [number, number])[0]
    )
      j++;
    for (let k = i; k <= j; k++) ranks[(order[k] as readonly [number, number])[1]] = (i + j) / 2 + 1;
    i = j + 1;
  }
  return ranks;
}

/** Pearson's correlation; `null` without spread. */
export function pearsonOf(xs: readonly number[], ys: readonly number[]): number | null {
  const n = Math.min(xs.length, ys.length);
  if (n < 2) return null;
  const mean = (list: readonly number[]) => list.slice(0, n).reduce((a, b) => a + b, 0) / n;
  const [mx, my] = [mean(xs), mean(ys)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [dx, dy] = [(xs[i] as number) - mx, (ys[i] as number) - my];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx <= 1e-18 || yy <= 1e-18 ? null : xy / Math.sqrt(xx * yy);
}

/** How many independent pairs two lines are worth that each resemble their own past (Bartlett 1935). */
function worthOf(a: Values, b: Values, pairs: number): number {
  const product = phiOf(a) * phiOf(b);
  return Math.max(1, (pairs * (1 - product)) / (1 + product));
}

function phiOf(values: Values): number {
  const pairs = values.flatMap((value, i) => {
    const last = i > 0 ? (values[i - 1] ?? null) : null;
    return value === null || last === null ? [] : [[last, value] as const];
  });
  return Math.min(
    0.98,
    Math.max(
      0,
      pearsonOf(
        pairs.map(([x]) => x),
        pairs.map(([, y]) => y),
      ) ?? 0,
    ),
  );
}
