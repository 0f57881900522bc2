import type { ReactNode } from 'react';
import { sayShare } from '../../core/base/say.ts';
import { CATEGORIES, CATEGORY_TITLES } from '../../core/traces/kernels.ts';
import { type Account, idleOf } from '../../core/traces/sweep.ts';

export interface ShareRow {
  readonly id: string;
  /** First cell, then further figures, in the order of `heads`. */
  readonly cells: readonly ReactNode[];
  readonly account: Account;
}

/** Accounts side by side: one row each, shares of its own wall time. */
export function SharesTable({
  caption,
  heads,
  rows,
}: {
  readonly caption: string;
  readonly heads: readonly string[];
  readonly rows: readonly ShareRow[];
}) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={caption}>
      <table className="w-full min-w-[640px] text-[12.5px] leading-[18px]">
        <caption className="sr-only">{caption}</caption>
        <thead className="text-[11.8px] text-ink-3">
          <tr className="border-b border-strong">
            {heads.map((head, i) => (
              <th key={head} scope="col" className={`py-1 font-normal ${i === 0 ? 'text-left' : 'pl-3 text-right'}`}>
                {head}
              </th>
            ))}
            {CATEGORIES.map((id) => (
              <th key={id} scope="col" className="py-1 pl-3 text-right font-normal">
                {CATEGORY_TITLES[id]}
              </th>
            ))}
            <th scope="col" className="py-1 pl-3 text-right font-normal">
              Host wait
            </th>
            <th scope="col" className="py-1 pl-3 text-right font-normal">
              All idle
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, cells, account }) => (
            <tr key={id} className="border-b border-hairline">
              {cells.map((cell, i) =>
                i === 0 ? (
                  <th key={heads[i]} scope="row" className="py-1 text-left font-[560] text-ink">
                    {cell}
                  </th>
                ) : (
                  <td key={heads[i]} className="py-1 pl-3 text-right whitespace-nowrap text-ink-2">
                    {cell}
                  </td>
                ),
              )}
              {[...CATEGORIES.map((state) => account.states[state]), account.states['host-wait'], idleOf(account)].map(
                (ns, i) => (
                  // The order of the columns never changes.
                  <td key={i} className="py-1 pl-3 text-right whitespace-nowrap text-ink-2">
                    {account.wall === 0 ? '–' : sayShare(ns / account.wall)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
