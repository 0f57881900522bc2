import { SourceError } from './errors.ts';

/**
 * What people paste as an address: with or without scheme, with credentials in it or not.
 * @returns the URL, and the value of the Authorization header its user and password stand for, `null` without
 * @throws SourceError 'unreachable' if it is no http or https address
 */
export function readAddress(text: string): { readonly url: URL; readonly credentials: string | null } {
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
    throw new SourceError('unreachable', `"${text}" is no address.`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new SourceError('unreachable', `"${text}" is no http or https address.`);
  }
  const credentials = url.username
    ? `Basic ${btoa(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`)}`
    : null;
  return { url, credentials };
}
