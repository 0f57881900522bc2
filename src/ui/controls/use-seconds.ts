import { useEffect, useState } from 'react';

/** Ages on screen move on by themselves, once a second. @returns unix seconds */
export function useSeconds(now: () => number): number {
  const [clock, setClock] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setClock(now()), 1000);
    return () => clearInterval(timer);
  }, [now]);
  return clock;
}
