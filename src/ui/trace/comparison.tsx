import { compare, compareKernels, type Difference } from '../../core/traces/compare.ts';
import { differenceRow, sayWhat, shortName } from '../../core/traces/format.ts';
import type { Summary } from '../../core/traces/summary.ts';

const KERNELS = 12;

/** A second profile beside the first: what changed, largest first. */
export function ComparisonBlock({ before, after }: { readonly before: Summary; readonly after: Summary }) {
  const blocks = compare(before, after);
  const kernels = compareKernels(before, after, KERNELS);
  if (blocks.length === 0)
    return <p className="text-[13px] text-ink-2">The two have nothing in common that could be compared.</p>;
  return (
    <div className="flex flex-col gap-5">
      {blocks.map((block) => (
        <Rows key={block.of} title={`Of ${sayWhat(block)}`} rows={block.rows} unit={block.unit} />
      ))}
      <Rows
        title={kernels.unit === 'ns' ? 'Kernels, in a mean step of any kind' : 'Kernels, share of kernel time'}
        rows={kernels.rows.map((row) => ({ ...row, title: shortName(row.title) }))}
        unit={kernels.unit}
        mono
      />
    </div>
  );
}

function Rows({
  title,
  rows,
  unit,
  mono = false,
}: {
  readonly title: string;
  readonly rows: readonly Difference[];
  readonly unit: 'ns' | 'share';
  readonly mono?: boolean;
}) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={title}>
      <table data-testid="trace-comparison" className="w-full min-w-[440px] text-[12.5px] leading-[18px]">
        <caption className="pb-1 text-left text-[12.5px] text-ink-2">{title}</caption>
        <thead className="text-[11.8px] text-ink-3">
          <tr className="border-b border-strong [&>th]:py-1 [&>th]:font-normal">
            <th scope="col" className="text-left">
              What
            </th>
            {['Before', 'Now', 'Difference', 'Ratio'].map((head) => (
              <th key={head} scope="col" className="pl-3 text-right">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const [what, ...figures] = differenceRow(row, unit);
            return (
              <tr key={row.id} className="border-b border-hairline align-baseline">
                <th
                  scope="row"
                  className={`py-1 text-left font-normal text-ink [overflow-wrap:anywhere] ${mono ? 'font-mono text-[11.8px]' : ''}`}
                >
                  {what}
                </th>
                {figures.map((figure, i) => (
                  // Before, now, difference, ratio: always in this order.
                  <td key={i} className="py-1 pl-3 text-right whitespace-nowrap text-ink-2">
                    {figure}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
