import { type ComponentType, createElement, lazy, useEffect, useState } from 'react';

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
export function later<P extends object>(load: Load<P>): ComponentType<P> {
  let ahead: ReturnType<Load<P>> | null = opened.then(load);
  // Who draws it is told; loaded ahead, nobody is.
  ahead.catch(() => {
    ahead = null;
  });
  return lazily(() => ahead ?? load());
}

type Load<P> = () => Promise<{ readonly default: ComponentType<P> }>;

/** Parts whose script did not load, each with what makes it load anew. */
const failed = new Set<() => void>();

/** Lets parts whose script did not load try once more when they are drawn again. */
export function tryFailedAgain(): void {
  for (const renew of failed) renew();
  failed.clear();
}

/** A component of a script of its own, as React's `lazy`, which by itself would never load again what failed once. */
export function lazily<P extends object>(load: Load<P>): ComponentType<P> {
  const make = () =>
    lazy<ComponentType<P>>(() =>
      load().catch((error: unknown) => {
        // Not at once: what is drawn would ask on and on while there is no network.
        failed.add(() => {
          part = make();
        });
        throw error;
      }),
    );
  let part = make();
  return function Lazily(props: P) {
    return createElement<P>(part as ComponentType<P>, props);
  };
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
