import { type ReactNode, Suspense, useEffect, useLayoutEffect } from 'react';
import { usePaintedTheme, usePreferences } from '../state/preferences.ts';
import { StateProvider } from '../state/provider.tsx';
import { useStrangeHosts, useTrust } from '../state/trust.ts';
import { freshSession, useSession } from '../state/url/address.ts';
import type { Notice, Session } from '../state/url/session.ts';
import { keyOf } from '../state/url/source-ref.ts';
import { lazily, loadTheRest } from '../ui/controls/later.ts';
import { PageBoundary } from './boundary.tsx';
import { IncidentPage } from './pages/incident-page.tsx';

// A verdict waits for no other page than its own.
const StartPage = lazily(() => import('./pages/start-page.tsx'));
const EmbedPage = lazily(() => import('./pages/embed-page.tsx'));
const TunerPage = lazily(() => import('./pages/tuner-page.tsx'));
const AskSource = lazily(async () => ({ default: (await import('../ui/start/ask-source.tsx')).AskSource }));
const WallPage = lazily(() => import('./pages/wall-page.tsx'));
const LoadsPage = lazily(() => import('./pages/loads-page.tsx'));
const TracePage = lazily(() => import('./pages/trace-page.tsx'));

/** Where state meets ui. The address decides the page. */
export function App() {
  return (
    <StateProvider>
      <Theme>
        <PageBoundary>
          <Page />
        </PageBoundary>
      </Theme>
    </StateProvider>
  );
}

function Page() {
  const { session, notices, navigate } = useSession();
  const { source, tuner } = session;
  const strange = useStrangeHosts(source);
  const trust = useTrust((state) => state.trust);
  const aside = tuner !== null || session.trace || session.wall || session.embed || session.panel !== null;
  const waits = source !== null && !aside;
  useEffect(() => {
    // An incident lets it load with its verdict.
    if (!waits) loadTheRest();
  }, [waits]);
  // Before any page, since each of them would begin to read.
  if (source !== null && strange.length > 0)
    return (
      <Suspense>
        <AskSource
          hosts={strange}
          onRead={() => trust(source)}
          onLeave={() => navigate(freshSession(session, null), { replace: true })}
        />
      </Suspense>
    );
  // Another source is another page: nothing of what was seen may be mistaken for it.
  if (source !== null && !aside)
    return <IncidentPage key={keyOf(source)} session={{ ...session, source }} notices={notices} />;
  return <Suspense>{asideOf(session, notices)}</Suspense>;
}

/** Every page but that of an incident, each a script of its own. */
function asideOf(session: Session, notices: readonly Notice[]): ReactNode {
  const { source, tuner } = session;
  if (tuner !== null) return <TunerPage session={{ ...session, tuner }} notices={notices} />;
  if (source === null && session.loads.length > 0) return <LoadsPage session={session} notices={notices} />;
  if (session.trace) return <TracePage session={session} notices={notices} />;
  // Embedded, it may be named later, by the page around.
  if (session.embed || (source !== null && session.panel !== null)) return <EmbedPage session={session} />;
  if (source === null) return <StartPage session={session} notices={notices} />;
  return <WallPage key={keyOf(source)} session={{ ...session, source }} />;
}

function Theme({ children }: { readonly children: ReactNode }) {
  const { session } = useSession();
  const preferred = usePreferences((state) => state.theme);
  const painted = usePaintedTheme(session.theme ?? preferred);
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = painted;
  }, [painted]);
  return children;
}
