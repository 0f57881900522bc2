import { parse, parseEndpoint } from '../url/parse.ts';
import type { Notice, Session } from '../url/session.ts';
import type { HostRange, HostScope, HostSource } from './protocol.ts';

/** What a host wants shown. */
export interface HostSettings {
  readonly source: HostSource;
  readonly scope?: HostScope | undefined;
  readonly range?: HostRange | undefined;
  readonly profile?: string | undefined;
  readonly theme?: string | undefined;
  readonly show?: 'banner' | 'strip' | { readonly panel: string } | undefined;
}

/**
 * The settings as the query part of a link, so that they are read by the one grammar there is.
 * @param base address of the page whose paths sources may be given as; `null`: they stay as they are
 */
export function searchOf(settings: Partial<HostSettings>, base: string | null): string {
  const { source, scope, range, profile, theme, show } = settings;
  const query = new URLSearchParams({ embed: '1' });
  const put = (name: string, value: string | null | undefined) => {
    if (value !== null && value !== undefined && value !== '') query.append(name, value);
  };
  if (source) putSource(query, source, base);
  put('selector', scope?.selector);
  put('model', scope?.model);
  put('replica', scope?.replica);
  put('from', range?.from);
  put('to', range?.to);
  put('live', range?.live);
  put('profile', profile);
  put('theme', theme);
  put('strip', show === 'strip' ? '1' : null);
  put('panel', typeof show === 'object' ? show.panel : null);
  return `?${query}`;
}

export interface Patch {
  readonly patch: Partial<Session>;
  /** What was not understood, and what is shown instead. */
  readonly notices: readonly Notice[];
}

/** A part of the settings as a change of the session. */
export function patchOf(change: Partial<Pick<HostSettings, 'source' | 'scope' | 'range' | 'theme'>>): Patch {
  const { session, notices } = parse(searchOf(change, null));
  const { source, selector, model, replica, from, to, live, theme } = session;
  return {
    patch: {
      ...(change.source && { source, at: null, zoom: null, finding: null }),
      ...(change.scope && { selector, model, replica }),
      ...(change.range && { from, to, live, at: null, zoom: null }),
      ...(change.theme !== undefined && { theme }),
    },
    notices,
  };
}

function putSource(query: URLSearchParams, source: HostSource, base: string | null): void {
  if (source.prometheus !== undefined) query.append('prometheus', absolute(source.prometheus, base));
  for (const url of source.metrics ?? []) query.append('metrics', absolute(url, base));
}

/** A path is on the server of the page around; in full, so that a link to another server keeps its meaning. */
function absolute(url: string, base: string | null): string {
  const path = parseEndpoint(url);
  return base !== null && path?.startsWith('/') ? new URL(path, base).href : url;
}
