import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { endOf, type Grid, timeAt } from '../../core/base/grid.ts';
import type { Unit } from '../../core/base/units.ts';
import { useTimeCursor } from '../charts/cursor.ts';
import { formatText, formatTime } from '../charts/format.ts';
import type { Onset } from '../charts/onset.ts';
import { useRepaint } from '../charts/use-repaint.ts';
import { useWidth } from '../charts/use-width.ts';
import { cellAt, type CellRef, cellsOf, type HeatLine, indexOf, layoutOf, LEVELS, opacityOf } from './heat-cells.ts';
import { mark, paint } from './heat-paint.ts';

export interface HeatStripProps {
  /** Worst first. */
  readonly lines: readonly HeatLine[];
  readonly grid: Grid;
  readonly unit: Unit;
  /** Value of the darkest cell: 1 for shares, else the largest seen. */
  readonly most: number;
  readonly label: string;
  /** What a person calls a replica. */
  readonly nameOf: (replica: string) => string;
  readonly onset?: Onset | null;
  /** A row was chosen; a replica that cannot be is left out by the caller. */
  readonly onScope?: ((replica: string) => void) | undefined;
}

const NARROWEST_CELL = 2.5;
/** Rows one press of Page Up or Page Down goes. */
const PAGE = 10;

/**
 * Replica × time in one hue, worst first: one cell a scrape where there is room, the highest of several where there is not; hatched
 * where nothing was measured. A pointer and the arrow keys tell each cell in words.
 */
