import { clsx } from 'clsx';
import type { Grid } from '../../core/base/grid.ts';
import type { Fact } from '../../core/detectors/detector.ts';
import type { Onset } from '../charts/onset.ts';
import { Sparkline } from '../charts/sparkline.tsx';

/** How many facts the banner shows: the one that tells this pathology from its look-alikes stands first. */
const SHOWN = 3;

/** The proof: a figure, what it is compared with, and how it got there. */
export function Because({
  facts,
  grid,
  onset,
}: {
  readonly facts: readonly Fact[];
  readonly grid: Grid;
  readonly onset: Onset | null;
}) {
  if (facts.length === 0) return null;
  return (
    <section aria-labelledby="because">
      <h3 id="because" className="border-b border-hairline pb-2 text-[12.5px] font-[560] text-ink-3">
        Because
      </h3>
      <ul>
        {facts.slice(0, SHOWN).map((fact) => (
          <FactRow key={fact.says} fact={fact} grid={grid} onset={onset} />
        ))}
      </ul>
    </section>
  );
}

function FactRow({ fact, grid, onset }: { readonly fact: Fact; readonly grid: Grid; readonly onset: Onset | null }) {
  return (
    <li className="grid grid-cols-[88px_minmax(0,1fr)] items-start gap-x-5 border-b border-hairline py-2.5 sm:grid-cols-[88px_minmax(0,1fr)_minmax(96px,24%)] wide:grid-cols-[88px_minmax(0,1fr)_minmax(150px,37%)]">
      <div className="text-right">
        <div
          className={clsx(
            'leading-[26px] font-[620] whitespace-nowrap text-ink',
            fact.figure.length > 8 ? 'text-[15px]' : fact.figure.length > 5 ? 'text-[18px]' : 'text-[23px]',
          )}
        >
          {fact.figure}
        </div>
        <div className="text-[11.8px] leading-4 text-ink-3">{fact.compared}</div>
      </div>
      <div className="min-w-0 pt-0.5 text-[12.5px] leading-[18px]">
        <div className="text-[13.5px] font-[560] text-ink">{fact.label}</div>
        <div className="text-ink-2">{fact.detail}</div>
      </div>
      <div className="hidden self-center sm:block" title={fact.query ?? undefined}>
        {fact.trend && (
          <Sparkline
            values={fact.trend}
            grid={grid}
            limit={fact.limit}
            onset={onset}
            label={`${fact.label} over the range`}
          />
        )}
      </div>
    </li>
  );
}
