import { useMemo } from 'react';
import { sayDuration } from '../../core/base/say.ts';
import { useHeaders } from '../../state/preferences.ts';
import type { Session } from '../../state/url/session.ts';
import { labelOf, type SourceRef } from '../../state/url/source-ref.ts';
import { useDiagnosis } from '../../state/use-diagnosis.ts';
import { formatTimeLong } from '../../ui/charts/format.ts';
import { Wall } from '../../ui/diagnosis/wall.tsx';
import { tilesOf } from '../../ui/strip/tiles.ts';
import { useMark, VERDICT_MARK } from '../marks.ts';
import { useOverdue } from '../use-overdue.ts';
import { useAnnounce } from '../use-announce.ts';
import { useTabIcon } from '../use-tab-icon.ts';

/** For a screen on a wall: what is wrong and since when, readable from the other end of the room. Nothing to click. */
export default function WallPage({ session }: { readonly session: Session & { readonly source: SourceRef } }) {
  const { source } = session;
  const diagnosis = useDiagnosis(session, useHeaders(source));
  const { verdict, evidence, targets, failure, readAt } = diagnosis;
  useMark(VERDICT_MARK, verdict !== null);
  const overdue = useOverdue(readAt, diagnosis.every);
  useTabIcon(failure || overdue ? 'unknown' : (verdict?.status ?? null));
  const failed = failure?.error.message ?? null;
  const old = failed ?? (overdue ? 'No newer answer has come back.' : null);
  useAnnounce({ verdict, trouble: failed, at: diagnosis.lookedAt, live: diagnosis.every !== null });
  const tiles = useMemo(
    () => evidence && verdict && tilesOf(evidence, targets, verdict.findings[0]?.since ?? null, verdict.attainment),
    [evidence, targets, verdict],
  );
  return (
    <>
      <title>{old !== null ? `No fresh data · ${labelOf(source)}` : (verdict?.headline ?? 'vLLM Triage')}</title>
      <Wall
        label={labelOf(source).replace(/^https?:\/\//, '')}
        verdict={verdict}
        tiles={tiles ?? []}
        failure={old}
        read={readAt === null ? null : `read ${formatTimeLong(readAt)}`}
        every={diagnosis.every === null ? null : `every ${sayDuration(diagnosis.every)}`}
      />
    </>
  );
}
