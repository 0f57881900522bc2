/** The file beside the page that holds all of it, built by `vite build --mode offline`. */
export const OFFLINE_PAGE = 'offline.html';

/** The element of that file a snapshot is put into; empty in what is built. */
export const CARRIED_ID = 'vllm-triage-snapshot';

/**
 * The offline page with a snapshot in it, which is one file that opens by double click and asks no network for anything.
 * @param template what was built; @param text as `writeSnapshot` gives it: characters that mean nothing in HTML
 * @throws Error where the template has no place for it: then something else answered in its place
 */
export function fillPage(template: string, text: string): string {
  const place = `id="${CARRIED_ID}">`;
  const at = template.indexOf(place);
  if (at < 0) throw new Error('The server of this page does not have the page that opens without a network.');
  return template.slice(0, at + place.length) + text + template.slice(at + place.length);
}
