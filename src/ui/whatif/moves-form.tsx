import { Slider } from 'radix-ui';
import type { Ground } from '../../core/whatif/ground.ts';
import { MOVES, type Moves } from '../../core/whatif/moves.ts';
import { TextButton } from '../controls/button.tsx';
import { ladderOf, movedTo } from './ladder.ts';
import { sayStop } from './words.ts';

const FROM = { told: 'told', 'read-off': 'read off the window', assumed: 'assumed' } as const;

/** A slider for each setting, from what it is today. */
export function MovesForm({
  ground,
  moves,
  onMoves,
}: {
  readonly ground: Ground;
  readonly moves: Moves;
  readonly onMoves: (moves: Moves) => void;
}) {
  return (
    <ul className="grid gap-x-8 gap-y-3 sm:grid-cols-2 wide:grid-cols-1">
      {MOVES.map(({ id, title }) => {
        const ladder = ladderOf(ground, id, moves);
        const { stops, today, chosen } = ladder;
        const at = stops.indexOf(chosen);
        const moved = chosen !== today;
        return (
          <li key={id} data-move={id} className="text-[12.5px] leading-[18px]">
            <div className="flex items-baseline justify-between gap-3">
              <span className="min-w-0 text-ink-2">{title}</span>
              <span className="shrink-0 text-right">
                {moved && <span className="text-ink-3">{sayStop(id, today)} → </span>}
                <b className="font-[620] text-ink">{sayStop(id, chosen)}</b>
                {!moved && <span className="text-ink-3"> {knownFrom(ground, id)}</span>}
                {moved && (
                  <TextButton
                    className="ml-2 text-[11.8px]"
                    aria-label={`${title}: back to today`}
                    onClick={() => onMoves(movedTo(moves, id, ladder, today))}
                  >
                    undo
                  </TextButton>
                )}
              </span>
            </div>
            <Slider.Root
              min={0}
              max={stops.length - 1}
              step={1}
              value={[at]}
              onValueChange={([next]) => onMoves(movedTo(moves, id, ladder, stops[next ?? at] ?? null))}
              className="relative flex h-6 touch-none items-center select-none"
            >
              <Slider.Track className="relative h-[3px] grow rounded-full bg-strong">
                <Slider.Range
                  className={moved ? 'absolute h-full rounded-full bg-accent' : 'absolute h-full rounded-full bg-ink-3'}
                />
              </Slider.Track>
              <Slider.Thumb
                aria-label={title}
                aria-valuetext={`${sayStop(id, chosen)}${moved ? `, today ${sayStop(id, today)}` : ', as today'}`}
                className={`block size-4 rounded-full border-2 bg-surface ${moved ? 'border-accent' : 'border-ink-3'}`}
              />
            </Slider.Root>
          </li>
        );
      })}
    </ul>
  );
}

function knownFrom(ground: Ground, id: string): string {
  if (id === 'max-num-seqs' && ground.seats !== 'assumed') return `today, ${FROM[ground.seats]}`;
  if (id === 'max-num-batched-tokens') return `today, ${FROM[ground.budget]}`;
  return 'today';
}
