import { Suspense } from 'react';
import type { Evidence } from '../../core/evidence/evidence.ts';
import type { Moves } from '../../core/whatif/moves.ts';
import { Button } from '../../ui/controls/button.tsx';
import { lazily } from '../../ui/controls/later.ts';
import { SectionHead } from '../../ui/controls/section.tsx';
import { Boundary } from '../../ui/controls/boundary.tsx';

const Inside = lazily(() => import('./what-if.tsx'));

/** Where a remedy's "Try it" leads. */
export const WHAT_IF = 'what-if';

/** Below the plan: other settings on the same minutes. Closed until somebody asks, since it costs a play of them. */
export function WhatIfPart({
  moves,
  onMoves,
  ...window
}: {
  readonly evidence: Evidence;
  readonly since: number | null;
  readonly preferred: readonly string[];
  /** `null`: closed. */
  readonly moves: Moves | null;
  readonly onMoves: (moves: Moves | null) => void;
}) {
  return (
    <section aria-labelledby={WHAT_IF} className="scroll-mt-14 border-b border-hairline bg-surface px-4 py-4 sm:px-8">
      <SectionHead id={WHAT_IF} title="What if" help="The same minutes, played again with other settings.">
        <Button aria-expanded={moves !== null} onClick={() => onMoves(moves === null ? {} : null)}>
          {moves === null ? 'Try settings' : 'Close'}
        </Button>
      </SectionHead>
      {moves !== null && (
        <Boundary name="What if">
          <Suspense fallback={<p className="text-[13px] text-ink-3">Loading the player</p>}>
            <Inside {...window} moves={moves} onMoves={onMoves} />
          </Suspense>
        </Boundary>
      )}
    </section>
  );
}
