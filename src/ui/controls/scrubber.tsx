import { Pause, Play } from 'lucide-react';
import { type Grid, timeAt } from '../../core/base/grid.ts';
import { formatTime } from '../charts/format.ts';
import type { Onset } from '../charts/onset.ts';
import { Button, TextButton } from './button.tsx';
import { Key } from './key.tsx';
import { Moment } from './moment.tsx';

/** Walks through the recorded time; the page judges again at each stop, knowing only what was known then. */
export function Scrubber({
  grid,
  at,
  onset,
  playing,
  onPlay,
  onAt,
}: {
  readonly grid: Grid;
  /** Unix seconds; the end of the grid for "now". */
  readonly at: number;
  readonly onset: Onset | null;
  readonly playing: boolean;
  readonly onPlay: () => void;
  readonly onAt: (at: number | null) => void;
}) {
  const index = Math.round((at - grid.from) / grid.step);
  const last = grid.count - 1;
  const share = (time: number): string =>
    `${Math.min(100, Math.max(0, ((time - grid.from) / Math.max(1, last * grid.step)) * 100))}%`;
  return (
    <section
      aria-label="Replay"
      className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-hairline bg-surface px-4 py-1.5 text-[12.5px] sm:px-8"
    >
      <Button look="bare" onClick={onPlay} aria-label={playing ? 'Pause' : 'Play on'} className="px-1.5">
        {playing ? <Pause size={13} aria-hidden="true" /> : <Play size={13} aria-hidden="true" />}
        <Key>␣</Key>
      </Button>
      <div className="relative min-w-[160px] flex-1">
        {onset && (
          <span
            aria-hidden="true"
            className="absolute inset-y-0 rounded-sm bg-fill"
            style={{ left: share(onset.from), width: `max(3px, calc(${share(onset.to)} - ${share(onset.from)}))` }}
          />
        )}
        <input
          type="range"
          aria-label="Judged at"
          aria-valuetext={formatTime(at)}
          min={0}
          max={last}
          value={index}
          onChange={(event) => {
            const next = Number(event.target.value);
            onAt(next >= last ? null : timeAt(grid, next));
          }}
          className="relative block h-6 w-full accent-[var(--accent)]"
        />
      </div>
      <span className="text-ink-3">
        judged at <Moment at={at} className="font-[620] text-ink" />
        {' · '}
        <TextButton onClick={() => onAt(null)}>to the end</TextButton>
      </span>
    </section>
  );
}
