import { type ComponentProps, memo, useEffect, useMemo, useState } from 'react';
import { endOf } from '../../core/base/grid.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { DETECTORS } from '../../core/detectors/index.ts';
import { eventsOf } from '../../core/panels/events.ts';
import type { Targets } from '../../core/verdict/profiles.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { useChanged } from '../../state/use-changed.ts';
import { useHistory } from '../../state/use-history.ts';
import { WhatChangedSection } from '../../ui/changed/changed.tsx';
import { CursorProvider, TimeCursor } from '../../ui/charts/cursor.ts';
import { onsetOf } from '../../ui/charts/onset.ts';
import { TextbookRules } from '../../ui/diagnosis/textbook.tsx';
import { EvidenceLedger } from '../../ui/evidence/ledger.tsx';
import { PanelRows } from '../../ui/panels/panel-rows.tsx';
import { Replicas } from '../../ui/replicas/replicas.tsx';
import { Timeline } from '../../ui/timeline/timeline.tsx';
import { PartBoundary } from '../boundary.tsx';
import { IncidentNote } from '../incident-note.tsx';

/** What each rule cannot decide without, for the ledger. */
const NEEDS = DETECTORS.flatMap(({ id, title, needs }) => needs.map((signal) => ({ signal, pathology: id, title })));

/** All that is drawn follows from this; it comes as one, so that a refresh can be drawn after the verdict and in pieces. */
export interface Seen {
  /** What the charts draw: the range, or the stretch zoomed to. */
  readonly evidence: Evidence;
  readonly whole: Evidence;
  readonly verdict: Verdict;
  readonly targets: Targets;
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

/** Below the verdict: timeline, charts, replicas, rules, evidence. Loaded after it, since charts weigh more than everything else. */
function Proof({ seen, onAt, onZoom, onReplica, linkTo, onSettled }: ProofProps) {
  const { evidence, whole, verdict, targets, since, at, replicas, stored } = seen;
  const [cursor] = useState(() => new TimeCursor());
  useEffect(() => cursor.stand(at), [cursor, at]);
  const onset = useMemo(() => onsetOf(verdict, since), [verdict, since]);
  const events = useMemo(() => eventsOf(whole, replicas), [whole, replicas]);
  return (
    <CursorProvider value={cursor}>
      <div className="relative flex flex-col gap-9 overflow-x-clip px-4 py-6 sm:px-8">
        {!stored && (
          <PartBoundary name="The timeline">
            <TimelineWithHistory
              whole={whole}
              targets={targets}
              verdict={verdict}
              grid={whole.grid}
              at={at}
              onScrub={onAt}
              events={events}
            />
          </PartBoundary>
        )}
        {!stored && (
          <PartBoundary name="What changed">
            <ChangedBesideVerdict whole={whole} evidence={evidence} since={since} />
          </PartBoundary>
        )}
        <PartBoundary name="The charts">
          <PanelRows
            evidence={evidence}
            verdict={verdict}
            targets={targets}
            since={since}
            at={at}
            replicas={replicas}
            onSelectRange={onZoom}
            linkTo={linkTo}
            reduced={stored}
            onSettled={onSettled}
          />
        </PartBoundary>
        {!stored && (
          <>
            <PartBoundary name="Replicas">
              <Replicas
                evidence={evidence}
                targets={targets}
                onset={onset}
                at={at}
                scoped={replicas}
                onScope={onReplica}
                signal={verdict.findings[0]?.pathology === 'load-imbalance' ? 'running' : 'kv-cache-usage'}
              />
            </PartBoundary>
            <TextbookRules results={verdict.textbook} titleOf={titleOf} />
            <PartBoundary name="Evidence">
              <EvidenceLedger evidence={whole} needs={NEEDS} />
            </PartBoundary>
          </>
        )}
      </div>
    </CursorProvider>
  );
}

/** On its own, so that each moment judged draws the timeline again and not the charts. */
function TimelineWithHistory({
  whole,
  targets,
  ...timeline
}: ComponentProps<typeof Timeline> & Pick<Seen, 'whole' | 'targets'>) {
  const told = useHistory(whole, targets);
  return (
    <>
      <Timeline {...timeline} told={told} />
      <IncidentNote whole={whole} targets={targets} verdict={timeline.verdict} told={told} />
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

function titleOf(pathology: string): string {
  return DETECTORS.find((detector) => detector.id === pathology)?.title ?? pathology;
}

export default memo(Proof);
