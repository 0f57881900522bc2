import { useSyncExternalStore } from 'react';

/** A phone: one panel across, rows folded. */
const NARROW = '(max-width: 699px)';
/**
 * Milliseconds a new width must hold. Printing and full-page captures shrink the window for a moment, and folding then would
 * throw away every chart of three rows just to draw them again.
 */
const SETTLE_MS = 300;

const query = globalThis.matchMedia?.(NARROW);
let settled = query?.matches ?? false;

const subscribe = (listener: () => void): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      settled = query?.matches ?? false;
      listener();
    }, SETTLE_MS);
  };
  query?.addEventListener('change', changed);
  return () => {
    clearTimeout(timer);
    query?.removeEventListener('change', changed);
  };
};

/** Whether the window is, and stays, as narrow as a phone; `false` where nobody can tell. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => settled,
    () => false,
  );
}
