import { sayShare } from '../../core/base/say.ts';
import { sayNanos } from '../../core/traces/format.ts';
import { CATEGORIES, type Category, CATEGORY_TITLES } from '../../core/traces/kernels.ts';
import { Swatch } from './swatch.tsx';

/** Sums by category of a profile without a timeline. */
export function SummedBar({ summed }: { readonly summed: Readonly<Record<Category, number>> }) {
  const all = CATEGORIES.reduce((sum, id) => sum + summed[id], 0);
  return (
    <ul data-testid="trace-summed" className="max-w-[480px] text-[12.8px]">
      {CATEGORIES.map((id) => (
        <li key={id} className="flex items-center gap-2 border-b border-hairline py-1">
          <Swatch state={id} />
          <span className="flex-1 font-[560]">{CATEGORY_TITLES[id]}</span>
          <span className="w-[64px] text-right">{all === 0 ? '–' : sayShare(summed[id] / all)}</span>
          <span className="w-[84px] text-right text-ink-2">{sayNanos(summed[id])}</span>
        </li>
      ))}
    </ul>
  );
}
