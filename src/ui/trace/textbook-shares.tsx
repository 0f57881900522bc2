import { sayShare } from '../../core/base/say.ts';
import type { TextbookShares } from '../../core/traces/textbook.ts';
import { type Account, idleOf } from '../../core/traces/sweep.ts';

/** The textbook's four fractions, word for word, beside ours, and what they miscount in this profile. */
export function TextbookBlock({
  textbook,
  account,
}: {
  readonly textbook: TextbookShares;
  readonly account: Account | null;
}) {
  const ours = (ns: number | undefined) => (account === null || ns === undefined ? '–' : sayShare(ns / account.wall));
  const rows = [
    ['Attention', '“attention” or “flash”', textbook.attention, ours(account?.states.attention)],
    ['GEMM', '“gemm” or “mm”', textbook.gemm, ours(account?.states.gemm)],
    ['Communication', '“nccl” or “all_reduce”', textbook.communication, ours(account?.states.communication)],
    ['Idle', '1 − the three', textbook.idle, ours(account === null ? undefined : idleOf(account))],
  ] as const;
  return (
    <div className="grid gap-x-10 gap-y-4 text-[12.8px] leading-[18px] sm:grid-cols-[minmax(0,420px)_minmax(0,1fr)]">
      <table data-testid="trace-textbook" className="h-fit w-full">
        <caption className="sr-only">The textbook’s fractions beside ours</caption>
        <thead className="text-[11.8px] text-ink-3">
          <tr className="border-b border-strong [&>th]:py-1 [&>th]:font-normal">
            <th scope="col" className="text-left">
              Its word
            </th>
            <th scope="col" className="pl-3 text-left">
              In the name
            </th>
            <th scope="col" className="pl-3 text-right">
              Textbook, of kernel time
            </th>
            <th scope="col" className="pl-3 text-right">
              Here, of wall time
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([title, names, theirs, mine]) => (
            <tr key={title} className="border-b border-hairline">
              <th scope="row" className="py-1 text-left font-[560]">
                {title}
              </th>
              <td className="pl-3 text-ink-3">{names}</td>
              <td className="pl-3 text-right">{theirs === null ? '–' : sayShare(theirs)}</td>
              <td className="pl-3 text-right">{mine}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ul className="flex list-disc flex-col gap-1 pl-4 text-ink-2">
        {textbook.miscounts.map((says) => (
          <li key={says}>{says}</li>
        ))}
      </ul>
    </div>
  );
}
