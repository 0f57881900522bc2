import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { endOf, timeAt } from '../../core/base/grid.ts';
import type { PanelData } from '../../core/panels/panel.ts';
import { type CursorState, type TimeCursor, useCursorState } from './cursor.ts';
import { formatDuration, formatTime } from './format.ts';
import type { ChartLayout } from './layout.ts';
import { lineColour } from './marks.tsx';
import { indexAt } from './onset.ts';
import { readingAt } from './readings.ts';

interface OverlayProps {
  readonly data: PanelData;
  readonly layout: ChartLayout;
  readonly title: string;
  readonly cursor: TimeCursor | null;
  readonly onSelect?: (from: number, to: number) => void;
}

/** A drag shorter than this is a click. */
const DRAG = 4;

/**
 * Everything that follows the pointer, on top of the drawing and apart from it: the time line, the dot on the lead, the
 * selection. The line is moved by hand, so that a move costs no render of the chart.
 */
export function ChartOverlay({ data, layout, title, cursor, onSelect }: OverlayProps) {
  const [selection, setSelection] = useState<{ from: number; to: number; keyboard: boolean } | null>(null);
  const start = useRef<{ time: number; px: number } | null>(null);
  const lead = data.lines.find((line) => line.id === data.lead);

  const timeOf = (event: PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect();
    const px = Math.max(layout.left, Math.min(layout.right, event.clientX - box.left));
    return timeAt(data.grid, indexAt(data.grid, layout.timeAt(px)));
  };
  const move = (event: PointerEvent): void => {
    const time = timeOf(event);
    cursor?.hover(time);
    if (start.current !== null && onSelect) setSelection({ from: start.current.time, to: time, keyboard: false });
  };
  const finish = (event: PointerEvent): void => {
    const from = start.current;
    start.current = null;
    setSelection(null);
    if (from === null || !onSelect) return;
    const to = timeOf(event);
    if (Math.abs(event.clientX - from.px) < DRAG || to === from.time) return;
    onSelect(Math.min(from.time, to), Math.max(from.time, to));
  };
  const press = (event: KeyboardEvent): void => {
    const at = cursor?.get().hover ?? cursor?.get().at ?? endOf(data.grid);
    const step = event.key === 'PageUp' || event.key === 'PageDown' ? 10 : 1;
    const last = endOf(data.grid);
    const target =
      event.key === 'ArrowLeft' || event.key === 'PageDown'
        ? at - step * data.grid.step
        : event.key === 'ArrowRight' || event.key === 'PageUp'
          ? at + step * data.grid.step
          : event.key === 'Home'
            ? data.grid.from
            : event.key === 'End'
              ? last
              : null;
    if (target !== null) {
      event.preventDefault();
      event.stopPropagation();
      const time = timeAt(data.grid, indexAt(data.grid, target));
      cursor?.hover(time);
      if (event.shiftKey && onSelect) setSelection({ from: selection?.from ?? at, to: time, keyboard: true });
      else setSelection(null);
    } else if (event.key === 'Enter' && selection && selection.from !== selection.to && onSelect) {
      event.preventDefault();
      onSelect(Math.min(selection.from, selection.to), Math.max(selection.from, selection.to));
      setSelection(null);
    } else if (event.key === 'Escape') {
      start.current = null;
      setSelection(null);
      cursor?.hover(null);
    }
  };

  return (
    <CursorSlider
      data={data}
      title={title}
      cursor={cursor}
      onKeyDown={press}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        start.current = { time: timeOf(event), px: event.clientX };
        if (event.pointerType === 'mouse') event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={move}
      onPointerUp={finish}
      onPointerCancel={() => {
        start.current = null;
        setSelection(null);
      }}
      onPointerLeave={() => cursor?.hover(null)}
      onBlur={() => {
        setSelection(null);
        cursor?.hover(null);
      }}
    >
      <svg width={layout.width} height={layout.height} aria-hidden="true" className="absolute inset-0 overflow-visible">
        {selection && (
          <>
            <rect
              x={Math.min(layout.x(selection.from), layout.x(selection.to))}
              width={Math.abs(layout.x(selection.to) - layout.x(selection.from))}
              y={layout.top}
              height={layout.bottom - layout.top}
              fill="var(--accent)"
              fillOpacity={0.16}
              stroke="var(--accent)"
              strokeWidth={1}
            />
            <text
              x={(layout.x(selection.from) + layout.x(selection.to)) / 2}
              y={layout.bottom + 13}
              textAnchor="middle"
              fontSize={10.5}
              fill="var(--accent)"
              stroke="var(--bg)"
              strokeWidth={3}
              paintOrder="stroke"
            >
              {formatDuration(Math.abs(selection.to - selection.from))}
              {selection.keyboard ? ', Enter to zoom' : ''}
            </text>
          </>
        )}
        <CursorLine
          data={data}
          layout={layout}
          cursor={cursor}
          values={lead?.values ?? null}
          colour={lead ? lineColour(lead) : 'var(--series-1)'}
        />
      </svg>
    </CursorSlider>
  );
}

