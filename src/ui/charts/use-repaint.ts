import { type RefObject, useEffect, useState } from 'react';

/** A number that changes whenever a canvas has to be painted again for its surroundings' sake: another theme, another density of pixels. */
export function useRepaint(canvas: RefObject<HTMLCanvasElement | null>): number {
  const [round, setRound] = useState(0);
  useEffect(() => {
    const again = (): void => setRound((now) => now + 1);
    const themed = canvas.current?.closest('[data-theme]');
    const observer = new MutationObserver(again);
    if (themed) observer.observe(themed, { attributes: true, attributeFilter: ['data-theme'] });
    return () => observer.disconnect();
  }, [canvas]);
  useEffect(() => {
    if (typeof window.matchMedia !== 'function') return;
    const query = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    const again = (): void => setRound((now) => now + 1);
    query.addEventListener('change', again);
    return () => query.removeEventListener('change', again);
    // Another density is another query.
  }, [round]);
  return round;
}
