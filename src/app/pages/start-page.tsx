import { useState } from 'react';
import { usePreferences, useSecrets } from '../../state/preferences.ts';
import { servedSources } from '../../state/served.ts';
import { useTrust } from '../../state/trust.ts';
import { freshSession, useLink, useSession } from '../../state/url/address.ts';
import { parseEndpoint } from '../../state/url/parse.ts';
import type { Notice, Session } from '../../state/url/session.ts';
import { useLibrary } from '../../state/use-library.ts';
import { useWarmReader } from '../../state/use-warm-reader.ts';
import { Button } from '../../ui/controls/button.tsx';
import { Key } from '../../ui/controls/key.tsx';
import { Logo } from '../../ui/controls/logo.tsx';
import { Notices } from '../../ui/controls/notices.tsx';
import { Bar } from '../../ui/controls/source-bar.tsx';
import { ThemeButton } from '../../ui/controls/theme-button.tsx';
import { ConnectForm, type Connection } from '../../ui/start/connect-form.tsx';
import { DropZone } from '../../ui/start/drop-zone.tsx';
import { FileOffer } from '../../ui/start/file-offer.tsx';
import { LibraryList } from '../../ui/start/library-list.tsx';
import { LogForm } from '../../ui/start/log-form.tsx';
import { Offers } from '../../ui/start/offers.tsx';
import { type PastedPages, PasteForm } from '../../ui/start/paste-form.tsx';
import { ScrapeForm } from '../../ui/start/scrape-form.tsx';
import { ServedList } from '../../ui/start/served-list.tsx';
import { useCommands, useTheme } from '../commands.tsx';
import { PageFooter } from '../page-footer.tsx';
import { useKeys } from '../use-keys.ts';
import { useOpenFiles } from '../use-open-files.ts';

/** Written into the page by its server, so it never changes. */
const SERVED = servedSources(document, document.baseURI);