type SliderProps = React.HTMLAttributes<HTMLDivElement> & {
  readonly data: PanelData;
  readonly title: string;
  readonly cursor: TimeCursor | null;
};

/** The chart as a slider over time: arrow keys move the shared cursor and the value is spoken. */
function CursorSlider({ data, title, cursor, children, ...handlers }: SliderProps) {
  const [focused, setFocused] = useState(false);
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={`${title}, value over time`}
      aria-orientation="horizontal"
      aria-valuemin={Math.round(data.grid.from)}
      aria-valuemax={Math.round(endOf(data.grid))}
      className="absolute inset-0 cursor-crosshair touch-pan-y rounded-sm outline-offset-2 focus-visible:outline-2 focus-visible:outline-accent"
      {...handlers}
      {...(focused ? {} : valueOf(data, { hover: null, at: cursor?.get().at ?? null }))}
      onFocus={() => setFocused(true)}
    >
      {children}
      {focused && <SpokenValue data={data} cursor={cursor} />}
    </div>
  );
}

function valueOf(data: PanelData, state: CursorState) {
  const time = state.hover ?? state.at ?? endOf(data.grid);
  const { lead, name } = readingAt(data, indexAt(data.grid, time));
  return {
    'aria-valuenow': Math.round(time),
    'aria-valuetext': `${formatTime(time)}: ${name ? `${name} ` : ''}${lead}`,
  };
}

/** Keeps the slider's value in step while it has the focus; a parent's attributes are set from here to spare the charts. */
function SpokenValue({ data, cursor }: { data: PanelData; cursor: TimeCursor | null }) {
  const state = useCursorState(cursor);
  const ref = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const slider = ref.current?.closest('[role=slider]');
    for (const [name, value] of Object.entries(valueOf(data, state))) slider?.setAttribute(name, String(value));
  }, [data, state]);
  return <span ref={ref} hidden />;
}

interface LineProps {
  readonly data: PanelData;
  readonly layout: ChartLayout;
  readonly cursor: TimeCursor | null;
  readonly values: PanelData['lines'][number]['values'] | null;
  readonly colour: string;
}

function CursorLine({ data, layout, cursor, values, colour }: LineProps) {
  const line = useRef<SVGGElement>(null);
  const dot = useRef<SVGCircleElement>(null);
  const label = useRef<SVGTextElement>(null);
  useEffect(() => {
    const draw = (): void => {
      const g = line.current;
      if (!g) return;
      const { hover, at } = cursor?.get() ?? { hover: null, at: null };
      const time = hover ?? at;
      const visible = time !== null && time >= layout.from && time <= layout.to;
      g.style.display = visible ? '' : 'none';
      if (!visible) return;
      g.setAttribute('transform', `translate(${layout.x(time).toFixed(1)},0)`);
      g.setAttribute('opacity', hover === null ? '0.7' : '1');
      if (label.current) label.current.textContent = formatTime(time);
      const value = values?.[indexAt(data.grid, time)] ?? null;
      if (dot.current) {
        dot.current.style.display = value === null ? 'none' : '';
        if (value !== null) dot.current.setAttribute('cy', layout.y(value).toFixed(1));
      }
    };
    draw();
    return cursor?.subscribe(draw);
  }, [cursor, data, layout, values]);
  return (
    <g ref={line} pointerEvents="none" style={{ display: 'none' }}>
      <line y1={layout.top} y2={layout.bottom} stroke="var(--ink-2)" strokeWidth={1} />
      <g className="hidden group-hover/panel:block group-focus-within/panel:block">
        <rect x={-26} width={52} y={layout.bottom + 1.5} height={15} rx={3} fill="var(--ink)" />
        <text
          ref={label}
          y={layout.bottom + 12.5}
          textAnchor="middle"
          fontSize={10}
          fontWeight={600}
          fill="var(--bg)"
        />
      </g>
      <circle ref={dot} r={2.8} fill={colour} stroke="var(--bg)" strokeWidth={1.2} />
    </g>
  );
}
