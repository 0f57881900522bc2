import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef } from 'react';
import { endOf, type Grid, timeAt, type Values } from '../../core/base/grid.ts';
import type { TimelineEvent } from '../../core/panels/events.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { useTimeCursor } from '../charts/cursor.ts';
import { formatAxisTime, formatTime, formatTimeRange } from '../charts/format.ts';
import { indexAt, type Onset, onsetOf } from '../charts/onset.ts';
import { timeTicks, zoneOffset } from '../charts/ticks.ts';
import { useWidth } from '../charts/use-width.ts';
import { Key } from '../controls/key.tsx';
import { HeadlineLane, HeadlineStory, sayLane, titleAt, type Told } from './headline-lane.tsx';
import { type Lane, lanesOf, placeEvents } from './lanes.ts';

export interface TimelineProps {
  readonly verdict: Verdict;
  /** Window drawn; left out, that of the verdict. */
  readonly grid?: Grid;
  /** Unix seconds judged at; `null` for the end. */
  readonly at: number | null;
  /** The scrubber was moved; `null` for the end. Left out, the timeline only shows. */
  readonly onScrub?: ((at: number | null) => void) | undefined;
  readonly events?: readonly TimelineEvent[];
  /** What the headline was at each moment; left out, there is no lane for it. */
  readonly told?: Told;
}

const LANE = 26;
const HEIGHT = 18;
const TOP = 24;
const NAMES = 214;
const PHONE = 560;
const NO_EVENTS: readonly TimelineEvent[] = [];

