import { useEffect, useRef } from 'react';

export type Keys = Readonly<Record<string, (() => void) | undefined>>;

const FIELDS = 'input:not([type=range]):not([type=button]), textarea, select, [contenteditable=true]';
/** Keys a focused control wants for itself. */
const OWN: Readonly<Record<string, string>> = {
  ' ': 'button, a, summary, [role=menuitemradio], [role=slider]',
  Enter: 'button, a, summary, [role=menuitemradio]',
  ArrowLeft: 'input[type=range], [role=slider], [role=menu], [data-own-arrows]',
  ArrowRight: 'input[type=range], [role=slider], [role=menu], [data-own-arrows]',
};

/**
 * Single keys for the whole page, by `event.key`. Silent while somebody types in a field or an open dialog or menu has the
 * floor; with Ctrl, Alt or ⌘ held the browser keeps its own, except for `mod+k`.
 */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const target = event.target instanceof Element ? event.target : null;
      if ((event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        latest.current['mod+k']?.();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey) return;
      if (target?.closest(FIELDS) || target?.closest('[role=dialog], [role=menu]')) return;
      const own = OWN[event.key];
      if (own !== undefined && target?.closest(own)) return;
      const run = latest.current[event.key];
      if (!run) return;
      event.preventDefault();
      run();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}
