import { sayNanos, shortName, TOP_KERNELS } from '../../core/traces/format.ts';
import { sayShare, sig } from '../../core/base/say.ts';
import type { KernelTotal } from '../../core/traces/summary.ts';
import { Swatch } from './swatch.tsx';

/** The longest kernels by name, with what they were taken for, so that a wrong row of the table can be seen. */
export function KernelTable({ kernels }: { readonly kernels: readonly KernelTotal[] }) {
  const all = kernels.reduce((sum, { total }) => sum + total, 0);
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Longest kernels">
      <table data-testid="trace-kernels" className="w-full min-w-[560px] text-[12.5px] leading-[18px]">
        <caption className="sr-only">Longest kernels, summed over their calls</caption>
        <thead className="text-[11.8px] text-ink-3">
          <tr className="border-b border-strong [&>th]:py-1 [&>th]:font-normal">
            <th scope="col" className="text-left">
              Kernel
            </th>
            <th scope="col" className="pl-3 text-left">
              Taken for
            </th>
            <th scope="col" className="pl-3 text-right">
              Time
            </th>
            <th scope="col" className="pl-3 text-right">
              Of kernel time
            </th>
            <th scope="col" className="pl-3 text-right">
              Calls
            </th>
            <th scope="col" className="pl-3 text-right">
              Each
            </th>
          </tr>
        </thead>
        <tbody>
          {kernels.slice(0, TOP_KERNELS).map(({ name, kind, calls, total }) => (
            <tr key={name} className="border-b border-hairline align-baseline [&>td]:py-1 [&>td]:text-ink-2">
              <th
                scope="row"
                title={name}
                className="max-w-[420px] py-1 text-left font-mono text-[11.8px] font-normal text-ink [overflow-wrap:anywhere]"
              >
                {shortName(name, 120)}
              </th>
              <td className="pl-3">
                <span className="flex items-center gap-1.5 whitespace-nowrap">
                  <Swatch state={kind.category} />
                  {kind.title}
                </span>
              </td>
              <td className="pl-3 text-right whitespace-nowrap">{sayNanos(total)}</td>
              <td className="pl-3 text-right">{sayShare(all === 0 ? 0 : total / all)}</td>
              <td className="pl-3 text-right">{sig(calls)}</td>
              <td className="pl-3 text-right whitespace-nowrap">{calls === 0 ? '–' : sayNanos(total / calls)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
