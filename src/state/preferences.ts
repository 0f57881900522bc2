import { createContext, useContext, useSyncExternalStore } from 'react';
import { create, createStore, type StoreApi, useStore } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';
import type { Theme } from './url/session.ts';
import { endpointOf, type SourceRef } from './url/source-ref.ts';

export interface Endpoint {
  readonly url: string;
  readonly selector: string;
}

interface Preferences {
  readonly theme: Theme;
  /** Newest first. */
  readonly recent: readonly Endpoint[];
  /** Whether a change of the verdict is told by the browser, and by a sound. */
  readonly notify: boolean;
  readonly sound: boolean;
  setTheme(theme: Theme): void;
  setTold(how: { readonly notify?: boolean; readonly sound?: boolean }): void;
  remember(endpoint: Endpoint): void;
  forget(url: string): void;
}

const KEPT = 5;

/** What this viewer likes, kept in this browser. Never headers: they may hold tokens. */
export const usePreferences = create<Preferences>()(
  persist(
    (set) => ({
      theme: 'system',
      recent: [],
      notify: false,
      sound: false,
      setTheme: (theme) => set({ theme }),
      setTold: (how) => set(how),
      remember: (endpoint) =>
        set(({ recent }) => ({ recent: [endpoint, ...recent.filter((r) => r.url !== endpoint.url)].slice(0, KEPT) })),
      forget: (url) => set(({ recent }) => ({ recent: recent.filter((r) => r.url !== url) })),
    }),
    {
      name: 'vllm-triage/preferences',
      version: 1,
      partialize: ({ theme, recent, notify, sound }) => ({ theme, recent, notify, sound }),
      // Read by the app when it starts, so that importing this file touches nothing.
      skipHydration: true,
    },
  ),
);

interface Passing {
  /** Headers per endpoint, gone with the tab. */
  readonly headers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Endpoints whose headers outlive a reload, because the viewer asked for it. */
  readonly kept: readonly string[];
  setHeaders(url: string, headers: Readonly<Record<string, string>>, keep?: boolean): void;
}

/** Kept in memory; those the viewer asked to keep also in the tab's session storage, which ends with it. */
export const useSecrets = create<Passing>()(
  persist(secrets, {
    name: 'vllm-triage/headers',
    version: 1,
    storage: createJSONStorage(() => window.sessionStorage),
    partialize: ({ headers, kept }) => ({
      kept,
      headers: Object.fromEntries(Object.entries(headers).filter(([url]) => kept.includes(url))),
    }),
    skipHydration: true,
  }),
);

function secrets(set: StoreApi<Passing>['setState']): Passing {
  return {
    headers: {},
    kept: [],
    setHeaders: (url, headers, keep = false) =>
      set((state) => ({
        headers: { ...state.headers, [url]: headers },
        kept: [...state.kept.filter((one) => one !== url), ...(keep ? [url] : [])],
      })),
  };
}

/** Those of one mount: what its host gave it is no business of another. `null`: the page's. */
export const SecretsContext = createContext<StoreApi<Passing> | null>(null);

export function createSecrets(): StoreApi<Passing> {
  return createStore<Passing>()(secrets);
}

const NO_HEADERS = {};

/** @returns what is sent to a source beside the question, `{}` for none. */
export function useHeaders(source: SourceRef): Passing['headers'][string] {
  const store = useContext(SecretsContext) ?? useSecrets;
  return useStore(store, (state) => state.headers[endpointOf(source) ?? ''] ?? NO_HEADERS);
}

const DARK = '(prefers-color-scheme: dark)';

/** @returns the theme to paint, `system` resolved and followed while it changes. */
export function usePaintedTheme(wanted: Theme): 'light' | 'dark' {
  const dark = useSyncExternalStore(
    (changed) => {
      const query = window.matchMedia(DARK);
      query.addEventListener('change', changed);
      return () => query.removeEventListener('change', changed);
    },
    () => window.matchMedia(DARK).matches,
  );
  return wanted === 'system' ? (dark ? 'dark' : 'light') : wanted;
}
