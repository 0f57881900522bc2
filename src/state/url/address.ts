import { useCallback, useContext, useMemo, useSyncExternalStore } from 'react';
import { format } from './format.ts';
import { parse } from './parse.ts';
import { type Place, PlaceContext } from './place.ts';
import { DEFAULT_SESSION, type Notice, type Session } from './session.ts';

/** The one way back: a change of some fields of the session. `replace` leaves no step for the back button, for scrubbing. */
export type Navigate = (patch: Partial<Session>, how?: { readonly replace?: boolean }) => void;

const listeners = new Set<() => void>();
// Browsers refuse more than some hundred history calls in a few seconds. What was asked for then lives here until the next one is let through.
let refused: string | null = null;

const ADDRESS_BAR: Place = {
  read: () => refused ?? window.location.search + window.location.hash,
  write(search, how) {
    const address = `${window.location.pathname}${search}`;
    try {
      if (how.replace) window.history.replaceState(null, '', address);
      else window.history.pushState(null, '', address);
      refused = null;
    } catch {
      refused = search;
    }
    for (const listener of listeners) listener();
  },
  subscribe(listener) {
    listeners.add(listener);
    const moved = () => {
      refused = null;
      listener();
    };
    window.addEventListener('popstate', moved);
    window.addEventListener('hashchange', moved);
    return () => {
      listeners.delete(listener);
      window.removeEventListener('popstate', moved);
      window.removeEventListener('hashchange', moved);
    };
  },
  page: () => window.location.pathname,
};

function usePlace(): Place {
  return useContext(PlaceContext) ?? ADDRESS_BAR;
}

/** @returns the session the address tells, what of it was not understood, and the way to change it. */
export function useSession(): { session: Session; notices: readonly Notice[]; navigate: Navigate } {
  const place = usePlace();
  const search = useSyncExternalStore(place.subscribe, place.read);
  const { session, notices } = useMemo(() => parse(search), [search]);
  const navigate = useCallback<Navigate>(
    (patch, how = {}) => {
      const next = format({ ...parse(place.read()).session, ...patch });
      if (next !== place.read()) place.write(next, how);
    },
    [place],
  );
  return { session, notices, navigate };
}

/** @returns what a link to another session looks like, for anchors and for copying. */
export function useLink(): (patch: Partial<Session>) => string {
  const { session } = useSession();
  return useCallback((patch) => `${window.location.pathname}${format({ ...session, ...patch })}`, [session]);
}

/** @returns the link from an embedded part to the whole page; `null` where a host did not say where that is. */
export function useLinkOut(patch: Partial<Session>): string | null {
  const place = usePlace();
  const { session } = useSession();
  const page = place.page();
  return page === null ? null : `${page}${format({ ...session, ...patch })}`;
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
