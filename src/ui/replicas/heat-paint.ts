import { type CellRef, type Cells, FOOT, GAP, type Layout, LEVELS, NAMED, opacityOf, shortened } from './heat-cells.ts';

/** Gap between rows that are tall enough for one. */
const BETWEEN = 3;
/** Side of the tile of the hatched ground. */
const TILE = 6;
/** Pixels between two names or ranks. */
const APART = 60;

export interface HeatPicture {
  readonly cells: Cells;
  readonly layout: Layout;
  readonly names: readonly string[];
  /** Times at the ends, in words. */
  readonly ends: readonly [string, string];
  /** Where the onset lies, as a share of the plot; `null` without one. */
  readonly onset: number | null;
}

/**
 * Draws the strip. Cells are set as one small picture, a pixel each, which the browser stretches: 180,000 of them take a few
 * milliseconds, where as many rectangles take a second. Where nothing was measured the hatched ground shows.
 */
export function paint(canvas: HTMLCanvasElement, picture: HeatPicture): void {
  const { cells, layout, names } = picture;
  const context = sized(canvas, layout);
  if (!context) return;
  const { left, plot, row, height } = layout;
  const width = left + plot;
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const [ink, ink2, ink3, ground] = [colour('--ink'), colour('--ink-2'), colour('--ink-3'), colour('--bg')];
  const bottom = cells.rows * row;

  hatch(context, left, bottom, plot, colour('--strong'));
  context.imageSmoothingEnabled = false;
  if (cells.rows > 0) context.drawImage(pictureOf(cells, colour('--accent'), ground), left, 0, plot, bottom);

  // What lies between rows and cells is the ground again.
  context.fillStyle = ground;
  if (row > 4)
    for (let k = 0; k < cells.rows; k++) context.fillRect(left, (k + 1) * row - gapOf(row), plot, gapOf(row));
  const wide = plot / cells.columns;
  if (wide > 4) for (let c = 1; c < cells.columns; c++) context.fillRect(left + c * wide - 1, 0, 1, bottom);

  context.font = '12px ui-sans-serif, system-ui, sans-serif';
  context.textBaseline = 'middle';
  context.fillStyle = ink2;
  if (row >= NAMED) names.forEach((name, k) => context.fillText(shortened(name, left), 0, (k + 0.45) * row));
  else {
    // Too low for names: the place in the order, worst first, at round numbers.
    const every = niceStep(APART / row);
    for (let rank = 1; rank <= cells.rows; rank = rank === 1 ? every : rank + every)
      context.fillText(String(rank), 0, Math.max(7, (rank - 0.5) * row));
  }

  context.font = '10.5px ui-sans-serif, system-ui, sans-serif';
  context.textBaseline = 'alphabetic';
  context.fillStyle = ink3;
  context.fillText(picture.ends[0], left, height - FOOT + 14);
  context.textAlign = 'right';
  context.fillText(picture.ends[1], width, height - FOOT + 14);
  context.textAlign = 'left';
  if (picture.onset !== null) {
    const x = left + picture.onset * plot;
    context.fillText('onset', Math.min(x + 4, width - 90), height - FOOT + 14);
    context.fillStyle = ink;
    context.fillRect(x - 0.75, 0, 1.5, bottom + 2);
  }
}

/** Marks one cell on a canvas of its own above the strip, so that moving over it draws nothing else anew. */
export function mark(canvas: HTMLCanvasElement, cells: Cells, layout: Layout, cell: CellRef | null): void {
  const context = sized(canvas, layout);
  if (!context || !cell) return;
  const { left, plot, row } = layout;
  const wide = plot / cells.columns;
  const ink = getComputedStyle(canvas).getPropertyValue('--ink').trim();
  context.strokeStyle = ink;
  context.fillStyle = ink;
  context.lineWidth = 1.5;
  const tall = Math.max(row - gapOf(row), 3);
  context.strokeRect(left + cell.column * wide - 1, cell.row * row - 0.5, Math.max(wide, 3) + 1, tall + 1);
  // A row of a pixel is found by its pointer at the left.
  if (row < NAMED) context.fillRect(left - 6, cell.row * row + row / 2 - 1, 5, 2);
}

/** A cleared canvas of the layout's size, as dense as the screen; `null` where there is no drawing. */
function sized(canvas: HTMLCanvasElement, { left, plot, height }: Layout): CanvasRenderingContext2D | null {
  const context = canvas.getContext('2d');
  if (!context) return null;
  const dense = window.devicePixelRatio || 1;
  canvas.width = Math.round((left + plot) * dense);
  canvas.height = Math.round(height * dense);
  context.scale(dense, dense);
  return context;
}

function gapOf(row: number): number {
  return row > 4 ? Math.min(BETWEEN, row * 0.2) : 0;
}

function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= least) ?? 10 * power;
}

/** One pixel a cell, mixed of accent and ground; transparent where nothing was measured. */
function pictureOf({ columns, rows, levels }: Cells, accent: string, ground: string): HTMLCanvasElement {
  const small = document.createElement('canvas');
  small.width = columns;
  small.height = rows;
  const context = small.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
  const paints = Array.from({ length: LEVELS }, (_, level) => mixed(context, accent, ground, opacityOf(level)));
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i] as number;
    if (level !== GAP) pixels[i] = paints[level] as number;
  }
  context.putImageData(image, 0, 0);
  return small;
}

/** A colour over another as the pixel the browser makes of it, whatever way the theme spells them. */
function mixed(context: CanvasRenderingContext2D, over: string, under: string, share: number): number {
  context.globalAlpha = 1;
  context.fillStyle = under;
  context.fillRect(0, 0, 1, 1);
  context.globalAlpha = share;
  context.fillStyle = over;
  context.fillRect(0, 0, 1, 1);
  return new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)[0] as number;
}

/** A ground of leaning lines, as a tile that is repeated: a thousand rows of lines drawn one by one take a quarter of a second. */
function hatch(context: CanvasRenderingContext2D, left: number, bottom: number, plot: number, colour: string): void {
  const tile = document.createElement('canvas');
  tile.width = TILE;
  tile.height = TILE;
  const inside = tile.getContext('2d') as CanvasRenderingContext2D;
  inside.fillStyle = colour;
  for (let k = 0; k < TILE; k++) inside.fillRect(k, TILE - 1 - k, 1, 1);
  const pattern = context.createPattern(tile, 'repeat');
  if (!pattern) return;
  context.fillStyle = pattern;
  context.fillRect(left, 0, plot, bottom);
}
