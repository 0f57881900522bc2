import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import { STATE_TITLES } from '../../core/traces/compare.ts';
import { sayNanos, shortName } from '../../core/traces/format.ts';
import { CATEGORIES } from '../../core/traces/kernels.ts';
import type { GpuSummary } from '../../core/traces/summary.ts';
import { STATES } from '../../core/traces/sweep.ts';
import { useWidth } from '../charts/use-width.ts';
import { Button } from '../controls/button.tsx';
import { columnsOf, holding, moved, momentAt, type View, zoomed } from './strip-view.ts';

const ROW = 34;
const GAP = 6;
const RULER = 18;
/** More rows than this say no more, and the tables below hold every GPU. */
const MOST_ROWS = 8;
/** Share of the view one press of an arrow moves the cursor. */
const STEP = 1 / 100;
/** Steps narrower than this, in pixels, are not marked. */
const NARROWEST_STEP = 7;

const STEP_LETTERS = { prefill: 'P', mixed: 'M', decode: 'D', unknown: '·' } as const;

/**
 * The profile over time, a row per GPU: the height of a colour is its share of that pixel's time, the empty part is idle, hatched at the foot
 * where the GPU waits for the host. Each row begins with its own first kernel, since the clocks of ranks need not agree.
 */
export function TraceStrip({ gpus, theme }: { readonly gpus: readonly GpuSummary[]; readonly theme: string }) {
  const [box, width] = useWidth<HTMLDivElement>(800);
  const canvas = useRef<HTMLCanvasElement>(null);
  const whole = useMemo(() => gpus.reduce((most, { account }) => Math.max(most, account.wall), 1), [gpus]);
  const [view, setView] = useState<View>({ from: 0, to: whole });
  const [cursor, setCursor] = useState<{ readonly at: number; readonly row: number }>({ at: 0, row: 0 });
  const drag = useRef<{ readonly x: number; readonly view: View } | null>(null);
  const rows = useMemo(() => gpus.slice(0, MOST_ROWS), [gpus]);
  const height = RULER + rows.length * (ROW + GAP);
  const gpu = rows[cursor.row];
  const moment = gpu === undefined ? null : momentAt(gpu, cursor.at);

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (canvas.current && context) draw(canvas.current, context, rows, view, width, height, cursor);
  }, [rows, view, width, height, cursor, theme]);

  const timeAt = (x: number) => view.from + (x / width) * (view.to - view.from);
  const goTo = (at: number, row = cursor.row) => {
    const inside = Math.min(whole, Math.max(0, at));
    setCursor({ at: inside, row });
    setView((now) => holding(now, inside, whole));
  };
  const zoom = (factor: number) =>
    setView((now) =>
      zoomed(now, cursor.at >= now.from && cursor.at <= now.to ? cursor.at : (now.from + now.to) / 2, factor, whole),
    );
  const beside = (direction: -1 | 1) => {
    const zero = gpu?.stretches.edge[0] ?? 0;
    const starts = (gpu?.steps ?? []).map(({ from }) => from - zero);
    const next = direction > 0 ? starts.find((at) => at > cursor.at) : starts.findLast((at) => at < cursor.at);
    if (next !== undefined) goTo(next);
  };

  const press = (event: KeyboardEvent) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const by = (view.to - view.from) * STEP * (event.shiftKey ? 10 : 1);
    const keys: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => goTo(cursor.at - by),
      ArrowRight: () => goTo(cursor.at + by),
      ArrowUp: () => goTo(cursor.at, Math.max(0, cursor.row - 1)),
      ArrowDown: () => goTo(cursor.at, Math.min(rows.length - 1, cursor.row + 1)),
      PageUp: () => setView((now) => moved(now, -(now.to - now.from) / 2, whole)),
      PageDown: () => setView((now) => moved(now, (now.to - now.from) / 2, whole)),
      Home: () => goTo(0),
      End: () => goTo(whole),
      '+': () => zoom(2),
      '=': () => zoom(2),
      '-': () => zoom(0.5),
      '0': () => setView({ from: 0, to: whole }),
      n: () => beside(1),
      p: () => beside(-1),
    };
    const run = keys[event.key];
    if (run === undefined) return;
    event.preventDefault();
    run();
  };
  const point = (event: PointerEvent) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - left;
    if (drag.current) {
      const { x: from, view: then } = drag.current;
      setView(moved(then, ((from - x) / width) * (then.to - then.from), whole));
    } else {
      const row = Math.floor((event.clientY - top - RULER) / (ROW + GAP));
      setCursor({ at: Math.min(whole, Math.max(0, timeAt(x))), row: Math.min(rows.length - 1, Math.max(0, row)) });
    }
  };

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    // React listens passively to the wheel, and a passive listener cannot keep the page from zooming.
    const turn = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const x = event.clientX - element.getBoundingClientRect().left;
      setView((now) =>
        zoomed(now, now.from + (x / width) * (now.to - now.from), event.deltaY < 0 ? 1.3 : 1 / 1.3, whole),
      );
    };
    element.addEventListener('wheel', turn, { passive: false });
    return () => element.removeEventListener('wheel', turn);
  }, [width, whole]);

  const says =
    gpu === undefined
      ? ''
      : `${gpu.label} at ${sayNanos(cursor.at)}: ${
          moment === null
            ? 'outside its profile'
            : `${STATE_TITLES[moment.state]}, ${sayNanos(moment.lasts)} of it${moment.running.map(({ name, duration }) => `; ${shortName(name)}, ${sayNanos(duration)}`).join('')}${moment.step === null ? '' : `; step ${moment.step}`}`
        }`;

  return (
    <div>
      <div className="mb-2 flex flex-wrap items-center gap-1.5">
        <Button onClick={() => zoom(2)} aria-label="Zoom in">
          +
        </Button>
        <Button onClick={() => zoom(0.5)} aria-label="Zoom out">
          −
        </Button>
        <Button onClick={() => setView({ from: 0, to: whole })}>All</Button>
        <span data-testid="trace-view" className="ml-1 text-[12px] text-ink-3">
          {sayNanos(view.from)} to {sayNanos(view.to)} of {sayNanos(whole)}
        </span>
      </div>
      <div ref={box} className="relative">
        <canvas
          ref={canvas}
          data-testid="trace-strip"
          tabIndex={0}
          role="slider"
          aria-label="Timeline of the profile"
          aria-valuemin={0}
          aria-valuemax={whole}
          aria-valuenow={Math.round(cursor.at)}
          aria-valuetext={says}
          style={{ width: '100%', height, touchAction: 'pan-y' }}
          className="block cursor-crosshair rounded-[3px]"
          onKeyDown={press}
          onPointerDown={(event) => {
            drag.current = { x: event.clientX - event.currentTarget.getBoundingClientRect().left, view };
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerUp={() => {
            drag.current = null;
          }}
          onPointerCancel={() => {
            drag.current = null;
          }}
          onPointerMove={point}
        />
      </div>
      <p
        data-testid="trace-moment"
        className="mt-1.5 min-h-[36px] text-[12px] leading-[18px] text-ink-2 [overflow-wrap:anywhere]"
      >
        {says}
      </p>
      <p className="text-[11.8px] leading-[17px] text-ink-3">
        Height of a colour: its share of that pixel’s time; what is empty is idle, hatched where the GPU waits for the
        host. Ticks begin a step: P prefill, D decode, M both. Drag to move, Ctrl and wheel to zoom; by keys ← → ↑ ↓, +
        −, 0, n and p for steps.
        {gpus.length > MOST_ROWS && ` The first ${MOST_ROWS} of ${gpus.length} GPUs; the table holds them all.`}
      </p>
    </div>
  );
}

function draw(
  canvas: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
  rows: readonly GpuSummary[],
  view: View,
  width: number,
  height: number,
  cursor: { readonly at: number; readonly row: number },
): void {
  const dense = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * dense);
  canvas.height = Math.round(height * dense);
  context.scale(dense, dense);
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const paints = CATEGORIES.map((id) => colour(`--trace-${id}`));
  const [ink, strong, ground] = [colour('--ink-3'), colour('--strong'), colour('--surface')];
  const columns = Math.max(1, Math.round(width));
  const toX = (at: number) => ((at - view.from) / (view.to - view.from)) * width;
  context.clearRect(0, 0, width, height);

  rows.forEach((gpu, row) => {
    const top = RULER + row * (ROW + GAP);
    context.fillStyle = ground;
    context.fillRect(0, top, width, ROW);
    const shares = columnsOf(gpu.stretches, view, columns);
    const waits: number[] = [];
    for (let x = 0; x < columns; x++) {
      let y = top;
      for (let state = 0; state < paints.length; state++) {
        const share = (shares[x * STATES.length + state] as number) * ROW;
        if (share <= 0) continue;
        context.fillStyle = paints[state] as string;
        context.fillRect(x, y, 1, share);
        y += share;
      }
      waits.push(shares[x * STATES.length + STATES.indexOf('host-wait')] as number);
    }
    // Lines that lean, so that the wait is told from other idle time without a colour.
    context.fillStyle = ink;
    waits.forEach((share, x) => {
      const tall = Math.min(ROW * 0.6, share * ROW);
      for (let y = 0; y < tall; y++) if ((x + y) % 5 === 0) context.fillRect(x, top + ROW - 1 - y, 1, 1);
    });
    context.strokeStyle = strong;
    context.strokeRect(0.5, top + 0.5, width - 1, ROW - 1);
  });

  context.font = '11px ui-sans-serif, system-ui, sans-serif';
  context.textBaseline = 'top';
  context.fillStyle = ink;
  context.strokeStyle = ink;
  rows.forEach((gpu, row) => {
    const zero = gpu.stretches.edge[0] ?? 0;
    // Steps of another rank begin elsewhere, so each row has its own ticks; the first has room for letters.
    const bottom = RULER + row * (ROW + GAP);
    for (const { from, to, kind } of gpu.steps) {
      const [x, end] = [toX(from - zero), toX(to - zero)];
      if (end < 0 || x > width || end - x < NARROWEST_STEP) continue;
      context.beginPath();
      context.moveTo(Math.round(x) + 0.5, row === 0 ? 2 : bottom - GAP + 1);
      context.lineTo(Math.round(x) + 0.5, bottom);
      context.stroke();
      if (row === 0) context.fillText(STEP_LETTERS[kind], Math.max(x, 0) + 3, 3);
    }
  });
  const x = Math.round(toX(cursor.at)) + 0.5;
  if (x >= 0 && x <= width) {
    context.strokeStyle = colour('--accent');
    context.lineWidth = 1.5;
    const top = RULER + cursor.row * (ROW + GAP);
    context.beginPath();
    context.moveTo(x, top - 3);
    context.lineTo(x, top + ROW + 3);
    context.stroke();
  }
}
