import { CircleDashed } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import { memo, useCallback, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Evidence } from '../../core/evidence/evidence.ts';
import type { Missing, Panel, PanelData, PanelThreshold } from '../../core/panels/panel.ts';
import { signalById } from '../../core/signals/index.ts';
import type { Targets } from '../../core/verdict/profiles.ts';
import { type TimeCursor, useCursorState } from '../charts/cursor.ts';
import { formatNumber, formatTime } from '../charts/format.ts';
import { Chart } from '../charts/lazy-chart.tsx';
import { CHART_HEIGHT, layoutOf } from '../charts/layout.ts';
import { indexAt, type Onset } from '../charts/onset.ts';
import { readingAt } from '../charts/readings.ts';
import { Boundary } from '../controls/boundary.tsx';
import { PortalContext } from '../controls/portal.ts';
import { type FrameQueue, useStaggered } from './frames.ts';
import { PanelMenu } from './panel-menu.tsx';

export interface PanelFrameProps {
  readonly panel: Panel;
  readonly evidence: Evidence;
  readonly targets: Targets;
  readonly replicas: readonly string[] | undefined;
  readonly onset: Onset | null;
  readonly showOnset: boolean;
  readonly cursor: TimeCursor;
  readonly queue: FrameQueue;
  readonly order: number;
  readonly extra: readonly PanelThreshold[];
  readonly onSelectRange: ((from: number, to: number) => void) | undefined;
  /** Address of this panel alone; the menu offers it if given. */
  readonly linkTo: ((panel: string) => string) | undefined;
  /** What is missing was left out of a reduced snapshot, and nothing is said of it. */
  readonly reduced?: boolean;
}

type Input = Pick<PanelFrameProps, 'evidence' | 'targets' | 'replicas' | 'onset' | 'extra'>;

interface Standing {
  inView: boolean;
  hovered: boolean;
  /** What is drawn, and what is to be drawn next. */
  drawn: Input | null;
  wanted: Input | null;
}

/** Panels in view come before those below the fold. */
const OUT_OF_VIEW = 1000;
/** Drawn before they are scrolled to. */
const NEARLY_IN_VIEW = '200px';
/** Seconds a panel nobody sees may lag behind a live page: a drawing every five seconds is most of what an idle page costs. */
const MAY_LAG = 60;
const HOVERED = -1000;

/** One panel: title, unit, value at the cursor, one line of help, the chart or the reason there is none. */
export const PanelFrame = memo(function PanelFrame(props: PanelFrameProps) {
  const { panel, evidence, targets, replicas, onset, extra, queue, order } = props;
  const frame = useRef<HTMLElement>(null);
  const standing = useRef<Standing>({ inView: true, hovered: false, drawn: null, wanted: null });
  useEffect(() => {
    const element = frame.current;
    if (!element || typeof IntersectionObserver === 'undefined') return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        standing.current.inView = entry?.isIntersecting ?? true;
        if (standing.current.inView) queue.wake();
      },
      { rootMargin: NEARLY_IN_VIEW },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [queue]);
  const rank = useCallback(() => {
    const { inView, hovered, drawn, wanted } = standing.current;
    if (hovered) return order + HOVERED;
    if (inView) return order;
    return drawn && wanted && isLittleLater(drawn, wanted) ? Infinity : order + OUT_OF_VIEW;
  }, [order]);
  // The onset and what a remedy proposes come with every verdict: drawn with its evidence, not each on its own.
  const input = useMemo(
    () => ({ evidence, targets, replicas, onset, extra }),
    [evidence, targets, replicas, onset, extra],
  );
  useLayoutEffect(() => {
    standing.current.wanted = input;
  }, [input]);
  const shown = useStaggered(queue, panel.id, input, rank);
  useLayoutEffect(() => {
    standing.current.drawn = shown;
  }, [shown]);
  return (
    <section
      ref={frame}
      id={`panel-${panel.id}`}
      aria-label={panel.title}
      data-panel={panel.id}
      className="group/panel min-w-0"
      onPointerEnter={() => {
        standing.current.hovered = true;
      }}
      onPointerLeave={() => {
        standing.current.hovered = false;
      }}
    >
      {shown ? (
        <Boundary name={panel.title} attempt={shown}>
          <DrawnPanel {...props} {...shown} frame={frame} />
        </Boundary>
      ) : (
        <PanelPlace title={panel.title} />
      )}
    </section>
  );
});

