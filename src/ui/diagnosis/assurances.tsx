import type { Grid } from '../../core/base/grid.ts';
import type { Fact } from '../../core/detectors/detector.ts';
import { Sparkline } from '../charts/sparkline.tsx';

/** Healthy is an assertion too: what it rests on. */
export function Assurances({ facts, grid }: { readonly facts: readonly Fact[]; readonly grid: Grid }) {
  if (facts.length === 0) return null;
  return (
    <ul aria-label="What this rests on" className="mt-5 grid gap-x-8 gap-y-4 sm:grid-cols-3">
      {facts.slice(0, 3).map((fact) => (
        <li key={fact.says} className="border-t border-hairline pt-2.5" title={fact.query ?? undefined}>
          <div className="flex flex-wrap items-baseline gap-x-2">
            <span className="text-[23px] leading-[26px] font-[620] text-ink">{fact.figure}</span>
            <span className="text-[12.5px] text-ink-2">{fact.label}</span>
          </div>
          {fact.trend && (
            <div className="mt-1.5">
              <Sparkline
                values={fact.trend}
                grid={grid}
                limit={fact.limit}
                label={`${fact.label} over the range`}
                height={40}
              />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
