import { CARRIED_ID } from '../sources/snapshot/offline.ts';
import { keepFiles } from './queries.ts';
import { format } from './url/format.ts';
import { parse } from './url/parse.ts';

const NAME = 'snapshot';

/** Whether this page is the offline file: it holds its snapshot itself, and has nobody to ask for anything else. */
export function isOfflinePage(): boolean {
  return document.getElementById(CARRIED_ID) !== null;
}

/** Opens the snapshot the page carries, if it is the offline file; an address that names another source gives way. */
export function openCarried(): void {
  const text = document.getElementById(CARRIED_ID)?.textContent?.trim();
  if (!text) return;
  const source = { kind: 'file', name: keepFiles([new File([text], NAME)]) } as const;
  const { session } = parse(window.location.search + window.location.hash);
  // A file of the viewer's own has no query part: whatever stands there is what this page put there before.
  window.history.replaceState(null, '', `${window.location.pathname}${format({ ...session, source })}`);
}