/** When each finding held, how strongly, and what could be dated. The scrubber chooses the time the page is judged at. */
export function Timeline({ verdict, grid = verdict.grid, at, onScrub, events = NO_EVENTS, told }: TimelineProps) {
  const [ref, width] = useWidth<HTMLDivElement>(1000);
  const cursor = useTimeCursor();
  const hoverLine = useRef<SVGLineElement>(null);
  const pressed = useRef(false);
  const lanes = useMemo(() => lanesOf(verdict), [verdict]);
  const onset = useMemo(() => onsetOf(verdict), [verdict]);
  const narrow = width < PHONE;
  const left = narrow ? 0 : NAMES;
  const right = width - (narrow ? 0 : 8);
  const from = grid.from;
  const to = endOf(grid);
  const x = (time: number): number => left + ((time - from) / Math.max(1e-9, to - from)) * (right - left);
  const top = TOP + (told ? LANE : 0);
  const eventsAt = top + lanes.length * LANE;
  const axis = eventsAt + LANE;
  const height = axis + 30;
  const { ticks, spacing } = timeTicks(from, to, Math.max(2, Math.floor((right - left) / 120)), zoneOffset(to));
  const stand = at ?? to;
  const standTitle = titleAt(told, stand);

  useEffect(
    () =>
      cursor?.subscribe(() => {
        const { hover } = cursor.get();
        const line = hoverLine.current;
        if (!line) return;
        line.style.display = hover === null ? 'none' : '';
        if (hover !== null)
          line.setAttribute(
            'transform',
            `translate(${left + ((hover - from) / Math.max(1e-9, to - from)) * (right - left)},0)`,
          );
      }),
    [cursor, left, right, from, to],
  );

  const go = (time: number): void => {
    const snapped = timeAt(grid, indexAt(grid, time));
    onScrub?.(snapped >= to ? null : snapped);
  };
  const timeOf = (event: PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return from + ((event.clientX - box.left - left) / Math.max(1, right - left)) * (to - from);
  };
  const press = (event: KeyboardEvent): void => {
    const far = event.shiftKey ? 10 : 1;
    const target: Readonly<Record<string, number>> = {
      ArrowLeft: stand - far * grid.step,
      ArrowDown: stand - far * grid.step,
      ArrowRight: stand + far * grid.step,
      ArrowUp: stand + far * grid.step,
      PageDown: stand - 10 * grid.step,
      PageUp: stand + 10 * grid.step,
      Home: from,
      End: to,
    };
    const time = target[event.key];
    if (time === undefined) return;
    event.preventDefault();
    go(time);
  };

  return (
    <section aria-labelledby="timeline-title">
      <div className="mb-1 flex flex-wrap items-baseline gap-x-3">
        <h2 id="timeline-title" className="text-[15px] font-semibold text-ink">
          Timeline
        </h2>
        <p className="flex-1 text-[13.5px] text-ink-2">Height is the strength of the signature, 0 to 1</p>
        {onScrub && (
          <span aria-hidden="true" className="flex items-baseline gap-1 text-[12px] text-ink-3 max-[699px]:hidden">
            drag, or <Key>←</Key> <Key>→</Key>
          </span>
        )}
      </div>
      {told && (
        <p className="mb-2 min-h-[38px] max-w-[1000px] text-[13px] leading-[19px] text-ink-2 sm:min-h-[19px]">
          <HeadlineStory told={told} />
        </p>
      )}
      <div
        ref={ref}
        {...(onScrub
          ? {
              role: 'slider',
              tabIndex: 0,
              'aria-label': 'Judged at',
              'aria-valuemin': Math.round(from),
              'aria-valuemax': Math.round(to),
              'aria-valuenow': Math.round(stand),
              'aria-valuetext': standTitle === null ? formatTime(stand) : `${formatTime(stand)}, ${standTitle}`,
              onKeyDown: press,
            }
          : {})}
        className="relative w-full touch-pan-y rounded-sm select-none outline-offset-4 focus-visible:outline-2 focus-visible:outline-accent"
        style={{ height, cursor: onScrub ? 'ew-resize' : undefined }}
        onPointerDown={(event) => {
          if (!onScrub || event.button !== 0) return;
          pressed.current = true;
          event.currentTarget.setPointerCapture?.(event.pointerId);
          go(timeOf(event));
        }}
        onPointerMove={(event) => {
          const time = timeOf(event);
          cursor?.hover(time >= from && time <= to ? timeAt(grid, indexAt(grid, time)) : null);
          if (pressed.current) go(time);
        }}
        onPointerUp={() => {
          pressed.current = false;
        }}
        onPointerCancel={() => {
          pressed.current = false;
        }}
        onPointerLeave={() => cursor?.hover(null)}
      >
        <svg width={width} height={height} aria-hidden="true" className="block overflow-visible">
          {onset && <OnsetMark onset={onset} x={x} left={left} right={right} axis={axis} />}
          {lanes.map((lane, k) => (
            <LaneRow key={lane.id} lane={lane} y={top + k * LANE} left={left} right={right} grid={verdict.grid} x={x} />
          ))}
          <Events events={events} y={eventsAt} x={x} left={left} right={right} narrow={narrow} />
          <line x1={left} x2={right} y1={axis} y2={axis} stroke="var(--strong)" />
          {ticks.map((t) => (
            <g key={t}>
              <line x1={x(t)} x2={x(t)} y1={axis} y2={axis + 4} stroke="var(--strong)" />
              {Math.abs(x(t) - x(stand)) > 50 && (
                <text
                  x={x(t)}
                  y={axis + 17}
                  textAnchor={x(t) < left + 14 ? 'start' : x(t) > right - 14 ? 'end' : 'middle'}
                  fontSize={10.5}
                  fill="var(--ink-3)"
                >
                  {formatAxisTime(t, spacing)}
                </text>
              )}
            </g>
          ))}
          <line
            ref={hoverLine}
            y1={TOP - 6}
            y2={axis}
            stroke="var(--ink-3)"
            strokeDasharray="2 2"
            style={{ display: 'none' }}
          />
          <Stand at={stand} x={x} right={right} left={left} axis={axis} />
        </svg>
        {lanes.map((lane, k) => (
          <LaneName key={lane.id} title={lane.title} role={lane.role} y={top + k * LANE} narrow={narrow} />
        ))}
        {!narrow && <LaneName title="Events" role="" y={eventsAt} narrow={false} />}
        {told && <HeadlineLane told={told} y={TOP} height={HEIGHT} left={left} right={right} x={x} />}
        {told && !narrow && <LaneName title="Headline" role="at each time" y={TOP} narrow={false} />}
      </div>
      <ul className="sr-only">
        {told && <li>{sayLane(told)}</li>}
        {lanes.map((lane) => (
          <li key={lane.id}>{`${lane.title}, ${lane.role}: ${heldFrom(lane.strength, verdict.grid)}`}</li>
        ))}
        {events.map((event) => (
          <li key={`${event.kind}${event.at}${event.label}`}>{`${formatTime(event.at)} ${event.label}`}</li>
        ))}
      </ul>
    </section>
  );
}

interface Placed {
  readonly x: (time: number) => number;
  readonly left: number;
  readonly right: number;
}

function LaneRow({ lane, y, grid, x, left, right }: Placed & { lane: Lane; y: number; grid: Grid }) {
  const base = y + HEIGHT;
  const primary = lane.role === 'primary';
  return (
    <g>
      <line x1={left} x2={right} y1={base} y2={base} stroke="var(--hairline)" />
      {pathsOf(lane.strength, grid, x, base).map((d) => (
        <path key={d} d={d} fill={primary ? 'var(--accent)' : 'var(--strong)'} fillOpacity={primary ? 0.85 : 1} />
      ))}
    </g>
  );
}

