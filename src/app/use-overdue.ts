import { useSyncExternalStore } from 'react';

/** Seconds a read may take before what was read before it no longer passes for the present. */
const LEAST = 30;
/** Reads in a row that did not come back. */
const MISSED = 3;

/**
 * Whether what is shown is older than it should be: a read that hangs, a laptop that slept, a tab nobody looked at. An old
 * "healthy" is no news.
 * @param readAt unix seconds of what is shown; `null` for nothing
 * @param every seconds between two reads; `null` where nothing is read again
 */
export function useOverdue(readAt: number | null, every: number | null): boolean {
  return useSyncExternalStore(
    everySecond,
    () => readAt !== null && every !== null && Date.now() / 1000 - readAt > Math.max(LEAST, MISSED * every),
  );
}

function everySecond(look: () => void): () => void {
  const timer = setInterval(look, 1000);
  return () => clearInterval(timer);
}
