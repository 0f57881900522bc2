import { useSyncExternalStore } from 'react';

/** A phone: one panel across, rows folded. */
const NARROW = '(max-width: 699px)';

const subscribe = (listener: () => void): (() => void) => {
  const query = globalThis.matchMedia?.(NARROW);
  query?.addEventListener('change', listener);
  return () => query?.removeEventListener('change', listener);
};

/** Whether the window is as narrow as a phone; `false` where nobody can tell. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => globalThis.matchMedia?.(NARROW).matches ?? false,
    () => false,
  );
}
