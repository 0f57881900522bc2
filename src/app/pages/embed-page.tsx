import { lazy, Suspense } from 'react';
import { useHeaders } from '../../state/preferences.ts';
import { useLink } from '../../state/url/address.ts';
import type { Session } from '../../state/url/session.ts';
import { labelOf, type SourceRef } from '../../state/url/source-ref.ts';
import { useDiagnosis } from '../../state/use-diagnosis.ts';
import { useDoctor } from '../../state/use-doctor.ts';
import { EmbedCard } from '../../ui/diagnosis/embed-card.tsx';
import { Loading } from '../../ui/diagnosis/loading.tsx';
import { Outdated } from '../../ui/diagnosis/outdated.tsx';
import { SourceFailing } from '../../ui/diagnosis/source-failing.tsx';
import { DoctorSentence } from '../../ui/doctor/doctor-sentence.tsx';
import { adviceOn, headlineOf, sharpen } from '../advice.ts';
import { PANELS_MARK, markOnce, useMark, VERDICT_MARK } from '../marks.ts';
import { useCopied } from '../use-copied.ts';

const OnePanel = lazy(() => import('./one-panel.tsx'));

const now = () => Date.now() / 1000;

/** In other people's pages: the verdict as a card, or one panel alone. No chrome, nothing but a link out. */
export function EmbedPage({ session }: { readonly session: Session & { readonly source: SourceRef } }) {
  const { source, panel } = session;
  const link = useLink();
  const headers = useHeaders(source);
  const diagnosis = useDiagnosis(session, headers);
  const { copied, copy } = useCopied();
  const { verdict, failure, whole, targets } = diagnosis;
  const doctor = useDoctor(session, headers, failure && `${failure.error.problem} ${failure.since}`);
  useMark(VERDICT_MARK, verdict !== null);
  const label = labelOf(source);
  return (
    <main className={session.embed ? undefined : 'mx-auto max-w-[1100px] p-4 sm:p-8'}>
      <title>{verdict ? `${verdict.headline} · vLLM Triage` : 'vLLM Triage'}</title>
      {failure && (
        <SourceFailing
          label={label}
          headline={headlineOf(failure.error.problem, source, verdict !== null)}
          message={failure.error.message}
          empty={failure.error.problem === 'empty'}
          advice={sharpen(
            adviceOn(failure.error, source, window.location.origin),
            failure.error,
            source,
            window.location.origin,
            doctor?.steps ?? [],
          )}
          doctor={
            <DoctorSentence
              steps={doctor?.steps ?? []}
              running={doctor?.running ?? false}
              link={link({ embed: false, panel: null })}
            />
          }
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
        <Outdated since={failure ? diagnosis.readAt : null} reading={false}>
          {panel === null ? (
            <EmbedCard verdict={verdict} link={link({ embed: false })} copied={copied !== null} onCopy={copy} />
          ) : (
            <Suspense fallback={<p className="p-4 text-ink-3">Drawing</p>}>
              <OnePanel
                id={panel}
                evidence={whole}
                verdict={verdict}
                targets={targets}
                at={session.at}
                replica={session.replica}
                link={link({ embed: false, panel: null })}
                onSettled={() => markOnce(PANELS_MARK)}
              />
            </Suspense>
          )}
        </Outdated>
      ) : (
        !failure && <Loading says={`Reading ${label}`} />
      )}
    </main>
  );
}
