import { median } from '../base/statistics.ts';

export interface Regression {
  readonly coefficients: readonly number[];
  /** Robust standard deviation of what is left. */
  readonly scale: number;
  /** Variance of the expectation at a row. */
  variance(row: readonly number[]): number;
}

/**
 * Least squares that strays hardly move: Huber regression by reweighting.
 * @param rows one row of columns per value; a constant is a column of ones
 * @param inflation factor on the variance where neighbouring values are not independent
 * @returns `null` where the columns do not determine the answer
 * Source: Huber 1964; k = 1.345.
 */
export function regress(rows: readonly (readonly number[])[], ys: readonly number[], inflation = 1): Regression | null {
  const n = rows[0]?.length ?? 0;
  // Columns are scaled to about one, so that the solution does not depend on units.
  const scales = new Float64Array(n).fill(1e-12);
  for (const row of rows)
    for (let c = 0; c < n; c++) scales[c] = Math.max(scales[c] as number, Math.abs(row[c] as number));
  // Row after row in one piece: a detector fits thousands of times, and this is where its time goes.
  const scaled = new Float64Array(rows.length * n);
  for (let i = 0, k = 0; i < rows.length; i++)
    for (let c = 0; c < n; c++, k++) scaled[k] = ((rows[i] as readonly number[])[c] as number) / (scales[c] as number);
  const weights = new Float64Array(ys.length).fill(1);
  const off = [...ys];
  const normal = new Float64Array(n * (n + 1));
  let beta: Float64Array | null = null;
  let scale = 0;
  for (let round = 0; round < 12; round++) {
    sumUp(scaled, ys, weights, normal, n);
    const solution = solve(normal, n);
    if (!solution) return null;
    const before: Float64Array | null = beta;
    beta = solution;
    // From here on each round would be the last one again.
    if (before && solution.every((b, c) => b === before[c])) break;
    for (let i = 0, k = 0; i < ys.length; i++) {
      let fitted = 0;
      for (let c = 0; c < n; c++, k++) fitted += (scaled[k] as number) * (solution[c] as number);
      off[i] = Math.abs((ys[i] as number) - fitted);
    }
    scale = 1.4826 * (median(off) ?? 0);
    if (scale <= 1e-12) break;
    for (let i = 0; i < ys.length; i++) weights[i] = Math.min(1, (1.345 * scale) / Math.max(off[i] as number, 1e-12));
  }
  return {
    coefficients: Array.from(beta ?? [], (b, c) => b / (scales[c] as number)),
    scale,
    variance: (row) => {
      const x = row.map((v, c) => v / (scales[c] as number));
      const inverse = solve(normal, n, x);
      if (!inverse) return 0;
      let sum = 0;
      for (let c = 0; c < n; c++) sum += (x[c] as number) * (inverse[c] as number);
      return inflation * scale * scale * Math.max(0, sum);
    },
  };
}

/** Writes the weighted normal equations into `normal`: `n` lines of `n` columns and the right side. */
function sumUp(
  scaled: Float64Array,
  ys: readonly number[],
  weights: Float64Array,
  normal: Float64Array,
  n: number,
): void {
  normal.fill(0);
  for (let i = 0; i < ys.length; i++) {
    const w = weights[i] as number;
    const y = ys[i] as number;
    const row = i * n;
    for (let a = 0, k = 0; a < n; a++) {
      const part = w * (scaled[row + a] as number);
      for (let b = 0; b < n; b++, k++) normal[k] = (normal[k] as number) + part * (scaled[row + b] as number);
      normal[k] = (normal[k] as number) + part * y;
      k++;
    }
  }
}

/** Where equations are solved: the caller's are left as they are. */
let bench = new Float64Array(32);

/**
 * Gaussian elimination with pivoting; `null` for a singular matrix.
 * @param normal `n` lines of `n` columns and the right side · @param right another right side
 */
function solve(normal: Float64Array, n: number, right?: readonly number[]): Float64Array | null {
  const width = n + 1;
  if (bench.length < normal.length) bench = new Float64Array(normal.length);
  const m = bench;
  m.set(normal);
  for (let c = 0; right && c < n; c++) m[c * width + n] = right[c] as number;
  for (let c = 0; c < n; c++) {
    let best = c;
    for (let r = c + 1; r < n; r++)
      if (Math.abs(m[r * width + c] as number) > Math.abs(m[best * width + c] as number)) best = r;
    const pivot = m[best * width + c] as number;
    if (Math.abs(pivot) < 1e-9) return null;
    for (let k = 0; best !== c && k < width; k++) {
      const swapped = m[c * width + k] as number;
      m[c * width + k] = m[best * width + k] as number;
      m[best * width + k] = swapped;
    }
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = (m[r * width + c] as number) / pivot;
      for (let k = c; k < width; k++)
        m[r * width + k] = (m[r * width + k] as number) - factor * (m[c * width + k] as number);
    }
  }
  const solution = new Float64Array(n);
  for (let i = 0; i < n; i++) solution[i] = (m[i * width + n] as number) / (m[i * width + i] as number);
  return solution;
}
