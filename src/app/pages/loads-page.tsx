import { targetsOf } from '../../core/verdict/profiles.ts';
import { useLoads } from '../../state/loads.ts';
import { usePreferences, useSecrets } from '../../state/preferences.ts';
import { freshSession, useSession } from '../../state/url/address.ts';
import { parseEndpoint } from '../../state/url/parse.ts';
import type { Notice, Session } from '../../state/url/session.ts';
import { zoneOffset } from '../../ui/charts/ticks.ts';
import { Button } from '../../ui/controls/button.tsx';
import { ProfileMenu } from '../../ui/controls/profile-menu.tsx';
import { SectionHead } from '../../ui/controls/section.tsx';
import { LoadTests } from '../../ui/loadtest/load-tests.tsx';
import { ReadingLoads } from '../../ui/loadtest/reading.tsx';
import { ConnectForm } from '../../ui/start/connect-form.tsx';
import { FileOffer } from '../../ui/start/file-offer.tsx';
import { ToolPage } from '../tool-page.tsx';
import { useOpenFiles } from '../use-open-files.ts';

/** Load tests alone; a source opened from here keeps them beside it. */
export default function LoadsPage({
  session,
  notices,
}: {
  readonly session: Session;
  readonly notices: readonly Notice[];
}) {
  const { navigate } = useSession();
  const { tests, warnings, reading } = useLoads(session.loads);
  const { recent, remember, forget } = usePreferences();
  const setHeaders = useSecrets((state) => state.setHeaders);
  const targets = targetsOf(session.profile, session.custom);

  const home = () => navigate(freshSession(session, null));
  const open = useOpenFiles(session);

  return (
    <ToolPage
      title="Load tests"
      notices={notices}
      onHome={home}
      actions={
        <>
          <ProfileMenu
            targets={targets}
            onProfile={(profile) => navigate({ profile, custom: {} })}
            onCustom={({ ttft, tbt, e2e }) => navigate({ profile: 'custom', custom: { ttft, tbt, e2e } })}
          />
          <Button onClick={home} className="max-sm:hidden">
            Start page
          </Button>
        </>
      }
      onFiles={open}
      dropSays="Drop it here: more results, or a recording to stand beside them"
      commands={[{ id: 'home', group: 'Page', title: 'Start page', run: home }]}
    >
      <main className="flex flex-col gap-8 px-4 pt-6 pb-10 sm:px-8">
        <h1 className="sr-only">Load tests</h1>
        {reading && <ReadingLoads {...reading} />}
        {tests.length > 0 ? (
          <LoadTests tests={tests} warnings={warnings} targets={targets} evidence={null} zoneOffset={toUtc} />
        ) : (
          warnings.map((says) => (
            <p key={says} role="alert" className="text-[13.5px]">
              {says}
            </p>
          ))
        )}
        <section aria-labelledby="beside" className="max-w-[520px]">
          <SectionHead id="beside" title="Put them beside what is live" />
          <ConnectForm
            check={parseEndpoint}
            recent={recent}
            onConnect={({ url, selector, headers, keep }) => {
              if (Object.keys(headers).length > 0) setHeaders(url, headers, keep);
              remember({ url, selector });
              navigate({ source: { kind: 'prometheus', url }, selector });
            }}
            onForget={forget}
          />
          <div className="mt-4">
            <FileOffer onFiles={open} />
          </div>
        </section>
      </main>
    </ToolPage>
  );
}

/** A clock without a zone is taken for the viewer's. */
function toUtc(at: number): number {
  return -zoneOffset(at);
}
