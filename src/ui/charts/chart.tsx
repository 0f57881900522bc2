import { memo, useCallback, useMemo } from 'react';
import { CartesianGrid, ComposedChart, XAxis, YAxis, ZIndexLayer } from 'recharts';
import type { PanelData, PanelThreshold } from '../../core/panels/panel.ts';
import type { TimeCursor } from './cursor.ts';
import { formatAxisTime, formatTick } from './format.ts';
import { CHART_HEIGHT, type ChartLayout, layoutOf, MARGIN } from './layout.ts';
import { Lines } from './lines.tsx';
import { MarksAbove, MarksBelow } from './marks.tsx';
import type { Onset } from './onset.ts';
import { ChartOverlay } from './overlay.tsx';
import { reduced } from './reduce.ts';
import { ChartSummary } from './summary.tsx';
import { tick } from './tick.tsx';
import { useWidth } from './use-width.ts';

export interface ChartProps {
  readonly data: PanelData;
  /** Names the chart for who cannot see it. */
  readonly title: string;
  readonly onset?: Onset | null;
  /** Writes the word onset over the band: once in a row is enough. */
  readonly showOnset?: boolean;
  readonly cursor?: TimeCursor | null;
  /** A range was dragged or chosen by keyboard, unix seconds. */
  readonly onSelect?: (from: number, to: number) => void;
  /** Lines from outside the panel, such as what a remedy would set. */
  readonly extra?: readonly PanelThreshold[];
  readonly height?: number;
}

const GRID_MARGIN = { left: 0, right: MARGIN.right, top: MARGIN.top, bottom: 0 };
const NO_EXTRA: readonly PanelThreshold[] = [];
/** Above the lines, which the library draws at 400. */
const ABOVE_LINES = 600;

/**
 * The one renderer of a panel. The library gives axes, grid and lines; intervals, gaps, stacks, onset and labels are drawn in
 * its coordinate system by marks.tsx. Tuned as measured (ecosystem.md §4): no animation, no dots, linear, fixed numeric
 * domains, at most 300 points, and a cursor that lives on top and redraws nothing of it.
 */
export const Chart = memo(function Chart({
  data,
  title,
  onset = null,
  showOnset = false,
  cursor = null,
  onSelect,
  extra = NO_EXTRA,
  height = CHART_HEIGHT,
}: ChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>(280);
  const drawn = useMemo(() => reduced(data), [data]);
  const layout = useMemo(
    () => layoutOf(drawn, width, extra.length > 0 ? [...drawn.thresholds, ...extra] : drawn.thresholds, height),
    [drawn, width, extra, height],
  );
  return (
    <div ref={ref} className="relative w-full select-none" style={{ height }}>
      <Drawing data={drawn} layout={layout} onset={onset} showOnset={showOnset} />
      <ChartOverlay data={data} layout={layout} title={title} cursor={cursor} onSelect={onSelect} />
      <ChartSummary data={data} title={title} onset={onset} />
    </div>
  );
});

interface DrawingProps {
  readonly data: PanelData;
  readonly layout: ChartLayout;
  readonly onset: Onset | null;
  readonly showOnset: boolean;
}

const Drawing = memo(function Drawing({ data, layout, onset, showOnset }: DrawingProps) {
  const lines = useMemo(() => layout.ticks.map(layout.y), [layout]);
  const xDomain = useMemo(() => [layout.from, layout.to], [layout.from, layout.to]);
  const yDomain = useMemo(() => [layout.low, layout.high], [layout.low, layout.high]);
  const value = useCallback((v: number) => formatTick(v * layout.axis.factor), [layout.axis.factor]);
  const time = useCallback((t: number) => formatAxisTime(t, layout.spacing), [layout.spacing]);
  return (
    <ComposedChart
      width={layout.width}
      height={layout.height}
      margin={GRID_MARGIN}
      accessibilityLayer={false}
      aria-hidden="true"
      className="pointer-events-none"
    >
      <CartesianGrid
        vertical={false}
        horizontalPoints={lines}
        verticalCoordinatesGenerator={none}
        stroke="var(--hairline)"
      />
      <XAxis
        dataKey="t"
        type="number"
        domain={xDomain}
        ticks={layout.times as number[]}
        tickFormatter={time}
        tick={tick}
        tickLine={false}
        tickMargin={4}
        axisLine={AXIS_LINE}
        height={MARGIN.bottom}
        interval={0}
        allowDataOverflow
      />
      <YAxis
        type="number"
        scale={layout.log ? 'log' : 'linear'}
        domain={yDomain}
        ticks={layout.ticks as number[]}
        tickFormatter={value}
        tick={tick}
        tickLine={false}
        tickSize={0}
        tickMargin={4}
        axisLine={false}
        width={MARGIN.left}
        interval={0}
        allowDataOverflow
      />
      <MarksBelow data={data} layout={layout} onset={onset} />
      <Lines data={data} layout={layout} />
      <ZIndexLayer zIndex={ABOVE_LINES}>
        <MarksAbove data={data} layout={layout} onset={onset} showOnset={showOnset} />
      </ZIndexLayer>
    </ComposedChart>
  );
});

/** Where the library finds out by itself where lines would be, it measures text in the document: see tick.tsx. */
const none = (): number[] => [];

const AXIS_LINE = { stroke: 'var(--strong)' };
