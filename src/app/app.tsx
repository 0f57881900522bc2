import { lazy, type ReactNode, Suspense, useLayoutEffect } from 'react';
import { usePaintedTheme, usePreferences } from '../state/preferences.ts';
import { StateProvider } from '../state/provider.tsx';
import { useSession } from '../state/url/address.ts';
import { keyOf } from '../state/url/source-ref.ts';
import { PageBoundary } from './boundary.tsx';
import { EmbedPage } from './pages/embed-page.tsx';
import { IncidentPage } from './pages/incident-page.tsx';
import { StartPage } from './pages/start-page.tsx';

// Opened on purpose, so nobody waits for it who did not ask.
const TunerPage = lazy(() => import('./pages/tuner-page.tsx'));
const WallPage = lazy(() => import('./pages/wall-page.tsx'));
const LoadsPage = lazy(() => import('./pages/loads-page.tsx'));
const TracePage = lazy(() => import('./pages/trace-page.tsx'));

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
  const { session, notices } = useSession();
  const { source, tuner } = session;
  if (tuner !== null)
    return (
      <Suspense>
        <TunerPage session={{ ...session, tuner }} notices={notices} />
      </Suspense>
    );
  if (source === null && session.loads.length > 0)
    return (
      <Suspense>
        <LoadsPage session={session} notices={notices} />
      </Suspense>
    );
  if (session.trace)
    return (
      <Suspense>
        <TracePage session={session} notices={notices} />
      </Suspense>
    );
  // Embedded, it may be named later, by the page around.
  if (session.embed || (source !== null && session.panel !== null)) return <EmbedPage session={session} />;
  if (source === null) return <StartPage session={session} notices={notices} />;
  const opened = { ...session, source };
  if (session.wall)
    return (
      <Suspense>
        <WallPage key={keyOf(source)} session={opened} />
      </Suspense>
    );
  // Another source is another page: nothing of what was seen may be mistaken for it.
  return <IncidentPage key={keyOf(source)} session={opened} notices={notices} />;
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
