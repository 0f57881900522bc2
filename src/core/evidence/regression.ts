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
  const scales = Array.from({ length: n }, (_, c) => Math.max(1e-12, ...rows.map((r) => Math.abs(r[c] ?? 0))));
  const scaled = rows.map((r) => r.map((x, c) => x / (scales[c] as number)));
  let weights = ys.map(() => 1);
  let beta: number[] | null = null;
  let matrix: number[][] = [];
  let scale = 0;
  for (let round = 0; round < 12; round++) {
    matrix = Array.from({ length: n }, () => Array.from({ length: n }, () => 0));
    const right = Array.from({ length: n }, () => 0);
    for (const [i, row] of scaled.entries()) {
      const w = weights[i] as number;
      for (let a = 0; a < n; a++) {
        right[a] = (right[a] as number) + w * (row[a] as number) * (ys[i] as number);
        for (let b = 0; b < n; b++) {
          const line = matrix[a] as number[];
          line[b] = (line[b] as number) + w * (row[a] as number) * (row[b] as number);
        }
      }
    }
    beta = solve(matrix, right);
    if (!beta) return null;
    const solution = beta;
    const off = scaled.map((row, i) => (ys[i] as number) - row.reduce((s, x, c) => s + x * (solution[c] as number), 0));
    scale = 1.4826 * (median(off.map(Math.abs)) ?? 0);
    if (scale <= 1e-12) break;
    weights = off.map((r) => Math.min(1, (1.345 * scale) / Math.max(Math.abs(r), 1e-12)));
  }
  const final = matrix;
  return {
    coefficients: (beta ?? []).map((b, c) => b / (scales[c] as number)),
    scale,
    variance: (row) => {
      const x = row.map((v, c) => v / (scales[c] as number));
      const inverse = solve(final, x);
      return inverse
        ? inflation *
            scale *
            scale *
            Math.max(
              0,
              x.reduce((s, v, c) => s + v * (inverse[c] as number), 0),
            )
        : 0;
    },
  };
}

/** Gaussian elimination with pivoting; `null` for a singular matrix. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | null {
  const n = right.length;
  const m = matrix.map((row, i) => [...row, right[i] as number]);
  for (let c = 0; c < n; c++) {
    let best = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(m[r]?.[c] ?? 0) > Math.abs(m[best]?.[c] ?? 0)) best = r;
    const pivot = m[best] as number[];
    if (Math.abs(pivot[c] as number) < 1e-9) return null;
    [m[c], m[best]] = [pivot, m[c] as number[]];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const row = m[r] as number[];
      const factor = (row[c] as number) / (pivot[c] as number);
      for (let k = c; k <= n; k++) row[k] = (row[k] as number) - factor * (pivot[k] as number);
    }
  }
  return m.map((row, i) => (row[n] as number) / (row[i] as number));
}