export function HeatStrip({ lines, grid, unit, most, label, nameOf, onset = null, onScope }: HeatStripProps) {
  const [box, width] = useWidth<HTMLDivElement>(560);
  const canvas = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const round = useRepaint(canvas);
  const cursor = useTimeCursor();
  const [pointed, setPointed] = useState<CellRef | null>(null);
  const [focused, setFocused] = useState<CellRef | null>(null);
  const layout = useMemo(() => layoutOf(lines, width), [lines, width]);
  const cells = useMemo(
    () => cellsOf(lines, grid.count, Math.floor(layout.plot / NARROWEST_CELL), most),
    [lines, grid.count, layout.plot, most],
  );
  const inside = (cell: CellRef | null): CellRef | null =>
    cell && {
      row: Math.max(0, Math.min(cells.rows - 1, cell.row)),
      column: Math.max(0, Math.min(cells.columns - 1, cell.column)),
    };
  const active = inside(pointed ?? focused);
  const line = active ? lines[active.row] : undefined;
  const index = active && line ? indexOf(line, cells, active.column, grid.count) : null;
  const says =
    line && index !== null
      ? `${nameOf(line.replica)} at ${formatTime(timeAt(grid, index))}: ${sayValue(line.values[index] ?? null, unit)}${cells.stride > 1 ? `, the highest of ${cells.stride} scrapes` : ''}${lines.length > 1 ? `; row ${(active?.row ?? 0) + 1} of ${lines.length}` : ''}`
      : '';

  const { row: activeRow = null, column: activeColumn = null } = active ?? {};
  useEffect(() => {
    if (!canvas.current) return;
    const span = Math.max(1e-9, grid.count * grid.step);
    paint(canvas.current, {
      cells,
      layout,
      names: lines.map((one) => nameOf(one.replica)),
      ends: [formatTime(grid.from), formatTime(endOf(grid))],
      onset: onset && onset.from >= grid.from ? (onset.from - grid.from + grid.step / 2) / span : null,
    });
  }, [cells, layout, lines, nameOf, grid, onset, round]);
  useEffect(() => {
    const cell = activeRow === null || activeColumn === null ? null : { row: activeRow, column: activeColumn };
    if (above.current) mark(above.current, cells, layout, cell);
  }, [cells, layout, activeRow, activeColumn, round]);

  const point = (event: PointerEvent): void => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const cell = cellAt(layout, cells, event.clientX - left, event.clientY - top);
    setPointed(cell);
    const under = cell && lines[cell.row];
    cursor?.hover(
      cell && under && event.clientX - left >= layout.left
        ? timeAt(grid, indexOf(under, cells, cell.column, grid.count))
        : null,
    );
  };
  const leave = (): void => {
    setPointed(null);
    cursor?.hover(null);
  };
  const goTo = (cell: CellRef): void => {
    const next = inside(cell) as CellRef;
    setPointed(null);
    setFocused(next);
    showRow(box.current, next.row * layout.row, layout.row);
    const under = lines[next.row];
    if (under) cursor?.hover(timeAt(grid, indexOf(under, cells, next.column, grid.count)));
  };
  const press = (event: KeyboardEvent): void => {
    if (event.metaKey || event.ctrlKey || event.altKey || lines.length === 0) return;
    const { row, column } = active ?? { row: 0, column: cells.columns - 1 };
    const scope = (): void => {
      const chosen = lines[row];
      if (chosen) onScope?.(chosen.replica);
    };
    const keys: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => goTo({ row, column: column - (event.shiftKey ? 10 : 1) }),
      ArrowRight: () => goTo({ row, column: column + (event.shiftKey ? 10 : 1) }),
      ArrowUp: () => goTo({ row: row - 1, column }),
      ArrowDown: () => goTo({ row: row + 1, column }),
      PageUp: () => goTo({ row: row - PAGE, column }),
      PageDown: () => goTo({ row: row + PAGE, column }),
      Home: () => goTo({ row, column: 0 }),
      End: () => goTo({ row, column: cells.columns - 1 }),
      ...(onScope ? { Enter: scope, ' ': scope } : {}),
    };
    const run = keys[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  };

  return (
    <div>
      <div ref={box} className="relative max-h-[520px] overflow-x-hidden overflow-y-auto">
        <canvas
          ref={above}
          aria-hidden="true"
          style={{ width: '100%', height: layout.height }}
          className="pointer-events-none absolute inset-x-0 top-0"
        />
        <canvas
          ref={canvas}
          role="slider"
          aria-orientation="horizontal"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={Math.max(0, cells.columns - 1)}
          aria-valuenow={active?.column ?? Math.max(0, cells.columns - 1)}
          aria-valuetext={says || 'Arrow keys tell each replica and time'}
          tabIndex={0}
          data-testid="heat-strip"
          style={{ width: '100%', height: layout.height }}
          className={`block rounded-[3px] ${onScope ? 'cursor-pointer' : ''}`}
          onPointerMove={point}
          onPointerLeave={leave}
          onFocus={() => setFocused((now) => now ?? { row: 0, column: cells.columns - 1 })}
          onBlur={() => {
            setFocused(null);
            cursor?.hover(null);
          }}
          onKeyDown={press}
          onClick={() => {
            if (line) onScope?.(line.replica);
          }}
        />
      </div>
      <p
        data-testid="heat-moment"
        className="mt-1 min-h-[18px] text-[12px] leading-[18px] text-ink-2 [overflow-wrap:anywhere]"
      >
        {says}
      </p>
    </div>
  );
}

/** Scrolls a row that keys have gone to into sight, where all together are higher than the box. */
function showRow(box: HTMLElement | null, top: number, height: number): void {
  if (!box) return;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + height > box.scrollTop + box.clientHeight) box.scrollTop = top + height - box.clientHeight;
}

function sayValue(value: number | null, unit: Unit): string {
  return value === null ? 'not measured' : formatText(value, unit);
}

/** The scale, printed: the same steps as the cells. */
export function HeatScale({ most, unit }: { readonly most: number; readonly unit: Unit }) {
  return (
    <span className="flex items-center gap-1.5 text-[12px] text-ink-3">
      0
      <svg width={72} height={9} aria-hidden="true">
        {Array.from({ length: LEVELS }, (_, level) => (
          <rect key={level} x={level * 9} width={8} height={9} fill="var(--accent)" fillOpacity={opacityOf(level)} />
        ))}
      </svg>
      {formatText(most, unit === 'requests' || unit === 'tokens' ? 'count' : unit)}
    </span>
  );
}
