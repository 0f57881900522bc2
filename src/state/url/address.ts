import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { format } from './format.ts';
import { parse } from './parse.ts';
import { DEFAULT_SESSION, type Notice, type Session } from './session.ts';

/** The one way back: a change of some fields of the session. `replace` leaves no step for the back button, for scrubbing. */
export type Navigate = (patch: Partial<Session>, how?: { readonly replace?: boolean }) => void;

const listeners = new Set<() => void>();
// Browsers refuse more than some hundred history calls in a few seconds. What was asked for then lives here until the next one is let through.
let refused: string | null = null;

function subscribe(listener: () => void): () => void {
  const moved = () => {
    refused = null;
    listener();
  };
  listeners.add(listener);
  window.addEventListener('popstate', moved);
  window.addEventListener('hashchange', moved);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('popstate', moved);
    window.removeEventListener('hashchange', moved);
  };
}

function read(): string {
  return refused ?? window.location.search + window.location.hash;
}

function navigate(patch: Partial<Session>, how: { readonly replace?: boolean } = {}): void {
  const search = format({ ...parse(read()).session, ...patch });
  if (search === read()) return;
  const address = `${window.location.pathname}${search}`;
  try {
    if (how.replace) window.history.replaceState(null, '', address);
    else window.history.pushState(null, '', address);
    refused = null;
  } catch {
    refused = search;
  }
  for (const listener of listeners) listener();
}

/** @returns the session the address bar tells, what of it was not understood, and the way to change it. */
export function useSession(): { session: Session; notices: readonly Notice[]; navigate: Navigate } {
  const search = useSyncExternalStore(subscribe, read);
  const { session, notices } = useMemo(() => parse(search), [search]);
  return { session, notices, navigate };
}

/** @returns what a link to another session looks like, for anchors and for copying. */
export function useLink(): (patch: Partial<Session>) => string {
  const { session } = useSession();
  return useCallback((patch) => `${window.location.pathname}${format({ ...session, ...patch })}`, [session]);
}

/** What a change of source keeps: how the viewer looks at things, not what was looked at. */
export function freshSession(session: Session, source: Session['source']): Session {
  return {
    ...DEFAULT_SESSION,
    source,
    profile: session.profile,
    custom: session.custom,
    theme: session.theme,
    embed: session.embed,
  };
}
