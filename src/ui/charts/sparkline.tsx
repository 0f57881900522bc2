import { useId, useMemo } from 'react';
import { type Grid, timeAt, type Values } from '../../core/base/grid.ts';
import type { Onset } from './onset.ts';
import { useWidth } from './use-width.ts';

export interface SparklineProps {
  readonly values: Values;
  readonly grid: Grid;
  /** What it shows, for who cannot see it: "preemptions per finished request, over the last 8 minutes". */
  readonly label: string;
  /** Drawn as a dashed line; the scale reaches up to it. */
  readonly limit?: number | null;
  readonly onset?: Onset | null;
  /** CSS pixels; left out, it fills its container. */
  readonly width?: number;
  readonly height?: number;
  /** A cause rather than background: drawn in the accent colour. */
  readonly accent?: boolean;
}

const PAD = 3;

/** A line without axes: its shape, where it began, and the level it is compared with. Gaps stay gaps. */
export function Sparkline({
  values,
  grid,
  label,
  limit = null,
  onset = null,
  width,
  height = 36,
  accent = false,
}: SparklineProps) {
  const [ref, measured] = useWidth<HTMLSpanElement>(width ?? 144);
  const w = width ?? measured;
  const clip = useId();
  const drawn = useMemo(() => drawingOf(values, limit, w, height), [values, limit, w, height]);
  const x = (time: number): number =>
    PAD + ((time - grid.from) / Math.max(1e-9, (grid.count - 1) * grid.step)) * (w - 2 * PAD);
  const colour = accent ? 'var(--accent)' : 'var(--series-1)';
  return (
    <span ref={ref} className="block" style={{ width: width ?? '100%', height }}>
      <svg role="img" aria-label={label} width={w} height={height} className="block">
        <clipPath id={clip}>
          <rect width={w} height={height} />
        </clipPath>
        <g clipPath={`url(#${clip})`}>
          {onset && (
            <rect
              x={x(onset.from)}
              width={Math.max(2, x(onset.to) - x(onset.from))}
              y={0}
              height={height}
              fill="var(--fill)"
            />
          )}
          {drawn.areas.map((d) => (
            <path key={d} d={d} fill={colour} opacity={0.12} />
          ))}
          {drawn.limitY !== null && (
            <line x1={0} x2={w} y1={drawn.limitY} y2={drawn.limitY} stroke="var(--ink-3)" strokeDasharray="3 3" />
          )}
          {drawn.lines.map((d) => (
            <path key={d} d={d} fill="none" stroke={colour} strokeWidth={1.5} strokeLinejoin="round" />
          ))}
          {drawn.end && <circle cx={drawn.end.x} cy={drawn.end.y} r={2.5} fill={colour} />}
        </g>
        {values.length > 0 && (
          <title>{`${label}. From ${new Date(timeAt(grid, 0) * 1000).toISOString().slice(11, 19)} UTC`}</title>
        )}
      </svg>
    </span>
  );
}

function drawingOf(values: Values, limit: number | null, width: number, height: number) {
  const most = values.reduce<number>((a, b) => Math.max(a, b ?? 0), limit ?? 0) || 1;
  const least = values.reduce<number>((a, b) => Math.min(a, b ?? 0), 0);
  const x = (i: number): number => PAD + (i / Math.max(1, values.length - 1)) * (width - 2 * PAD);
  const y = (v: number): number => height - 2 - ((v - least) / (most - least)) * (height - 2 * PAD - 1);
  const lines: string[] = [];
  const areas: string[] = [];
  let run: [number, number][] = [];
  const finish = (): void => {
    const first = run[0];
    const last = run[run.length - 1];
    if (first && last) {
      const points = run.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join('L');
      // A lone point would be invisible: give it the width of a hair.
      lines.push(run.length === 1 ? `M${points}h0.1` : `M${points}`);
      areas.push(
        `M${first[0].toFixed(1)},${y(least).toFixed(1)}L${points}L${last[0].toFixed(1)},${y(least).toFixed(1)}Z`,
      );
    }
    run = [];
  };
  let end: { x: number; y: number } | null = null;
  values.forEach((v, i) => {
    if (v === null) return finish();
    run.push([x(i), y(v)]);
    end = { x: x(i), y: y(v) };
  });
  finish();
  return { lines, areas, end: end as { x: number; y: number } | null, limitY: limit === null ? null : y(limit) };
}