/** Whether one is the other as a live page read it a little later, and not another range, scope or source. */
function isLittleLater(drawn: Input, wanted: Input): boolean {
  const [a, b] = [drawn.evidence.grid, wanted.evidence.grid];
  return (
    drawn.targets === wanted.targets &&
    drawn.replicas === wanted.replicas &&
    drawn.evidence.selector === wanted.evidence.selector &&
    drawn.evidence.replicas.length === wanted.evidence.replicas.length &&
    a.step === b.step &&
    a.count === b.count &&
    b.from > a.from &&
    b.from - a.from < MAY_LAG
  );
}

/** Keeps the place of a panel whose turn has not come. */
function PanelPlace({ title }: { title: string }) {
  return (
    <>
      <h3 className="text-[12.5px] font-semibold text-ink">{title}</h3>
      <div aria-hidden="true" className="mt-7 border-b border-strong" style={{ height: CHART_HEIGHT - 18 }} />
      <div style={{ height: 18 }} />
    </>
  );
}

function DrawnPanel({
  panel,
  evidence,
  targets,
  replicas,
  onset,
  showOnset,
  cursor,
  extra,
  onSelectRange,
  linkTo,
  reduced = false,
  frame,
}: PanelFrameProps & {
  readonly frame: React.RefObject<HTMLElement | null>;
}) {
  const data = useMemo(() => {
    const built = panel.build(evidence, targets, replicas);
    return reduced && built.state === 'partial' ? { ...built, state: 'ok' as const, missing: [] } : built;
  }, [panel, evidence, targets, replicas, reduced]);
  const drawn = data.state === 'ok' || data.state === 'partial';
  const isMounted = useContext(PortalContext) !== undefined;
  return (
    <>
      <header className="flex items-baseline gap-2">
        <PanelTitle panel={panel} data={data} />
        <span className="flex-1" />
        {drawn && <CursorValue data={data} cursor={cursor} />}
      </header>
      <div className="flex h-[18px] items-center gap-2">
        <CursorNote data={data} cursor={cursor} />
        {!isMounted && <PanelMenu panel={panel} data={data} evidence={evidence} frame={frame} linkTo={linkTo} />}
      </div>
      {drawn ? (
        <div className="mt-1">
          <Chart
            data={data}
            title={panel.title}
            onset={onset}
            showOnset={showOnset}
            cursor={cursor}
            extra={extra}
            {...(onSelectRange ? { onSelect: onSelectRange } : {})}
          />
        </div>
      ) : (
        <NoChart data={data} />
      )}
    </>
  );
}

