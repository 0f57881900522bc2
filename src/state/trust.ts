import { create } from 'zustand';
import { usePreferences, useSecrets } from './preferences.ts';
import { servedSources } from './served.ts';
import { endpointOf, type SourceRef } from './url/source-ref.ts';

interface Trust {
  readonly hosts: readonly string[];
  /** The viewer, or a page that may speak to this frame, has chosen it. */
  trust(source: SourceRef): void;
}

/** Hosts that were chosen here, other than by opening an address. Gone with the tab. */
export const useTrust = create<Trust>()((set) => ({
  hosts: [],
  trust: (source) => set(({ hosts }) => ({ hosts: [...hosts, ...hostsOf(endpointOf(source))] })),
}));

/** Written into the page by its server, so it never changes. */
const RELAYS = typeof document !== 'undefined' && servedSources(document, document.baseURI).length > 0;

/**
 * Hosts an address wants read that nobody has chosen here, where there is something to lose: headers in this tab, or sources of the
 * server of this page. Nothing would be sent along in either case; but what such a host shows would stand where the trusted verdict
 * stands. Without anything to lose a link opens at once.
 */
export function useStrangeHosts(source: SourceRef | null): readonly string[] {
  const { headers } = useSecrets();
  const recent = usePreferences((state) => state.recent);
  const chosen = useTrust((state) => state.hosts);
  return strangeHosts(source && endpointOf(source), {
    own: window.location.host,
    relays: RELAYS,
    keys: Object.keys(headers),
    known: [...recent.flatMap(({ url }) => hostsOf(url)), ...chosen],
  });
}

export interface Known {
  /** Host of the page. */
  readonly own: string;
  /** Whether its server reads sources for it. */
  readonly relays: boolean;
  /** Endpoints there are headers for. */
  readonly keys: readonly string[];
  /** Hosts that were chosen. */
  readonly known: readonly string[];
}

/** @param endpoint addresses by commas; `null` for a source that is asked nothing over the network */
export function strangeHosts(endpoint: string | null, { own, relays, keys, known }: Known): readonly string[] {
  if (!relays && keys.length === 0) return [];
  const familiar = new Set([own, ...keys.flatMap(hostsOf), ...known]);
  return hostsOf(endpoint).filter((host) => !familiar.has(host));
}

/** Hosts of an endpoint, each once; a path is on the server of the page and has none. */
function hostsOf(endpoint: string | null): string[] {
  const hosts = (endpoint ?? '').split(',').flatMap((url) => (URL.canParse(url) ? [new URL(url).host] : []));
  return [...new Set(hosts)];
}
