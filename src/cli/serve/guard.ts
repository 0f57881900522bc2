import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/** What of a request is looked at before anything else. */
export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** Everything below this is data; all else is the page itself, which holds none. */
export const DATA = '/-/';

/**
 * Why a request is refused, `null` if it is not.
 *
 * Host: a foreign name that resolves to this machine (DNS rebinding) makes a browser treat another site's script as one of
 * ours. An address made of digits cannot be rebound, and `localhost` resolves to loopback; any other name has to be allowed.
 * Origin and Sec-Fetch-Site: another site's script may send requests here though it cannot read the answers; they would still
 * cost the source its queries.
 */
export function refusalOf({ path, headers }: Asked, allowedHosts: readonly string[]): string | null {
  const { host } = headers;
  const name = host === undefined ? null : hostnameOf(host);
  if (name === null) return 'the Host header is missing or none';
  if (!isAllowed(name, allowedHosts)) return `the name ${name} is not allowed; --allowed-host ${name} would allow it`;
  if (!path.startsWith(DATA)) return null;
  const { origin } = headers;
  if (origin !== undefined && hostOf(origin) !== host) return `it comes from a page of ${origin}`;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'it comes from a page of another site';
  return null;
}

function isAllowed(name: string, allowed: readonly string[]): boolean {
  const bare = name.replace(/^\[|\]$/g, '');
  return isIP(bare) !== 0 || name === 'localhost' || name.endsWith('.localhost') || allowed.includes(name);
}

/** The name in `name:port`, lower case; `null` if it is none. */
function hostnameOf(host: string): string | null {
  if (!/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`http://${host}`)) return null;
  return new URL(`http://${host}`).hostname;
}

/** `host:port` of an origin as a browser writes it, without the port where the scheme implies it; `null` for `null` and the like. */
function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
