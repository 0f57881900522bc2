import { Suspense, useEffect, useMemo, useRef } from 'react';
import { toJson } from '../../core/verdict/format.ts';
import type { Tell } from '../../state/embed/protocol.ts';
import { withoutSecrets } from '../../sources/secrets.ts';
import { useHeaders } from '../../state/preferences.ts';
import { useLinkOut, useSession } from '../../state/url/address.ts';
import type { Session } from '../../state/url/session.ts';
import { labelOf, type SourceRef } from '../../state/url/source-ref.ts';
import { type Diagnosis, useDiagnosis } from '../../state/use-diagnosis.ts';
import { useDoctor } from '../../state/use-doctor.ts';
import { lazily, loadTheRest } from '../../ui/controls/later.ts';
import { EmbedCard } from '../../ui/diagnosis/embed-card.tsx';
import { Loading } from '../../ui/diagnosis/loading.tsx';
import { Outdated } from '../../ui/diagnosis/outdated.tsx';
import { SourceFailing } from '../../ui/diagnosis/source-failing.tsx';
import { DoctorSentence } from '../../ui/doctor/doctor-sentence.tsx';
import { tilesOf } from '../../ui/strip/tiles.ts';
import { adviceOn, headlineOf, sharpen } from '../advice.ts';
import { PANELS_MARK, markOnce, useMark, VERDICT_MARK } from '../marks.ts';
import { useCopied } from '../use-copied.ts';
import { useOverdue } from '../use-overdue.ts';
import { VERSION } from '../version.ts';

const OnePanel = lazily(() => import('./one-panel.tsx'));

const now = () => Date.now() / 1000;

/** Seconds between two announcements of a refused token: a host that only has bad ones shall not turn in a circle. */
const REFUSALS_APART = 5;

/** The part of a page that stands in other people's: the verdict as a card, or one panel. The same in a frame and in a mount. */
export function Embedded({
  session,
  tell,
  titled,
}: {
  readonly session: Session & { readonly source: SourceRef };
  readonly tell: Tell;
  /** The page is this part alone and takes its title from it. */
  readonly titled: boolean;
}) {
  const { source, panel } = session;
  const out = useLinkOut({ embed: false, strip: false, panel: null });
  const headers = useHeaders(source);
  const diagnosis = useDiagnosis(session, headers);
  const { copied, copy } = useCopied();
  const { verdict, failure, whole, evidence, targets } = diagnosis;
  const overdue = useOverdue(diagnosis.readAt, diagnosis.every);
  const doctor = useDoctor(session, headers, failure && `${failure.error.problem} ${failure.since}`);
  useMark(VERDICT_MARK, verdict !== null);
  useEffect(() => {
    if (verdict !== null || failure !== null) loadTheRest();
  }, [verdict, failure]);
  useTelling(diagnosis, source, headers, tell);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    const observer = new ResizeObserver(() => tell({ type: 'resize', height: Math.ceil(element.offsetHeight) }));
    observer.observe(element);
    return () => observer.disconnect();
  }, [tell]);
  const tiles = useMemo(
    () =>
      session.strip && evidence && verdict
        ? tilesOf(
            evidence,
            targets,
            verdict.findings[0]?.since ?? null,
            verdict.attainment,
            session.replica === null ? undefined : [session.replica],
          )
        : [],
    [session.strip, session.replica, evidence, verdict, targets],
  );
  const label = labelOf(source);
  return (
    <div ref={root} className="flow-root">
      {titled && <title>{verdict ? `${verdict.headline} · vLLM Triage` : 'vLLM Triage'}</title>}
      {failure && (
        <SourceFailing
          label={label}
          headline={headlineOf(failure.error.problem, source, verdict !== null)}
          message={withoutSecrets(failure.error.message, headers)}
          empty={failure.error.problem === 'empty'}
          advice={sharpen(
            adviceOn(failure.error, source, window.location.origin),
            failure.error,
            source,
            window.location.origin,
            doctor?.steps ?? [],
          )}
          doctor={<DoctorSentence steps={doctor?.steps ?? []} running={doctor?.running ?? false} link={out} />}
          since={failure.since}
          now={now}
          nextTry={failure.nextTry}
          trying={diagnosis.fetching}
          last={null}
          copied={copied !== null}
          onCopy={copy}
          onTry={diagnosis.readAgain}
        />
      )}
      {verdict && whole ? (
        <Outdated since={failure || overdue ? diagnosis.readAt : null} reading={diagnosis.behind && !failure}>
          {panel === null ? (
            <EmbedCard verdict={verdict} tiles={tiles} link={out} copied={copied !== null} onCopy={copy} />
          ) : (
            <Suspense fallback={<p className="p-4 text-ink-3">Drawing</p>}>
              <OnePanel
                id={panel}
                evidence={whole}
                verdict={verdict}
                targets={targets}
                replica={session.replica}
                link={out}
                onSettled={() => markOnce(PANELS_MARK)}
              />
            </Suspense>
          )}
        </Outdated>
      ) : (
        !failure && <Loading says={`Reading ${label}`} />
      )}
    </div>
  );
}

/** Tells the host each new verdict, each new trouble, and what of its settings was not understood. */
function useTelling(
  { verdict, failure }: Diagnosis,
  source: SourceRef,
  headers: Readonly<Record<string, string>>,
  tell: Tell,
): void {
  const { notices } = useSession();
  useEffect(() => {
    if (verdict === null) return;
    const warnings = verdict.warnings.map((warning) => withoutSecrets(warning, headers));
    tell({ type: 'verdict', verdict: toJson({ ...verdict, warnings }, VERSION) });
  }, [verdict, headers, tell]);
  const refusedAt = useRef(-Infinity);
  const problem = failure?.error.problem ?? null;
  const says = failure ? withoutSecrets(failure.error.message, headers) : '';
  useEffect(() => {
    if (problem === null) return;
    tell({ type: 'error', problem, says });
    if (problem !== 'unauthorized' || !('Authorization' in headers)) return;
    const timer = setTimeout(
      () => {
        refusedAt.current = now();
        tell({ type: 'token-expiring', source: labelOf(source), expires: null });
      },
      Math.max(0, refusedAt.current + REFUSALS_APART - now()) * 1000,
    );
    return () => clearTimeout(timer);
  }, [problem, says, source, headers, tell]);
  useEffect(() => {
    for (const { says } of notices) tell({ type: 'error', problem: 'bad-value', says });
  }, [notices, tell]);
}
