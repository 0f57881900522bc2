import { sayDuration } from '../../core/base/say.ts';
import { FIGURES } from '../../core/whatif/figures.ts';
import type { Ground } from '../../core/whatif/ground.ts';
import type { Moves } from '../../core/whatif/moves.ts';
import type { WhatIf } from '../../core/whatif/what-if.ts';
import { TextButton } from '../controls/button.tsx';
import { ToneIcon } from '../controls/status.tsx';
import { FiguresTable } from './figures-table.tsx';
import { MovesForm } from './moves-form.tsx';

/** Settings to move, and what the minutes judged would have looked like with them. */
export function WhatIfPanel({
  ground,
  moves,
  result,
  playing,
  failed,
  onMoves,
}: {
  readonly ground: Ground;
  readonly moves: Moves;
  /** `null` until the first play is done. */
  readonly result: WhatIf | null;
  readonly playing: boolean;
  readonly failed: boolean;
  readonly onMoves: (moves: Moves) => void;
}) {
  const moved = Object.keys(moves).length > 0;
  return (
    <div className="grid gap-x-[44px] gap-y-5 wide:grid-cols-[300px_minmax(0,1fr)]">
      <div>
        <MovesForm ground={ground} moves={moves} onMoves={onMoves} />
        {moved && (
          <TextButton className="mt-2 text-[12.5px]" onClick={() => onMoves({})}>
            All back to today
          </TextButton>
        )}
      </div>
      <div className="min-w-0" aria-busy={playing}>
        {failed ? (
          <p className="text-[13px] text-ink-2">The player did not start in this browser, so nothing can be told.</p>
        ) : result === null ? (
          <p className="text-[13px] text-ink-3">Playing {sayDuration(ground.seconds)} again</p>
        ) : (
          <div className={playing ? 'opacity-60' : undefined} data-testid="what-if-result">
            {result.cannotTell !== null && <Says tone="unknown" word="Cannot tell." says={result.cannotTell} />}
            {result.beyond.map((says) => (
              <Says key={says} tone="warning" word="Extrapolation." says={says} />
            ))}
            <FiguresTable figures={result.figures} moved={moved} />
            <ul className="mt-2 text-[11.8px] leading-[17px] text-ink-3">
              {result.cannotTell === null && <Unsaid result={result} />}
              {result.notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
              <li>
                Ranges: chance, the scatter of the step times, and a tenth for what is left out. It tells of these
                minutes and not of the next ones.
              </li>
            </ul>
          </div>
        )}
      </div>
    </div>
  );
}

function Says({
  tone,
  word,
  says,
}: {
  readonly tone: 'unknown' | 'warning';
  readonly word: string;
  readonly says: string;
}) {
  return (
    <p className="mb-2 grid grid-cols-[16px_minmax(0,1fr)] gap-x-2.5 text-[12.5px] leading-[18px] text-ink-2">
      <ToneIcon tone={tone} size={14} className="mt-[2px]" />
      <span>
        <b className="font-[620] text-ink">{word}</b> {says}
      </span>
    </p>
  );
}

function Unsaid({ result }: { readonly result: WhatIf }) {
  return result.figures
    .filter((one) => one.cannotTell !== null)
    .map((one) => (
      <li key={one.id}>
        {FIGURES.find(({ id }) => id === one.id)?.title}: cannot tell, since {one.cannotTell}.
      </li>
    ));
}
