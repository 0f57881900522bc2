/** The one time grid all judging works on: unix seconds, evenly spaced, both ends included. */
export interface Grid {
  /** First grid time, unix seconds. */
  readonly from: number;
  /** Spacing in seconds, above zero. */
  readonly step: number;
  /** How many grid times there are, at least one. */
  readonly count: number;
}

/** One number per grid time; `null` where nothing was measured (never 0, never NaN). */
export type Values = readonly (number | null)[];

/** @returns the grid that ends exactly at `to` and reaches back at least to `from` (unix seconds). */
export function gridBetween(from: number, to: number, step: number): Grid {
  const count = Math.max(1, Math.floor((to - from) / step + 1e-9) + 1);
  return { from: to - (count - 1) * step, step, count };
}

/** @returns unix seconds of grid index `index` (may lie outside the grid). */
export function timeAt(grid: Grid, index: number): number {
  return grid.from + index * grid.step;
}

/** @returns unix seconds of the last grid time. */
export function endOf(grid: Grid): number {
  return timeAt(grid, grid.count - 1);
}

/** @returns all grid times, unix seconds. */
export function timesOf(grid: Grid): number[] {
  return Array.from({ length: grid.count }, (_, i) => timeAt(grid, i));
}

/** @returns how many grid steps cover `seconds`, at least one. */
export function stepsIn(grid: Grid, seconds: number): number {
  return Math.max(1, Math.round(seconds / grid.step));
}
