import { useEffect, useRef, useState } from 'react';
import { endOf, type Grid, timeAt } from '../core/base/grid.ts';

/** Milliseconds between two stops. Browsers take about this many changes of the address; a reader takes no more verdicts. */
const PACE_MS = 350;
/** Seconds the rates need before there is anything to judge. */
const FIRST = 60;

/** Plays the recorded time from where it stands; at the end it starts over. */
export function useReplay(
  grid: Grid | null,
  at: number | null,
  onAt: (at: number | null) => void,
): { readonly playing: boolean; readonly toggle: () => void } {
  const [playing, setPlaying] = useState(false);
  const latest = useRef({ grid, at, onAt });
  useEffect(() => {
    latest.current = { grid, at, onAt };
  });
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => {
      const { grid, at, onAt } = latest.current;
      if (!grid || at === null) return setPlaying(false);
      const next = at + grid.step;
      if (next >= endOf(grid)) {
        onAt(null);
        setPlaying(false);
      } else onAt(next);
    }, PACE_MS);
    return () => clearInterval(timer);
  }, [playing]);
  const toggle = () => {
    if (!playing && grid && at === null) onAt(timeAt(grid, Math.min(grid.count - 1, Math.ceil(FIRST / grid.step))));
    setPlaying(!playing);
  };
  return { playing, toggle };
}
