/** Numbers of a line that are there. */
export function known(values: readonly (number | null)[]): number[] {
  const xs: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number | null;
    if (value !== null) xs.push(value);
  }
  return xs;
}

/** Mean of the known values; `null` of nothing. */
export function mean(values: readonly (number | null)[]): number | null {
  let sum = 0;
  let n = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number | null;
    if (value === null) continue;
    sum += value;
    n++;
  }
  return n === 0 ? null : sum / n;
}

/** Largest of the known values; `null` of nothing. */
export function maxOf(values: readonly (number | null)[]): number | null {
  let best: number | null = null;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number | null;
    if (value !== null) best = best === null ? value : Math.max(best, value);
  }
  return best;
}

/** Smallest of the known values; `null` of nothing. */
export function minOf(values: readonly (number | null)[]): number | null {
  let best: number | null = null;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number | null;
    if (value !== null) best = best === null ? value : Math.min(best, value);
  }
  return best;
}

/** Where the numbers of a quantile are put in order; detectors ask for some hundred thousand, and none needs it afterwards. */
let desk = new Float64Array(256);

/** `q`-quantile by linear interpolation between order statistics; `null` of nothing. */
export function quantile(values: readonly (number | null)[], q: number): number | null {
  const n = layOut(values);
  if (n === 0) return null;
  const at = (n - 1) * q;
  const low = Math.floor(at);
  if (values.length > SHORT) select(n, low);
  const a = desk[low] as number;
  const b = low + 1 < n ? least(values.length > SHORT ? n : low + 2, low + 1) : a;
  return a + (b - a) * (at - low);
}

/** Lists up to this length are sorted by insertion: most of those that are asked for have a dozen numbers. */
const SHORT = 40;

/** The known numbers on the desk, ascending where they are few. @returns how many */
function layOut(values: readonly (number | null)[]): number {
  if (desk.length < values.length) desk = new Float64Array(2 * values.length);
  const xs = desk;
  const short = values.length <= SHORT;
  let n = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number | null;
    if (value === null) continue;
    let at = n++;
    for (; short && at > 0 && (xs[at - 1] as number) > value; at--) xs[at] = xs[at - 1] as number;
    xs[at] = value;
  }
  return n;
}

/** Moves the number of rank `rank` of the first `n` to its place, smaller ones before it and larger ones behind (Hoare 1961). */
function select(n: number, rank: number): void {
  const xs = desk;
  let from = 0;
  let to = n - 1;
  while (from < to) {
    const pivot = xs[(from + to) >> 1] as number;
    let i = from;
    let j = to;
    while (i <= j) {
      while ((xs[i] as number) < pivot) i++;
      while ((xs[j] as number) > pivot) j--;
      if (i > j) break;
      const swapped = xs[i] as number;
      xs[i] = xs[j] as number;
      xs[j] = swapped;
      i++;
      j--;
    }
    if (rank <= j) to = j;
    else if (rank >= i) from = i;
    else return;
  }
}

function least(n: number, from: number): number {
  let best = desk[from] as number;
  for (let i = from + 1; i < n; i++) if ((desk[i] as number) < best) best = desk[i] as number;
  return best;
}

export function median(values: readonly (number | null)[]): number | null {
  return quantile(values, 0.5);
}

/** Share of the known values for which `test` holds; `null` of nothing. */
export function shareOf(values: readonly (number | null)[], test: (v: number) => boolean): number | null {
  const xs = known(values);
  return xs.length === 0 ? null : xs.filter(test).length / xs.length;
}

/** Least-squares line through points where both are known; `null` with fewer than three or without spread in x. */
export function fitLine(
  xs: readonly (number | null)[],
  ys: readonly (number | null)[],
): { readonly intercept: number; readonly slope: number; readonly points: number } | null {
  let n = 0;
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i] ?? null;
    const y = ys[i] ?? null;
    if (x === null || y === null) continue;
    n++;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  const d = n * sxx - sx * sx;
  if (n < 3 || d <= 1e-12 * Math.max(1, sxx)) return null;
  const slope = (n * sxy - sx * sy) / d;
  return { intercept: (sy - slope * sx) / n, slope, points: n };
}

/**
 * Theil–Sen slope per unit of x: median of pairwise slopes, deaf to outliers (Theil 1950, Sen 1968). At most about 200
 * evenly picked points are paired. `null` with fewer than three points.
 */
export function theilSen(xs: readonly number[], ys: readonly (number | null)[]): number | null {
  const points: [number, number][] = [];
  const stride = Math.max(1, Math.ceil(xs.length / 200));
  for (let i = 0; i < xs.length; i += stride) {
    const y = ys[i] ?? null;
    if (y !== null) points.push([xs[i] as number, y]);
  }
  if (points.length < 3) return null;
  const slopes: number[] = [];
  for (let i = 0; i < points.length; i++) {
    for (let j = i + 1; j < points.length; j++) {
      const [xa, ya] = points[i] as [number, number];
      const [xb, yb] = points[j] as [number, number];
      if (xb > xa) slopes.push((yb - ya) / (xb - xa));
    }
  }
  return median(slopes);
}

/** Two-sided 95 % of a share are within two standard errors. */
const SHARE_Z = 2;

/**
 * What a share may truly be, given how few were counted: Wilson's interval at about 95 %.
 * @param hits events that count · @param of all events, above 0; both may be fractions, since rates extrapolate
 * Source: Wilson 1927.
 */
export function shareInterval(hits: number, of: number): { readonly low: number; readonly high: number } {
  const p = Math.min(1, Math.max(0, hits / of));
  const z2 = (SHARE_Z * SHARE_Z) / of;
  const middle = (p + z2 / 2) / (1 + z2);
  const half = (SHARE_Z * Math.sqrt((p * (1 - p)) / of + z2 / (4 * of))) / (1 + z2);
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
