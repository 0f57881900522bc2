import type { Values } from '../../core/base/grid.ts';

export interface HeatLine {
  readonly replica: string;
  readonly values: Values;
}

/** Steps of the scale. */
export const LEVELS = 8;
/** In place of a level where nothing was measured. */
export const GAP = 255;

/** Levels of all cells, row by row: of several scrapes in one cell the highest, `GAP` where none has a value. */
export interface Cells {
  readonly columns: number;
  readonly rows: number;
  /** Grid steps in one cell. */
  readonly stride: number;
  readonly levels: Uint8Array;
}

/**
 * @param columns cells that have room beside each other; there are never more than scrapes
 * @param most value of the highest level
 */
export function cellsOf(lines: readonly HeatLine[], count: number, columns: number, most: number): Cells {
  const stride = Math.max(1, Math.ceil(count / Math.max(1, columns)));
  const across = Math.ceil(count / stride);
  const levels = new Uint8Array(across * lines.length).fill(GAP);
  lines.forEach(({ values }, row) => {
    for (let i = 0; i < Math.min(count, values.length); i++) {
      const value = values[i] ?? null;
      if (value === null) continue;
      const cell = row * across + Math.floor(i / stride);
      const level = levelOf(value, most);
      const known = levels[cell] as number;
      if (known === GAP || level > known) levels[cell] = level;
    }
  });
  return { columns: across, rows: lines.length, stride, levels };
}

function levelOf(value: number, most: number): number {
  return Math.max(0, Math.min(LEVELS - 1, Math.round((value / (most || 1)) * (LEVELS - 1))));
}

/** Share of the accent colour in a level. */
export function opacityOf(level: number): number {
  return 0.06 + (0.94 * level) / (LEVELS - 1);
}

/** Where the strip lies in its box, in CSS pixels. */
export interface Layout {
  /** Room for names at the left. */
  readonly left: number;
  readonly plot: number;
  readonly row: number;
  readonly height: number;
}

/** Height of a row with its name beside it. */
const TALL = 23;
/** Lowest row that has room for a name. */
export const NAMED = 13;
/** Height all rows together are brought to, as long as each still has a pixel. */
const COMFORTABLE = 420;
const LEAST_ROW = 1;
/** Room for the times below. */
export const FOOT = 20;

export function layoutOf(lines: readonly HeatLine[], width: number): Layout {
  const row = Math.max(LEAST_ROW, Math.min(TALL, Math.floor(COMFORTABLE / Math.max(1, lines.length))));
  const longest = lines.reduce((most, line) => Math.max(most, line.replica.length), 0);
  const names = row >= NAMED ? Math.min(150, Math.max(58, longest * 6.8 + 10)) : 44;
  const left = Math.min(names, width * 0.35);
  return { left, plot: Math.max(10, width - left), row, height: lines.length * row + FOOT };
}

export interface CellRef {
  readonly row: number;
  readonly column: number;
}

/** The cell under a point; `null` below and above the rows. Left and right of the plot the nearest one counts. */
export function cellAt(layout: Layout, cells: Cells, x: number, y: number): CellRef | null {
  const row = Math.floor(y / layout.row);
  if (row < 0 || row >= cells.rows) return null;
  const column = Math.floor(((x - layout.left) / layout.plot) * cells.columns);
  return { row, column: Math.max(0, Math.min(cells.columns - 1, column)) };
}

/** Grid index of what a cell shows: of its highest value, of its last scrape where it has none. */
export function indexOf({ values }: HeatLine, { stride }: Cells, column: number, count: number): number {
  const end = Math.min(count, (column + 1) * stride);
  let best = end - 1;
  for (let i = end - 1; i >= column * stride; i--) {
    const value = values[i] ?? null;
    if (value !== null && value > (values[best] ?? -Infinity)) best = i;
  }
  return best;
}

export function shortened(name: string, room: number): string {
  const most = Math.floor((room - 8) / 6.8);
  return name.length <= most ? name : `…${name.slice(-(most - 1))}`;
}
