/** Numbers of a line that are there. */
export function known(values: readonly (number | null)[]): number[] {
  return values.filter((v): v is number => v !== null);
}

export function mean(values: readonly (number | null)[]): number | null {
  const xs = known(values);
  return xs.length === 0 ? null : xs.reduce((a, b) => a + b, 0) / xs.length;
}

export function maxOf(values: readonly (number | null)[]): number | null {
  const xs = known(values);
  return xs.length === 0 ? null : xs.reduce((a, b) => Math.max(a, b));
}

export function minOf(values: readonly (number | null)[]): number | null {
  const xs = known(values);
  return xs.length === 0 ? null : xs.reduce((a, b) => Math.min(a, b));
}

/** `q`-quantile by linear interpolation between order statistics; `null` of nothing. */
export function quantile(values: readonly (number | null)[], q: number): number | null {
  const xs = sorted(values);
  if (xs.length === 0) return null;
  const at = (xs.length - 1) * q;
  const low = Math.floor(at);
  const a = xs[low] as number;
  const b = xs[Math.min(low + 1, xs.length - 1)] as number;
  return a + (b - a) * (at - low);
}

/** Lists up to this length are sorted by insertion: most of those that are asked for have a dozen numbers. */
const SHORT = 40;

/** The known numbers, ascending. Detectors take quantiles at every step of every engine, so without a call per comparison. */
function sorted(values: readonly (number | null)[]): Float64Array {
  const xs = new Float64Array(values.length);
  let n = 0;
  const short = values.length <= SHORT;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number | null;
    if (value === null) continue;
    let at = n++;
    for (; short && at > 0 && (xs[at - 1] as number) > value; at--) xs[at] = xs[at - 1] as number;
    xs[at] = value;
  }
  const known = xs.subarray(0, n);
  return short ? known : known.sort();
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