/** Beside its lane; on a phone, on top of it. */
function LaneName({ title, role, y, narrow }: { title: string; role: string; y: number; narrow: boolean }) {
  const primary = role === 'primary';
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none absolute left-0 flex items-baseline gap-2 text-[12.5px]"
      style={{ top: y, height: HEIGHT, width: narrow ? '100%' : NAMES - 14 }}
    >
      <span
        className={`truncate text-ink ${primary ? 'font-semibold' : ''} ${narrow ? 'rounded-sm bg-bg/70 pr-1' : 'flex-1'}`}
        title={title}
      >
        {title}
      </span>
      {role && <span className="text-[10.5px] text-ink-3">{role}</span>}
    </div>
  );
}

/** One path per stretch without gaps, from the baseline up to full height at 1. */
function pathsOf(strength: Values, grid: Grid, x: (t: number) => number, base: number): string[] {
  const paths: string[] = [];
  let run: string[] = [];
  let first = 0;
  let last = 0;
  const finish = (): void => {
    if (run.length > 0) paths.push(`M${first.toFixed(1)},${base}L${run.join('L')}L${last.toFixed(1)},${base}Z`);
    run = [];
  };
  strength.forEach((value, i) => {
    if (value === null) return finish();
    last = x(timeAt(grid, i));
    if (run.length === 0) first = last;
    run.push(`${last.toFixed(1)},${(base - Math.max(0, Math.min(1, value)) * HEIGHT).toFixed(1)}`);
  });
  finish();
  return paths;
}

function OnsetMark({ onset, x, left, right, axis }: Placed & { onset: Onset; axis: number }) {
  const x0 = Math.max(left, x(onset.from));
  const x1 = Math.min(right, Math.max(x(onset.to), x0 + 3));
  if (x1 <= left || x0 >= right) return null;
  const before = x0 - left > 130;
  return (
    <g>
      <rect x={x0} width={x1 - x0} y={TOP - 20} height={axis - TOP + 20} fill="var(--fill)" />
      <text
        x={before ? x0 - 6 : x1 + 6}
        y={TOP - 9}
        textAnchor={before ? 'end' : 'start'}
        fontSize={10.5}
        fill="var(--ink-2)"
      >
        {`onset ${formatTimeRange(onset.from, onset.to)}`}
      </text>
    </g>
  );
}

function Events({
  events,
  y,
  x,
  left,
  right,
  narrow,
}: Placed & { events: readonly TimelineEvent[]; y: number; narrow: boolean }) {
  const base = y + HEIGHT;
  const shown = placeEvents(events, x, left, right);
  return (
    <g>
      {shown.length === 0 && (
        <text x={left + 3} y={base - 4} fontSize={10.5} fill="var(--ink-3)">
          no restart, nothing that can be dated
        </text>
      )}
      {shown.map(({ event, px, side }) => (
        <g key={`${event.kind}${event.at}${event.label}`}>
          <title>{`${formatTime(event.at)} ${event.label}`}</title>
          <path d={`M${px},${base - 13}l4,5l-4,5l-4,-5Z`} fill="var(--ink)" />
          {side !== 0 && !narrow && (
            <text
              x={px + side * 8}
              y={base - 4}
              textAnchor={side === 1 ? 'start' : 'end'}
              fontSize={10.5}
              fill="var(--ink-2)"
              stroke="var(--bg)"
              strokeWidth={3}
              paintOrder="stroke"
            >
              {event.label}
            </text>
          )}
        </g>
      ))}
    </g>
  );
}

function Stand({ at, x, left, right, axis }: Placed & { at: number; axis: number }) {
  const px = x(at);
  const middle = Math.max(left + 29, Math.min(right - 29, px));
  return (
    <g>
      <line x1={px} x2={px} y1={TOP - 20} y2={axis} stroke="var(--ink)" strokeWidth={1} />
      <rect x={middle - 29} y={axis + 5} width={58} height={17} rx={3} fill="var(--ink)" />
      <text x={middle} y={axis + 17} textAnchor="middle" fontSize={10.5} fontWeight={600} fill="var(--bg)">
        {formatTime(at)}
      </text>
    </g>
  );
}

function heldFrom(strength: Values, grid: Grid): string {
  const first = strength.findIndex((v) => (v ?? 0) >= 0.5);
  if (first < 0) return 'weak throughout';
  const last = strength.findLastIndex((v) => (v ?? 0) >= 0.5);
  const end = last === grid.count - 1 ? 'now' : formatTime(timeAt(grid, last));
  return `strong from ${formatTime(timeAt(grid, first))} to ${end}`;
}