/** Nothing is looked at yet: connect, drop a file, or open an incident from the library. */
export default function StartPage({
  session,
  notices,
}: {
  readonly session: Session;
  readonly notices: readonly Notice[];
}) {
  const { navigate } = useSession();
  const link = useLink();
  const library = useLibrary();
  const rows = library.recordings ?? [];
  const { recent, remember, forget } = usePreferences();
  const setHeaders = useSecrets((state) => state.setHeaders);
  const trust = useTrust((state) => state.trust);
  const { theme, setTheme, turn } = useTheme();
  const { showHelp, showPalette, dialogs } = useCommands();
  const [chosen, setChosen] = useState(0);
  const [closed, setClosed] = useState<readonly Notice[] | null>(null);

  // Whoever opens a recording next does not wait for the script that reads it.
  useWarmReader();

  const sessionOf = (name: string): Session => ({
    ...freshSession(session, { kind: 'recording', name }),
    to: rows.find((row) => row.name === name)?.to ?? null,
  });
  const openRecording = (name: string) => navigate(sessionOf(name));
  const openFiles = useOpenFiles(session);
  const connect = ({ url, selector, headers, keep }: Connection) => {
    if (Object.keys(headers).length > 0) setHeaders(url, headers, keep);
    remember({ url, selector });
    navigate({ ...freshSession(session, { kind: 'prometheus', url }), selector });
  };
  const scrape = (urls: readonly string[]) => {
    const source = { kind: 'metrics' as const, urls };
    trust(source);
    navigate(freshSession(session, source));
  };
  const openPages = ({ earlier, later, seconds }: PastedPages) => {
    const end = Date.now();
    const page = (text: string, ms: number) => new File([`${text}\n`], `page@${new Date(ms).toISOString()}`);
    openFiles([page(earlier, end - seconds * 1000), page(later, end)]);
  };
  const served = SERVED.map(({ name, source }) => ({
    name,
    says: source.kind === 'prometheus' ? 'Prometheus' : '/metrics pages, scraped by this server',
    href: link(freshSession(session, source)),
    onOpen: () => navigate(freshSession(session, source)),
  }));
  const choose = (step: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, chosen + step));
    setChosen(next);
    document.querySelector(`[data-library-row="${rows[next]?.name}"]`)?.scrollIntoView({ block: 'nearest' });
  };

  useKeys({
    '?': showHelp,
    'mod+k': showPalette,
    t: turn,
    j: () => choose(1),
    k: () => choose(-1),
    Enter: () => {
      const row = rows[chosen];
      if (row) openRecording(row.name);
    },
  });

  return (
    <DropZone onFiles={openFiles}>
      <title>vLLM Triage</title>
      <div className="flex min-h-dvh flex-col">
        <header className="flex min-h-[45px] items-center gap-3 border-b border-hairline bg-surface px-4 sm:px-8">
          <Logo href={link({ source: null })} onOpen={() => window.scrollTo({ top: 0 })} />
          <Bar />
          <span className="text-[12.5px] text-ink-2 max-sm:hidden">No source connected</span>
          <span className="ml-auto flex gap-1.5">
            <ThemeButton theme={theme} onTheme={setTheme} />
            <Button onClick={showPalette} aria-label="Commands" className="px-2">
              <Key>⌘K</Key>
            </Button>
          </span>
        </header>
        <Notices notices={closed === notices ? [] : notices} onClose={() => setClosed(notices)} />
        <main className="mx-auto grid w-full max-w-[1400px] gap-x-14 gap-y-10 px-4 pt-8 pb-10 sm:px-8 wide:grid-cols-[420px_minmax(0,1fr)] wide:pt-10">
          <div>
            <h1 className="text-[26px] leading-8 font-[700] tracking-[-0.015em] sm:text-[34px] sm:leading-10">
              Why is vLLM slow?
            </h1>
            <p className="mt-1.5 mb-6 text-[15px] leading-[22px] text-ink-2">
              Point the page at your metrics. It reads, never writes, and the data stays in this browser.
            </p>
            <Offers
              offers={[
                ...(served.length > 0
                  ? [
                      {
                        id: 'served',
                        title: 'This server',
                        says: 'Reads these sources for you; what it needs to ask them stays with it',
                        body: <ServedList rows={served} />,
                        always: true,
                      },
                    ]
                  : []),
                {
                  id: 'prometheus',
                  title: 'Prometheus',
                  says: 'Best: history, all replicas, every query shown',
                  body: <ConnectForm check={parseEndpoint} recent={recent} onConnect={connect} onForget={forget} />,
                },
                {
                  id: 'metrics',
                  title: (
                    <>
                      One server’s <code className="font-mono text-[13px]">/metrics</code>, or several
                    </>
                  ),
                  says: 'Builds history from now on; a first verdict after a few scrapes',
                  body: <ScrapeForm check={parseEndpoint} onScrape={scrape} />,
                },
                {
                  id: 'file',
                  title: 'Recording, log, saved pages, load test or GPU profile',
                  says: 'Told apart by what is in them; several replicas at once',
                  body: <FileOffer onFiles={openFiles} />,
                  always: true,
                },
                {
                  id: 'log',
                  title: 'Server log',
                  says: 'What vLLM printed: flags, pool size, running, waiting',
                  body: <LogForm onLog={(text) => openFiles([new File([text], 'pasted log')])} />,
                },
                {
                  id: 'pages',
                  title: 'Two pasted pages',
                  says: 'One server, read twice',
                  body: <PasteForm onPages={openPages} />,
                },
              ]}
            />
          </div>
          {library.failed === null ? (
            <LibraryList
              rows={rows}
              chosen={chosen}
              linkTo={(name) => link(sessionOf(name))}
              onChoose={setChosen}
              onOpen={openRecording}
            />
          ) : (
            <p role="alert" className="text-[13.5px] text-ink-2">
              The incident library cannot be read: {library.failed}
            </p>
          )}
        </main>
        <PageFooter onHelp={showHelp} />
      </div>
      {dialogs([
        ...rows.map((row) => ({
          id: row.name,
          group: 'Incident library',
          title: `${row.title} (${row.name})`,
          run: () => openRecording(row.name),
        })),
        ...recent.map((one) => ({
          id: one.url,
          group: 'Recent',
          title: one.url,
          run: () => connect({ ...one, headers: {}, keep: false }),
        })),
        { id: 'trace', group: 'Page', title: 'Open a GPU profile', run: () => navigate({ trace: true }) },
        { id: 'tuner', group: 'Page', title: 'Open the tuner', run: () => navigate({ tuner: {} }) },
        { id: 'theme', group: 'Page', title: 'Change theme', key: 't', run: turn },
        { id: 'help', group: 'Page', title: 'Keys', key: '?', run: showHelp },
      ])}
    </DropZone>
  );
}
