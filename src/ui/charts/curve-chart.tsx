import { memo, type ReactElement } from 'react';
import { CartesianGrid, ComposedChart, ReferenceLine, Scatter, XAxis, YAxis } from 'recharts';
import { sig } from '../../core/base/say.ts';
import { decadeTicks, valueTicks } from './ticks.ts';
import { useWidth } from './use-width.ts';

/** A point, base units. */
export interface CurveMark {
  readonly throughput: number;
  readonly latency: number;
  /** Drawn beside the point, where there is room. */
  readonly label: string;
  readonly crossed: boolean;
}

export interface CurveLine {
  readonly title: string;
  readonly marks: readonly CurveMark[];
}

export interface CurveChartProps {
  readonly lines: readonly CurveLine[];
  /** The fleet, a diamond each. */
  readonly live: readonly CurveMark[];
  /** Output tokens per second up to which it may be loaded. */
  readonly limit: number | null;
  readonly latencyTitle: string;
}

const HEIGHT = 320;
const TICK = { fontSize: 10.5, fill: 'var(--ink-3)' };
const AXIS_LINE = { stroke: 'var(--strong)' };
const MARGIN = { left: 0, right: 20, top: 14, bottom: 18 };
/** Slowest against fastest beyond which the axis is logarithmic. */
const LOG_SPREAD = 25;
/** Room above the highest value. */
const AIR = 1.08;

/**
 * Latency over throughput: runs of one kind joined by a line, live replicas as diamonds, overrun runs crossed. Hidden from assistive
 * technology, since the table under it holds the same numbers.
 */
export const CurveChart = memo(function CurveChart({ lines, live, limit, latencyTitle }: CurveChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>(320);
  const marks = [...lines.flatMap((line) => line.marks), ...live];
  const most = (values: readonly number[]) => Math.max(...values, 0) * AIR;
  const right = most([...marks.map((one) => one.throughput), limit ?? 0]) || 1;
  const latencies = marks.map((one) => one.latency).filter((value) => value > 0);
  const [low, high] = [Math.min(...latencies), Math.max(...latencies)];
  // A replica in trouble is a hundred times slower than any test, which would press the curve flat.
  const log = high > LOG_SPREAD * low;
  const top = high * (log ? 1.6 : AIR) || 1;
  const bottom = log ? 10 ** Math.floor(Math.log10(low)) : 0;
  return (
    <div ref={ref} className="w-full" style={{ height: HEIGHT }} aria-hidden="true">
      <ComposedChart width={width} height={HEIGHT} margin={MARGIN} accessibilityLayer={false}>
        <CartesianGrid stroke="var(--hairline)" />
        <XAxis
          type="number"
          dataKey="throughput"
          domain={[0, right]}
          ticks={valueTicks(0, right, width < 500 ? 4 : 7)}
          tickFormatter={(value: number) => sig(value)}
          tick={TICK}
          tickLine={false}
          axisLine={AXIS_LINE}
          label={{ value: 'output tokens/s', position: 'insideBottom', offset: -10, ...TICK, fontSize: 11 }}
        />
        <YAxis
          type="number"
          dataKey="latency"
          scale={log ? 'log' : 'linear'}
          domain={[bottom, top]}
          ticks={log ? decadeTicks(bottom, top, 6) : valueTicks(0, top, 5)}
          tickFormatter={sayTick}
          tick={TICK}
          tickLine={false}
          axisLine={false}
          width={58}
          label={{
            value: log ? `${latencyTitle}, log scale` : latencyTitle,
            position: 'insideTopLeft',
            offset: 0,
            dx: 58,
            dy: -14,
            ...TICK,
            fontSize: 11,
          }}
        />
        {limit !== null && (
          <ReferenceLine
            x={limit}
            stroke="var(--ink-2)"
            strokeDasharray="4 3"
            label={{ value: 'limit', position: 'insideTopRight', ...TICK, fill: 'var(--ink-2)' }}
          />
        )}
        {lines.map((line, i) => (
          <Scatter
            key={`${i} ${line.title}`}
            data={line.marks as CurveMark[]}
            line={{ stroke: colourOf(i), strokeWidth: 1.4, strokeDasharray: DASHES[i % DASHES.length] ?? '' }}
            shape={(point: Placed) => runMark(i, point)}
            isAnimationActive={false}
          />
        ))}
        <Scatter data={live as CurveMark[]} shape={liveMark} isAnimationActive={false} />
      </ComposedChart>
    </div>
  );
});

function sayTick(seconds: number): string {
  if (seconds === 0) return '0';
  return seconds < 1 ? `${sig(seconds * 1000)} ms` : `${sig(seconds)} s`;
}

const COLOURS = ['var(--series-1)', 'var(--series-2)'];
const DASHES = ['', '', '5 3', '5 3', '2 2', '2 2'];

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] as string;
}

interface Placed {
  readonly cx?: number;
  readonly cy?: number;
  readonly payload?: CurveMark;
}

function runMark(index: number, { cx = 0, cy = 0, payload }: Placed): ReactElement {
  const colour = colourOf(index);
  return (
    <g>
      <RunShape index={index} x={cx} y={cy} />
      {payload?.crossed && (
        <path
          d={`M${cx - 7} ${cy - 7}L${cx + 7} ${cy + 7}M${cx - 7} ${cy + 7}L${cx + 7} ${cy - 7}`}
          stroke="var(--critical)"
          strokeWidth={1.6}
        />
      )}
      <text x={cx + 7} y={cy - 6} fontSize={10.5} fill={colour}>
        {payload?.label}
      </text>
    </g>
  );
}

/** Circle, square, triangle: curves are told apart without colour. */
function RunShape({ index, x, y }: { readonly index: number; readonly x: number; readonly y: number }) {
  const colour = colourOf(index);
  switch (index % 3) {
    case 0:
      return <circle cx={x} cy={y} r={4} fill={colour} />;
    case 1:
      return <rect x={x - 4} y={y - 4} width={8} height={8} fill={colour} />;
    default:
      return <path d={`M${x} ${y - 5}l5 9h-10z`} fill={colour} />;
  }
}

function liveMark({ cx = 0, cy = 0, payload }: Placed): ReactElement {
  return (
    <g>
      <LiveShape x={cx} y={cy} />
      <text x={cx + 9} y={cy + 4} fontSize={11} fontWeight={600} fill="var(--accent)">
        {payload?.label}
      </text>
    </g>
  );
}

function LiveShape({ x, y }: { readonly x: number; readonly y: number }) {
  return <path d={`M${x} ${y - 7}l7 7l-7 7l-7 -7z`} fill="var(--accent)" stroke="var(--surface)" strokeWidth={1} />;
}
