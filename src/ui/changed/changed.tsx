import { ArrowDown, ArrowUp } from 'lucide-react';
import { sayDuration, sayShare, sig } from '../../core/base/say.ts';
import type { Grid } from '../../core/base/grid.ts';
import type { Changed, WhatChanged } from '../../core/anomalies/changed.ts';
import { formatText, formatTime, formatTimeRange } from '../charts/format.ts';
import { Sparkline } from '../charts/sparkline.tsx';
import { SectionHead } from '../controls/section.tsx';
import { TextButton } from '../controls/button.tsx';

export interface WhatChangedProps {
  /** `null` until it is compared. */
  readonly what: WhatChanged | null;
  readonly failed: boolean;
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
  /** Seconds between two values of a line. */
  readonly step: number;
  /** What the stretch is: "since the onset", "the stretch zoomed to". */
  readonly stretch: string;
  /** Looks at which the design article's monitor would have called, over the whole range. */
  readonly textbook: { readonly anomalies: number; readonly correlations: number } | null;
}

/** Lines shown; whoever reads twelve has not found it among the first three. */
const MOST = 12;

/** What stands elsewhere than before, ranked, as evidence beside the verdict and never as one. */
export function WhatChangedSection({ what, failed, open, onOpen, step, stretch, textbook }: WhatChangedProps) {
  return (
    <section aria-labelledby="changed">
      <SectionHead
        id="changed"
        title="What changed"
        help={`Every signal ${stretch} against as long before: what moved by more than chance, causes first. It supports the verdict and makes none.`}
      >
        <TextButton aria-expanded={open} aria-controls="changed-list" onClick={() => onOpen(!open)}>
          {open ? 'hide' : 'compare'}
        </TextButton>
      </SectionHead>
      {open && (
        <div id="changed-list" aria-live="polite">
          {failed ? (
            <p className="text-[12.5px] text-ink-2">
              The comparison did not start in this browser; reload to try again.
            </p>
          ) : what === null ? (
            <p className="text-[12.5px] text-ink-3">Comparing</p>
          ) : (
            <List what={what} step={step} textbook={textbook} />
          )}
        </div>
      )}
    </section>
  );
}

function List({ what, step, textbook }: Pick<WhatChangedProps, 'step' | 'textbook'> & { readonly what: WhatChanged }) {
  const { changed, before, after, compared, tooFew } = what;
  const shown = changed.slice(0, MOST);
  const more = changed.length - shown.length;
  return (
    <>
      {compared === 0 ? (
        <p className="text-[12.5px] text-ink-2">
          Cannot tell: nothing was measured both before and after. Choose a longer range.
        </p>
      ) : shown.length === 0 ? (
        <p className="text-[12.5px] text-ink-2">Nothing moved by more than chance: {compared} lines compared.</p>
      ) : (
        <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="What changed, table">
          <table className="w-full min-w-[640px] text-left text-[12.5px] leading-[18px]">
            <thead className="text-[11.8px] text-ink-3">
              <tr className="border-b border-strong [&>th]:py-1.5 [&>th]:pr-4 [&>th]:font-[500]">
                <th scope="col">Signal</th>
                <th scope="col">Before → after</th>
                <th scope="col">Since</th>
                <th scope="col" className="w-[150px]">
                  Both stretches
                </th>
                <th scope="col">Beside it</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <Row key={`${one.subject} ${one.replica}`} one={one} step={step} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="mt-2 text-[11.8px] text-ink-3">
        {formatTimeRange(after.from, after.to)} against {formatTimeRange(before.from, before.to)}; {compared} lines
        compared
        {tooFew > 0 ? `, ${tooFew} with too few values` : ''}
        {more > 0 ? `, ${more} further ones moved less` : ''}. At most one line in twenty is chance
        (Benjamini–Hochberg).
        {textbook &&
          ` The article’s monitor, for comparison, over the whole range: its z-score rule would have called at ${textbook.anomalies} looks, its correlation rule at ${textbook.correlations}.`}
      </p>
    </>
  );
}

function Row({ one, step }: { readonly one: Changed; readonly step: number }) {
  const grid: Grid = { from: 0, step, count: Math.max(1, one.values.length) };
  const up = one.after > one.before;
  return (
    <tr className="border-b border-hairline align-top" data-subject={one.subject}>
      <th
        scope="row"
        className="py-2 pr-4 font-[560] text-ink"
        title={one.also.length > 0 ? `Also: ${one.also.join(', ')}` : undefined}
      >
        {one.title}
        <span className="block font-[400] text-ink-3">
          {one.replica ?? 'all replicas'}
          {one.quantity === 'mean' ? ', mean' : ''}
        </span>
      </th>
      <td className="py-2 pr-4 whitespace-nowrap text-ink">
        <span className="inline-flex items-center gap-1">
          {up ? <ArrowUp size={12} aria-label="up" /> : <ArrowDown size={12} aria-label="down" />}
          {levelOf(one, one.before)} → {levelOf(one, one.after)}
        </span>
        <span className="block text-ink-3">{factorOf(one)}</span>
      </td>
      <td className="py-2 pr-4 whitespace-nowrap text-ink-2">
        {one.since === null ? 'no clear start' : formatTime(one.since)}
      </td>
      <td className="py-2 pr-4">
        <Sparkline values={one.values} grid={grid} width={140} height={28} label={`${one.title}, before and after`} />
      </td>
      <td className="py-2 text-ink-2">{besideIt(one)}</td>
    </tr>
  );
}

function levelOf({ unit }: Changed, value: number): string {
  return unit === 'ratio' ? sayShare(value) : formatText(value, unit);
}

function factorOf({ before, after, scale, exact }: Changed): string {
  if (exact === 'total') return 'counted';
  if (scale === 'difference') return `${after > before ? '+' : '−'}${sig(100 * Math.abs(after - before))} points`;
  if (Math.abs(before) < 1e-9) return 'from nothing';
  if (Math.abs(after) < 1e-9) return 'to nothing';
  const factor = after / before;
  return factor >= 1 ? `× ${sig(factor)}` : `÷ ${sig(1 / factor)}`;
}

/** What else is known of a move, short. */
function besideIt({ byLoad, withTtft, also }: Changed): string {
  const parts = [
    byLoad !== null && byLoad >= 0.5 ? `load accounts for ${sayShare(byLoad)} of it` : null,
    withTtft === null
      ? null
      : `runs ${withTtft.rho > 0 ? 'with' : 'against'} the time to first token${withTtft.ahead === 0 ? '' : `, ${sayDuration(Math.abs(withTtft.ahead))} ${withTtft.ahead > 0 ? 'ahead' : 'behind'}`}`,
    also.length > 0
      ? `also ${also.slice(0, 2).join(', ')}${also.length > 2 ? ` and ${also.length - 2} more` : ''}`
      : null,
  ].filter((part) => part !== null);
  return parts.join('; ');
}
