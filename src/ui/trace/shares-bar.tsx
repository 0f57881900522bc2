import { sayShare } from '../../core/base/say.ts';
import { STATE_TITLES } from '../../core/traces/compare.ts';
import { sayNanos } from '../../core/traces/format.ts';
import { type Account, busyOf, idleOf, STATES } from '../../core/traces/sweep.ts';
import { backgroundOf, MEANINGS } from './paint.ts';
import { Swatch } from './swatch.tsx';

/** Where the wall time went: one bar, and the same in figures with what each word means. */
export function SharesBar({ account, label }: { readonly account: Account; readonly label: string }) {
  const shown = STATES.filter((id) => account.states[id] > 0);
  return (
    <div>
      <div
        role="img"
        aria-label={`${label}: ${shown.map((id) => `${STATE_TITLES[id]} ${sayShare(account.states[id] / account.wall)}`).join(', ')}`}
        className="flex h-[26px] overflow-hidden rounded-[4px] border border-strong"
      >
        {shown.map((id) => (
          <span
            key={id}
            title={`${STATE_TITLES[id]} ${sayShare(account.states[id] / account.wall)}`}
            className="border-r border-bg last:border-r-0"
            style={{ width: `${(100 * account.states[id]) / account.wall}%`, background: backgroundOf(id) }}
          />
        ))}
      </div>
      <table data-testid="trace-shares" className="mt-3 w-full text-[12.8px] leading-[18px]">
        <caption className="sr-only">{label}</caption>
        <thead className="sr-only">
          <tr>
            <th scope="col">What</th>
            <th scope="col">Share of the wall time</th>
            <th scope="col">Time</th>
            <th scope="col">Which is</th>
          </tr>
        </thead>
        <tbody>
          {STATES.map((id) => (
            <tr key={id} data-state={id} className="border-b border-hairline align-baseline">
              <th scope="row" className="py-1 pr-3 text-left font-[560] text-ink">
                <span className="flex items-center gap-2">
                  <Swatch state={id} />
                  {STATE_TITLES[id]}
                </span>
              </th>
              <td className="w-[64px] py-1 pl-2 text-right text-ink">{sayShare(account.states[id] / account.wall)}</td>
              <td className="w-[84px] py-1 pl-3 text-right whitespace-nowrap text-ink-2">
                {sayNanos(account.states[id])}
              </td>
              <td className="py-1 pl-5 text-ink-3 max-sm:hidden">{MEANINGS[id]}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" className="py-1.5 text-left font-[620]">
              Wall time
            </th>
            <td className="text-right">100 %</td>
            <td className="text-right whitespace-nowrap">{sayNanos(account.wall)}</td>
            <td className="pl-5 text-ink-3 max-sm:hidden">
              busy {sayNanos(busyOf(account))} + idle {sayNanos(idleOf(account))}
            </td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
