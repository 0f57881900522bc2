import { SourceError } from './errors.ts';

/**
 * What people paste as an address: with or without scheme, with credentials in it or not.
 * @returns the URL, and the value of the Authorization header its user and password stand for, `null` without
 * @throws SourceError 'unreachable' if it is no http or https address
 */
export function readAddress(text: string): { readonly url: URL; readonly credentials: string | null } {
  // A sentence is shown and copied; what may be a password is not.
  const shown = text.replace(/^(\w+:\/\/)?[^/]*@/, '$1[hidden]@');
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
    throw new SourceError('unreachable', `"${shown}" is no address.`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new SourceError('unreachable', `"${shown}" is no http or https address.`);
  }
  if (url.username === '') return { url, credentials: null };
  try {
    return { url, credentials: basic(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`) };
  } catch {
    throw new SourceError('unreachable', `"${shown}": a percent sign in a name or password is written %25.`);
  }
}

/** RFC 7617, in UTF-8. @param pair `user:password` */
function basic(pair: string): string {
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(pair)))}`;
}
