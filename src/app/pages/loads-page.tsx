import { useState } from 'react';
import { targetsOf } from '../../core/verdict/profiles.ts';
import { keepLoads, splitLoads, useLoads } from '../../state/loads.ts';
import { usePreferences, useSecrets } from '../../state/preferences.ts';
import { keepFiles } from '../../state/queries.ts';
import { freshSession, useSession } from '../../state/url/address.ts';
import { parseEndpoint } from '../../state/url/parse.ts';
import type { Notice, Session } from '../../state/url/session.ts';
import { zoneOffset } from '../../ui/charts/ticks.ts';
import { Button } from '../../ui/controls/button.tsx';
import { Footer } from '../../ui/controls/footer.tsx';
import { Key } from '../../ui/controls/key.tsx';
import { Logo } from '../../ui/controls/logo.tsx';
import { Notices } from '../../ui/controls/notices.tsx';
import { ProfileMenu } from '../../ui/controls/profile-menu.tsx';
import { SectionHead } from '../../ui/controls/section.tsx';
import { Bar } from '../../ui/controls/source-bar.tsx';
import { ThemeButton } from '../../ui/controls/theme-button.tsx';
import { LoadTests } from '../../ui/loadtest/load-tests.tsx';
import { ReadingLoads } from '../../ui/loadtest/reading.tsx';
import { ConnectForm } from '../../ui/start/connect-form.tsx';
import { DropZone } from '../../ui/start/drop-zone.tsx';
import { FileOffer } from '../../ui/start/file-offer.tsx';
import { useCommands, useTheme } from '../commands.tsx';
import { useKeys } from '../use-keys.ts';
import { VERSION } from '../version.ts';

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
  const { theme, setTheme, turn } = useTheme();
  const { showHelp, showPalette, dialogs } = useCommands();
  const [closed, setClosed] = useState<readonly Notice[] | null>(null);
  const targets = targetsOf(session.profile, session.custom);
  useKeys({ '?': showHelp, 'mod+k': showPalette, t: turn });

  const home = () => navigate(freshSession(session, null));
  const open = async (files: readonly File[]) => {
    const { loads, others } = await splitLoads(files);
    const names = [...new Set([...session.loads, ...keepLoads(loads)])];
    navigate({ loads: names, ...(others.length > 0 ? { source: { kind: 'file', name: keepFiles(others) } } : {}) });
  };

  return (
    <DropZone
      onFiles={(files) => void open(files)}
      says="Drop it here: more results, or a recording to stand beside them"
    >
      <title>Load tests · vLLM Triage</title>
      <div className="flex min-h-dvh flex-col">
        <header className="flex min-h-[45px] items-center gap-3 border-b border-hairline bg-surface px-4 sm:px-8">
          <Logo href="?" onOpen={home} />
          <Bar />
          <span className="text-[12.5px] font-[560] text-ink max-sm:hidden">Load tests</span>
          <span className="ml-auto flex items-center gap-1.5">
            <ProfileMenu
              targets={targets}
              onProfile={(profile) => navigate({ profile, custom: {} })}
              onCustom={({ ttft, tbt, e2e }) => navigate({ profile: 'custom', custom: { ttft, tbt, e2e } })}
            />
            <Button onClick={home} className="max-sm:hidden">
              Start page
            </Button>
            <ThemeButton theme={theme} onTheme={setTheme} />
            <Button onClick={showPalette} aria-label="Commands" className="px-2 max-sm:hidden">
              <Key>⌘K</Key>
            </Button>
          </span>
        </header>
        <Notices notices={closed === notices ? [] : notices} onClose={() => setClosed(notices)} />
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
              onConnect={({ url, selector, headers }) => {
                if (Object.keys(headers).length > 0) setHeaders(url, headers);
                remember({ url, selector });
                navigate({ source: { kind: 'prometheus', url }, selector });
              }}
              onForget={forget}
            />
            <div className="mt-4">
              <FileOffer onFiles={(files) => void open(files)} />
            </div>
          </section>
        </main>
        <Footer
          version={VERSION}
          says="Nothing is sent anywhere"
          onHelp={showHelp}
          hints={[
            { keys: ['⌘K'], does: 'commands' },
            { keys: ['t'], does: 'theme' },
          ]}
        />
      </div>
      {dialogs([
        { id: 'home', group: 'Page', title: 'Start page', run: home },
        { id: 'theme', group: 'Page', title: 'Change theme', key: 't', run: turn },
        { id: 'help', group: 'Page', title: 'Keys', key: '?', run: showHelp },
      ])}
    </DropZone>
  );
}

/** A clock without a zone is taken for the viewer's. */
function toUtc(at: number): number {
  return -zoneOffset(at);
}
