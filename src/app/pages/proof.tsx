import { memo, type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { endOf } from '../../core/base/grid.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { eventsOf } from '../../core/panels/events.ts';
import type { Targets } from '../../core/verdict/profiles.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import type { Need } from '../../state/reader/messages.ts';
import { useChanged } from '../../state/use-changed.ts';
import { useHistory } from '../../state/use-history.ts';
import { WhatChangedSection } from '../../ui/changed/changed.tsx';
import { CursorProvider, TimeCursor } from '../../ui/charts/cursor.ts';
import { onsetOf } from '../../ui/charts/onset.ts';
import { TextbookRules } from '../../ui/diagnosis/textbook.tsx';
import { EvidenceLedger } from '../../ui/evidence/ledger.tsx';
import { FrameQueue, useStaggered } from '../../ui/panels/frames.ts';
import { PanelRows } from '../../ui/panels/panel-rows.tsx';
import { Replicas } from '../../ui/replicas/replicas.tsx';
import { Timeline } from '../../ui/timeline/timeline.tsx';
import { Boundary } from '../../ui/controls/boundary.tsx';
import { IncidentNote } from '../incident-note.tsx';

/** All that is drawn follows from this; it comes as one, so that a refresh can be drawn after the verdict and in pieces. */
export interface Seen {
  /** What the charts draw: the range, or the stretch zoomed to. */
  readonly evidence: Evidence;
  readonly whole: Evidence;
  readonly verdict: Verdict;
  readonly targets: Targets;
  readonly needs: readonly Need[];
  readonly since: number | null;
  readonly at: number | null;
  readonly replicas: readonly string[] | undefined;
  /** The verdict is a stored one that rests on more than what is here, so that nothing is judged from it. */
  readonly stored: boolean;
}

export interface ProofProps {
  readonly seen: Seen;
  readonly onAt: (at: number | null) => void;
  readonly onZoom: (from: number, to: number) => void;
  readonly onReplica: (replica: string | null) => void;
  readonly linkTo: (panel: string) => string;
  readonly onSettled: () => void;
}

/**
 * Below the verdict: timeline, charts, replicas, rules, evidence. Loaded after it, since charts weigh more than everything else, and
 * drawn one part a frame, at first and at each refresh, so that a key or a click comes between.
 */
function Proof({ seen, onAt, onZoom, onReplica, linkTo, onSettled }: ProofProps) {
  const { at, stored } = seen;
  const [cursor] = useState(() => new TimeCursor());
  const [queue] = useState(() => new FrameQueue());
  useEffect(() => cursor.stand(at), [cursor, at]);
  const inTurn = (rank: number, name: string, children: (seen: Seen) => ReactNode) => (
    <Boundary name={name}>
      <InTurn queue={queue} rank={rank} seen={seen}>
        {children}
      </InTurn>
    </Boundary>
  );
  return (
    <CursorProvider value={cursor}>
      <div className="relative flex flex-col gap-9 overflow-x-clip px-4 py-6 sm:px-8">
        {!stored && inTurn(0, 'The timeline', (now) => <TimelineWithHistory seen={now} onScrub={onAt} />)}
        {!stored && inTurn(1, 'What changed', (now) => <ChangedBesideVerdict {...now} />)}
        {inTurn(2, 'The charts', (now) => (
          <PanelRows
            evidence={now.evidence}
            verdict={now.verdict}
            targets={now.targets}
            since={now.since}
            at={now.at}
            replicas={now.replicas}
            onSelectRange={onZoom}
            linkTo={linkTo}
            reduced={stored}
            onSettled={onSettled}
          />
        ))}
        {!stored && inTurn(3, 'Replicas', (now) => <ReplicasOf seen={now} onScope={onReplica} />)}
        {!stored &&
          inTurn(4, 'The textbook rules', ({ verdict, needs }) => (
            <TextbookRules
              results={verdict.textbook}
              titleOf={(pathology) => needs.find((need) => need.pathology === pathology)?.title ?? pathology}
            />
          ))}
        {!stored && inTurn(5, 'Evidence', ({ whole, needs }) => <EvidenceLedger evidence={whole} needs={needs} />)}
      </div>
    </CursorProvider>
  );
}

/** A part that is drawn when it is its turn, from what was seen then. */
function InTurn({
  queue,
  rank,
  seen,
  children,
}: {
  readonly queue: FrameQueue;
  readonly rank: number;
  readonly seen: Seen;
  readonly children: (seen: Seen) => ReactNode;
}) {
  const rankOf = useCallback(() => rank, [rank]);
  const shown = useStaggered(queue, String(rank), seen, rankOf);
  return shown && children(shown);
}

function ReplicasOf({ seen, onScope }: { readonly seen: Seen; readonly onScope: ProofProps['onReplica'] }) {
  const { evidence, verdict, targets, since, at, replicas } = seen;
  const onset = useMemo(() => onsetOf(verdict, since), [verdict, since]);
  return (
    <Replicas
      evidence={evidence}
      targets={targets}
      onset={onset}
      at={at}
      scoped={replicas}
      onScope={onScope}
      signal={verdict.findings[0]?.pathology === 'load-imbalance' ? 'running' : 'kv-cache-usage'}
    />
  );
}

/** On its own, so that each moment judged draws the timeline again and not the charts. */
function TimelineWithHistory({
  seen: { whole, targets, verdict, at, replicas },
  onScrub,
}: {
  readonly seen: Seen;
  readonly onScrub: ProofProps['onAt'];
}) {
  const told = useHistory(whole, targets, verdict);
  const events = useMemo(() => eventsOf(whole, replicas), [whole, replicas]);
  return (
    <>
      <Timeline verdict={verdict} grid={whole.grid} at={at} onScrub={onScrub} events={events} told={told} />
      <IncidentNote whole={whole} targets={targets} verdict={verdict} told={told} />
    </>
  );
}

/** Seconds at the end of the range that are compared where nothing began. */
const NEWEST = 300;

/** Compared only when asked for: the stretch zoomed to, else since the onset, else the last five minutes. */
function ChangedBesideVerdict({ whole, evidence, since }: Pick<Seen, 'whole' | 'evidence' | 'since'>) {
  const [open, setOpen] = useState(false);
  const end = endOf(whole.grid);
  const zoomed = evidence.grid.count < whole.grid.count;
  const onset = since !== null && since > whole.grid.from && since < end - whole.grid.step;
  const after = zoomed
    ? { from: evidence.grid.from, to: endOf(evidence.grid) }
    : { from: onset ? since : end - NEWEST, to: end };
  const { answer, failed } = useChanged(open ? whole : null, after);
  return (
    <WhatChangedSection
      what={answer?.what ?? null}
      textbook={answer?.textbook ?? null}
      failed={failed}
      open={open}
      onOpen={setOpen}
      step={whole.grid.step}
      stretch={zoomed ? 'of the stretch zoomed to' : onset ? 'since the onset' : 'of the last five minutes'}
    />
  );
}

export default memo(Proof);