function PanelTitle({ panel, data }: { panel: Panel; data: PanelData }) {
  const unit = useMemo(() => unitWords(panel, data), [panel, data]);
  const container = useContext(PortalContext);
  const found = panel.signals.flatMap((id) =>
    data.missing.some((m) => m.signal === id) ? [] : [signalById(id).title],
  );
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <button
          type="button"
          className="min-w-0 cursor-help truncate rounded-sm text-left outline-offset-2 focus-visible:outline-2 focus-visible:outline-accent"
        >
          <h3 className="inline text-[12.5px] font-semibold text-ink">{panel.title}</h3>
          {unit && <span className="ml-2 text-[12px] text-ink-3">{unit}</span>}
          {data.state === 'partial' && (
            <CircleDashed aria-label="partly measured" className="ml-1.5 inline size-3 text-unknown" />
          )}
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal container={container}>
        <Tooltip.Content
          side="top"
          align="start"
          sideOffset={6}
          collisionPadding={12}
          className="z-50 max-w-80 rounded-md border border-strong bg-surface px-3 py-2 text-[12.5px] leading-[18px] text-ink shadow-lg"
        >
          <p>{panel.help}</p>
          {found.length > 0 && <p className="mt-1.5 text-ink-3">Drawn from: {found.join(', ')}.</p>}
          {data.missing.map((m) => (
            <p key={m.signal} className="mt-1 text-ink-3">
              {`${m.title} is ${m.problem ? `unreadable (${m.problem})` : 'not measured'}${m.decides ? `: needed to tell ${m.decides}` : ''}.`}
            </p>
          ))}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

/** `s, log`, `mean ms`, `share of blocks`: the unit of the axis, and how it is drawn. */
function unitWords(panel: Panel, data: PanelData): string {
  if (data.state === 'absent') return panel.measure;
  const axis = layoutOf(data, 300, data.thresholds).axis.word;
  const word = panel.title.toLowerCase().includes(axis) ? '' : axis;
  return [[panel.measure, word].filter((part) => part !== '').join(' '), data.scale === 'log' ? 'log' : '']
    .filter((part) => part !== '')
    .join(', ');
}

/** The lead at the cursor, or now. Small on purpose: it is what redraws while the pointer moves. */
function CursorValue({ data, cursor }: { data: PanelData; cursor: TimeCursor }) {
  const { hover, at } = useCursorState(cursor);
  const time = hover ?? at;
  const index = time === null ? data.grid.count - 1 : indexAt(data.grid, time);
  const { lead, name } = readingAt(data, index);
  const seats = data.thresholds.find((t) => t.tone === 'limit' && t.label === 'seats');
  const figure = data.unit === 'requests' || data.unit === 'tokens' ? lead.replace(/ (requests|tokens)$/, '') : lead;
  return (
    <span
      data-value={data.lead}
      className="shrink-0 text-[12.5px] font-semibold whitespace-nowrap text-ink tabular-nums"
    >
      {name && <span className="mr-1 font-normal text-ink-2">{name}</span>}
      {figure}
      {seats && lead !== '–' && <span>{` of ${formatNumber(seats.value)}`}</span>}
    </span>
  );
}

/** The panel's note, or while somebody points, every other value at that time. */
function CursorNote({ data, cursor }: { data: PanelData; cursor: TimeCursor }) {
  const { hover } = useCursorState(cursor);
  const reading = hover === null ? null : readingAt(data, indexAt(data.grid, hover));
  const others = reading?.others.map((o) => `${o.label} ${o.value}`).join(' · ') ?? '';
  const text = hover === null || others === '' ? data.note : others;
  return (
    <p
      className="min-w-0 flex-1 truncate text-[12px] leading-[18px] text-ink-3"
      title={hover === null ? undefined : `${formatTime(hover)} · ${text}`}
    >
      {text}
    </p>
  );
}

/** The place of a chart that cannot be drawn says what it would decide. */
function NoChart({ data }: { data: PanelData }) {
  const [open, setOpen] = useState(false);
  const empty = data.state === 'empty';
  const first: Missing | undefined = data.missing[0];
  return (
    <div
      className="mt-1 flex flex-col justify-center rounded-md border border-dashed border-strong px-4 text-[12.5px] leading-[19px] text-ink-2"
      style={{ minHeight: CHART_HEIGHT }}
    >
      <p className="flex items-center gap-2 font-semibold text-ink-2">
        <CircleDashed aria-hidden="true" className="size-3.5 text-unknown" />
        {empty ? 'Nothing observed' : first?.problem ? 'Could not be read' : 'Not measured'}
      </p>
      {empty ? (
        <p className="mt-1">The signal is there, and nothing happened in this range.</p>
      ) : (
        <>
          {first?.problem && <p className="mt-1">{first.problem}</p>}
          {data.missing.slice(0, open ? undefined : 1).map((m) => (
            <p key={m.signal} className="mt-1">
              {m.decides ? `Would tell ${m.decides}:` : ''}
              <code className="block font-mono text-[11.5px] break-all text-ink">
                {signalById(m.signal).names[0]?.metric}
              </code>
            </p>
          ))}
          {data.missing.length > 1 && (
            <button
              type="button"
              className="mt-1 self-start text-accent hover:underline"
              onClick={() => setOpen(!open)}
            >
              {open ? 'Less' : `${data.missing.length - 1} more`}
            </button>
          )}
        </>
      )}
    </div>
  );
}
