import { type ComponentType, lazy, type LazyExoticComponent, useEffect, useState } from 'react';

let open: () => void = () => undefined;
const opened = new Promise<void>((resolve) => (open = resolve));

/** Lets load what does not belong to the first verdict: it is on the screen, or there is none to wait for. */
export function loadTheRest(): void {
  open();
}

/**
 * A component of a script of its own that loads after the first verdict, whether or not it is drawn then: what opens at a click
 * shall open at once, also where the server of the page has gone away meanwhile.
 */
export function later<P>(
  load: () => Promise<{ readonly default: ComponentType<P> }>,
): LazyExoticComponent<ComponentType<P>> {
  const loaded = opened.then(load);
  // Who draws it is told; loaded ahead, nobody is.
  loaded.catch(() => undefined);
  return lazy(() => loaded);
}

/** What a script of its own holds, once it has loaded after the first verdict; `null` before, and where it does not load. */
export function useLater<T extends object>(load: () => Promise<T>): T | null {
  const [loaded, setLoaded] = useState<T | null>(null);
  useEffect(() => {
    let wanted = true;
    opened.then(load).then(
      (module) => wanted && setLoaded(module),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
    // The same script at each drawing.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return loaded;
}
