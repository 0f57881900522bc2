import { ChevronDown } from 'lucide-react';
import { Tooltip } from 'radix-ui';
import { useEffect, useId, useMemo, useState } from 'react';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { PANELS } from '../../core/panels/index.ts';
import { PANEL_ROWS, type Panel, type PanelRow, type PanelThreshold, ROW_TITLES } from '../../core/panels/panel.ts';
import { sentenceOf } from '../../core/panels/sentences.ts';
import type { Targets } from '../../core/verdict/profiles.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { TimeCursor, useTimeCursor } from '../charts/cursor.ts';
import { formatText } from '../charts/format.ts';
import { indexAt, type Onset, onsetOf } from '../charts/onset.ts';
import { Sparkline } from '../charts/sparkline.tsx';
import { FrameQueue } from './frames.ts';
import { PanelFrame } from './panel-frame.tsx';
import { useNarrow } from './use-narrow.ts';

export interface PanelRowsProps {
  readonly evidence: Evidence;
  readonly verdict: Verdict | null;
  readonly targets: Targets;
  /** Unix seconds of the onset; left out, that of the primary finding. */
  readonly since?: number | null;
  /** Unix seconds the page stands at, `null` for the end of the evidence. */
  readonly at?: number | null;
  /** Replica ids to draw; all if left out. */
  readonly replicas?: readonly string[] | undefined;
  /** A range was dragged in a chart or chosen by keyboard. */
  readonly onSelectRange?: ((from: number, to: number) => void) | undefined;
  readonly onHover?: ((time: number | null) => void) | undefined;
  /** Whether rows 2 to 4 are folded to a line; left out, they are on a phone. */
  readonly folded?: boolean | undefined;
  /** Address of one panel alone, for the menu. */
  readonly linkTo?: ((panel: string) => string) | undefined;
  /** Draws what is there and says nothing of the rest, which was measured and left out: for a reduced snapshot. */
  readonly reduced?: boolean;
  /** Every panel has drawn the newest evidence. */
  readonly onSettled?: (() => void) | undefined;
}

const NONE: readonly PanelThreshold[] = [];
/** The panel whose lead stands for its row while the row is folded. */
const ROW_FACE: Readonly<Record<PanelRow, string>> = {
  latency: 'ttft',
  health: 'tokens',
  queue: 'waiting',
  cache: 'kv-usage',
};

/** The four rows of proof under the verdict. All panels share one time axis, one cursor and one selection. */
export function PanelRows({
  evidence,
  verdict,
  targets,
  since,
  at = null,
  replicas,
  onSelectRange,
  onHover,
  folded,
  linkTo,
  reduced = false,
  onSettled,
}: PanelRowsProps) {
  const shared = useTimeCursor();
  const [own] = useState(() => new TimeCursor());
  const cursor = shared ?? own;
  const [queue] = useState(() => new FrameQueue());
  useEffect(() => queue.whenSettled(onSettled), [queue, onSettled]);
  useEffect(() => cursor.stand(at), [cursor, at]);
  useEffect(() => {
    if (!onHover) return;
    let last: number | null = null;
    return cursor.subscribe(() => {
      const { hover } = cursor.get();
      if (hover !== last) onHover((last = hover));
    });
  }, [cursor, onHover]);
  const onset = useMemo(() => onsetOf(verdict, since), [verdict, since]);
  const proposed = useMemo(() => proposedSeats(verdict, evidence, replicas), [verdict, evidence, replicas]);
  const narrow = useNarrow();
  const fold = (folded ?? narrow) && !reduced;
  const shown = useMemo(
    () => (reduced ? PANELS.filter((panel) => panel.build(evidence, targets).state !== 'absent') : PANELS),
    [reduced, evidence, targets],
  );
  return (
    <Tooltip.Provider delayDuration={350} skipDelayDuration={150}>
      <div className="flex flex-col gap-8">
        {PANEL_ROWS.filter((row) => shown.some((panel) => panel.row === row)).map((row, k) => (
          <Row
            key={row}
            row={row}
            number={k + 1}
            foldable={fold && k > 0}
            sentence={
              reduced
                ? ''
                : sentenceOf(row, {
                    evidence,
                    targets,
                    at: verdict?.at ?? at ?? evidence.grid.from + (evidence.grid.count - 1) * evidence.grid.step,
                    since: since ?? verdict?.findings[0]?.since ?? null,
                    replicas,
                  })
            }
            face={
              fold && k > 0 ? (
                <RowFace row={row} evidence={evidence} targets={targets} replicas={replicas} onset={onset} at={at} />
              ) : null
            }
          >
            {shown
              .filter((panel) => panel.row === row)
              .map((panel, i) => (
                <PanelFrame
                  key={panel.id}
                  panel={panel}
                  evidence={evidence}
                  targets={targets}
                  replicas={replicas}
                  onset={onset}
                  showOnset={k === 0 && i === 0}
                  cursor={cursor}
                  queue={queue}
                  order={PANELS.indexOf(panel)}
                  extra={panel.id === 'running' ? proposed : NONE}
                  onSelectRange={onSelectRange}
                  linkTo={linkTo}
                  reduced={reduced}
                />
              ))}
          </Row>
        ))}
      </div>
    </Tooltip.Provider>
  );
}

