import { useMemo } from 'react';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { type Ground, groundOf } from '../../core/whatif/ground.ts';
import type { Moves } from '../../core/whatif/moves.ts';
import { useWhatIf } from '../../state/use-what-if.ts';
import { WhatIfPanel } from '../../ui/whatif/what-if-panel.tsx';

/** The panel's inside, with the player behind it. Loaded when the panel is opened. */
export default function WhatIfInside({
  evidence,
  since,
  preferred,
  moves,
  onMoves,
}: {
  readonly evidence: Evidence;
  readonly since: number | null;
  /** Replicas to play, best first. */
  readonly preferred: readonly string[];
  readonly moves: Moves;
  readonly onMoves: (moves: Moves) => void;
}) {
  const names = preferred.join('\n');
  const ground = useMemo(() => groundOf(evidence, since, names.split('\n')), [evidence, since, names]);
  return 'because' in ground ? (
    <p className="text-[13px] text-ink-2">
      <b className="font-[620] text-ink">Cannot tell,</b> because {ground.because}.
    </p>
  ) : (
    <Played ground={ground} moves={moves} onMoves={onMoves} />
  );
}

function Played({
  ground,
  moves,
  onMoves,
}: {
  readonly ground: Ground;
  readonly moves: Moves;
  readonly onMoves: (moves: Moves) => void;
}) {
  const { answer, playing, failed } = useWhatIf(ground, moves);
  return (
    <WhatIfPanel
      ground={answer?.ground ?? ground}
      moves={moves}
      result={answer?.result ?? null}
      playing={playing}
      failed={failed}
      onMoves={onMoves}
    />
  );
}
