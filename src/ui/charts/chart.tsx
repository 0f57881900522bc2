import { memo, useMemo } from 'react';
import { CartesianAxis, Surface } from 'recharts';
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

const NO_EXTRA: readonly PanelThreshold[] = [];

/**
 * The one renderer of a panel. The library gives surface, axes and curves, in the coordinates of our layout; intervals, gaps, stacks,
 * onset and labels are drawn there by marks.tsx. Its chart around them would keep a store per chart, of which every change calls
 * upon all that is drawn: a quarter of the page's work of a refresh. No animation, no dots, fixed domains, at most 300 points
 * (ecosystem.md §4), and a cursor that lives on top and redraws nothing of it.
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
  const { left, right, top, bottom, width, height } = layout;
  return (
    <Surface width={width} height={height} aria-hidden="true" className="pointer-events-none">
      {layout.ticks.map((v) => (
        <line key={v} x1={left} x2={right} y1={layout.y(v)} y2={layout.y(v)} stroke="var(--hairline)" />
      ))}
      <MarksBelow data={data} layout={layout} onset={onset} />
      <Lines data={data} layout={layout} />
      <CartesianAxis
        orientation="bottom"
        x={left}
        y={bottom}
        width={right - left}
        height={MARGIN.bottom}
        ticks={layout.times.map((t, index) => ({ value: t, coordinate: layout.x(t), index, offset: 0 }))}
        tickFormatter={(t: number) => formatAxisTime(t, layout.spacing)}
        tick={tick}
        tickLine={false}
        tickMargin={4}
        axisLine={AXIS_LINE}
        interval={0}
      />
      <CartesianAxis
        orientation="left"
        x={0}
        y={top}
        width={left}
        height={bottom - top}
        ticks={layout.ticks.map((v, index) => ({ value: v, coordinate: layout.y(v), index, offset: 0 }))}
        tickFormatter={(v: number) => formatTick(v * layout.axis.factor)}
        tick={tick}
        tickLine={false}
        tickSize={0}
        tickMargin={4}
        axisLine={false}
        interval={0}
      />
      <MarksAbove data={data} layout={layout} onset={onset} showOnset={showOnset} />
    </Surface>
  );
});

const AXIS_LINE = { stroke: 'var(--strong)' };