interface RowProps {
  readonly row: PanelRow;
  readonly number: number;
  readonly sentence: string;
  readonly foldable: boolean;
  readonly face: React.ReactNode;
  readonly children: React.ReactNode;
}

function Row({ row, number, sentence, foldable, face, children }: RowProps) {
  const [open, setOpen] = useState(false);
  const body = useId();
  const shown = !foldable || open;
  return (
    <section aria-labelledby={`row-${row}`} data-row={row}>
      {foldable ? (
        <h2 id={`row-${row}`} className="border-t border-hairline pt-3">
          <button
            type="button"
            aria-expanded={open}
            aria-controls={body}
            onClick={() => setOpen(!open)}
            className="flex w-full items-center gap-3 rounded-sm text-left outline-offset-2 focus-visible:outline-2 focus-visible:outline-accent"
          >
            {face}
            <ChevronDown aria-hidden="true" className={`size-4 shrink-0 text-ink-2 ${open ? 'rotate-180' : ''}`} />
          </button>
        </h2>
      ) : (
        <div className="flex flex-wrap items-baseline gap-x-3">
          <h2 id={`row-${row}`} tabIndex={-1} className="text-[15px] font-semibold text-ink">
            {ROW_TITLES[row]}
          </h2>
          <p className="min-w-0 flex-1 text-[13.5px] leading-5 text-ink-2 max-[699px]:basis-full">{sentence}</p>
          <kbd
            aria-hidden="true"
            className="rounded border border-strong px-1.5 font-mono text-[10.5px] text-ink-3 max-[699px]:hidden"
          >
            {number}
          </kbd>
        </div>
      )}
      {shown && (
        <div id={body}>
          {foldable && <p className="mt-1 text-[13.5px] leading-5 text-ink-2">{sentence}</p>}
          <div className="mt-3 grid grid-cols-1 gap-x-6 gap-y-5 min-[700px]:grid-cols-2 min-[1280px]:grid-cols-4">
            {children}
          </div>
        </div>
      )}
    </section>
  );
}

interface FaceProps {
  readonly row: PanelRow;
  readonly evidence: Evidence;
  readonly targets: Targets;
  readonly replicas: readonly string[] | undefined;
  readonly onset: Onset | null;
  readonly at: number | null;
}

/** A folded row in one line: its title, its first number, its shape. */
function RowFace({ row, evidence, targets, replicas, onset, at }: FaceProps) {
  const panel = PANELS.find((p) => p.id === ROW_FACE[row]) as Panel;
  const data = useMemo(() => panel.build(evidence, targets, replicas), [panel, evidence, targets, replicas]);
  const values = data.lines.find((line) => line.id === data.lead)?.values ?? [];
  const index = at === null ? data.grid.count - 1 : indexAt(data.grid, at);
  const count = PANELS.filter((p) => p.row === row).length;
  return (
    <>
      <span className="min-w-0 flex-1">
        <span className="block text-[15px] font-semibold text-ink">{ROW_TITLES[row]}</span>
        <span className="block text-[12.5px] text-ink-2">
          {`${panel.title} ${formatText(values[index] ?? null, data.unit)} · ${count} charts`}
        </span>
      </span>
      {values.length > 0 && (
        <Sparkline
          values={values}
          grid={data.grid}
          label={`${panel.title} over time`}
          onset={onset}
          width={104}
          height={30}
        />
      )}
    </>
  );
}

/** What the first remedy would set the seats to, as a line where the batch is drawn. */
function proposedSeats(
  verdict: Verdict | null,
  evidence: Evidence,
  replicas: readonly string[] | undefined,
): readonly PanelThreshold[] {
  const remedy = verdict?.findings[0]?.remedies.find((r) => r.knob === 'max-num-seqs' && typeof r.to === 'number');
  if (!remedy || typeof remedy.to !== 'number') return NONE;
  const engines = Math.max(1, (replicas ?? evidence.replicas).length);
  return [{ label: 'proposed', value: remedy.to * engines, tone: 'proposed' }];
}
