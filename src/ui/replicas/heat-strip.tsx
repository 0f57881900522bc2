import { useMemo } from 'react';
import { endOf, type Grid, timeAt, type Values } from '../../core/base/grid.ts';
import type { Unit } from '../../core/base/units.ts';
import { useTimeCursor } from '../charts/cursor.ts';
import { formatText, formatTime } from '../charts/format.ts';
import { indexAt, type Onset } from '../charts/onset.ts';
import { useWidth } from '../charts/use-width.ts';

export interface HeatStripProps {
  readonly lines: readonly { readonly replica: string; readonly values: Values }[];
  readonly grid: Grid;
  readonly unit: Unit;
  /** Value of the darkest cell: 1 for shares, else the largest seen. */
  readonly most: number;
  readonly label: string;
  readonly onset?: Onset | null;
  readonly onScope?: ((replica: string) => void) | undefined;
}

const ROW = 23;
const CELL_HEIGHT = 20;
const LEVELS = 8;
const NARROWEST_CELL = 2.5;

/** Replica × time in one hue: one cell a scrape where there is room, the highest of several where there is not. */
export function HeatStrip({ lines, grid, unit, most, label, onset = null, onScope }: HeatStripProps) {
  const [ref, width] = useWidth<HTMLDivElement>(560);
  const cursor = useTimeCursor();
  const names = Math.min(150, Math.max(58, ...lines.map((line) => line.replica.length * 6.8 + 10)));
  const left = Math.min(names, width * 0.35);
  const plot = Math.max(10, width - left);
  const stride = Math.max(1, Math.ceil((NARROWEST_CELL * grid.count) / plot));
  const cells = Math.ceil(grid.count / stride);
  const paths = useMemo(
    () => lines.map((line) => cellPaths(line.values, stride, cells, plot, most)),
    [lines, stride, cells, plot, most],
  );
  const span = Math.max(1e-9, grid.count * grid.step);
  const x = (time: number): number => left + ((time - grid.from + grid.step / 2) / span) * plot;
  const height = lines.length * ROW + 20;
  return (
    <div
      ref={ref}
      className="relative"
      onPointerMove={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        const px = event.clientX - box.left - left;
        cursor?.hover(px < 0 ? null : timeAt(grid, indexAt(grid, grid.from + (px / plot) * span - grid.step / 2)));
      }}
      onPointerLeave={() => cursor?.hover(null)}
    >
      <svg width={width} height={height} role="img" aria-label={label} className="block">
        {lines.map((line, k) => (
          <g
            key={line.replica}
            transform={`translate(0,${k * ROW})`}
            onClick={onScope ? () => onScope(line.replica) : undefined}
            className={onScope ? 'cursor-pointer' : undefined}
          >
            <title>{line.replica}</title>
            <text x={0} y={14} fontSize={12} fill="var(--ink-2)">
              {shortened(line.replica, left)}
            </text>
            <rect x={left} width={plot} height={CELL_HEIGHT} fill="var(--accent)" fillOpacity={0.05} />
            <g transform={`translate(${left},0)`}>
              {(paths[k] ?? []).map(
                (d, level) =>
                  d && <path key={LEVELS_OF[level]} d={d} fill="var(--accent)" fillOpacity={opacityOf(level)} />,
              )}
            </g>
          </g>
        ))}
        {onset && onset.from >= grid.from && (
          <g>
            <line
              x1={x(onset.from)}
              x2={x(onset.from)}
              y1={-2}
              y2={lines.length * ROW + 2}
              stroke="var(--ink)"
              strokeWidth={1.5}
            />
            <text
              x={Math.min(x(onset.from) + 4, width - 34)}
              y={lines.length * ROW + 12}
              fontSize={10.5}
              fill="var(--ink-3)"
            >
              onset
            </text>
          </g>
        )}
        <text x={left} y={lines.length * ROW + 12} fontSize={10.5} fill="var(--ink-3)">
          {formatTime(grid.from)}
        </text>
        <text x={width} y={lines.length * ROW + 12} textAnchor="end" fontSize={10.5} fill="var(--ink-3)">
          {formatTime(endOf(grid))}
        </text>
      </svg>
      <HeatTable lines={lines} grid={grid} unit={unit} label={label} />
    </div>
  );
}

const LEVELS_OF = Array.from({ length: LEVELS }, (_, i) => `level-${i}`);

function opacityOf(level: number): number {
  return 0.06 + (0.94 * level) / (LEVELS - 1);
}

function shortened(name: string, room: number): string {
  const most = Math.floor((room - 8) / 6.8);
  return name.length <= most ? name : `…${name.slice(-(most - 1))}`;
}

/** One path per level of the scale: nine nodes a replica however many cells. */
function cellPaths(values: Values, stride: number, cells: number, plot: number, most: number): string[] {
  const paths = Array.from({ length: LEVELS }, () => '');
  const wide = plot / cells;
  const gap = wide > 4 ? 1 : 0;
  for (let c = 0; c < cells; c++) {
    let high: number | null = null;
    for (let i = c * stride; i < Math.min((c + 1) * stride, values.length); i++) {
      const v = values[i] ?? null;
      if (v !== null && (high === null || v > high)) high = v;
    }
    if (high === null) continue;
    const level = Math.max(0, Math.min(LEVELS - 1, Math.round((high / (most || 1)) * (LEVELS - 1))));
    paths[level] +=
      `M${(c * wide).toFixed(2)},0h${(wide - gap).toFixed(2)}v${CELL_HEIGHT}h-${(wide - gap).toFixed(2)}z`;
  }
  return paths;
}

/** The scale, printed: the same steps as the cells. */
export function HeatScale({ most, unit }: { readonly most: number; readonly unit: Unit }) {
  return (
    <span className="flex items-center gap-1.5 text-[12px] text-ink-3">
      0
      <svg width={72} height={9} aria-hidden="true">
        {LEVELS_OF.map((key, level) => (
          <rect key={key} x={level * 9} width={8} height={9} fill="var(--accent)" fillOpacity={opacityOf(level)} />
        ))}
      </svg>
      {formatText(most, unit === 'requests' || unit === 'tokens' ? 'count' : unit)}
    </span>
  );
}

/** The strip as numbers: a dozen times are enough to follow a replica. */
function HeatTable({ lines, grid, unit, label }: Pick<HeatStripProps, 'lines' | 'grid' | 'unit' | 'label'>) {
  const stride = Math.max(1, Math.ceil(grid.count / 12));
  const indices = Array.from({ length: Math.ceil(grid.count / stride) }, (_, i) =>
    Math.min(grid.count - 1, i * stride),
  );
  return (
    <div className="sr-only">
      <table>
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">Replica</th>
            {indices.map((i) => (
              <th key={i} scope="col">
                {formatTime(timeAt(grid, i))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.replica}>
              <th scope="row">{line.replica}</th>
              {indices.map((i) => (
                <td key={i}>{formatText(line.values[i] ?? null, unit)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
