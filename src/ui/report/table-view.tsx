import type { Table } from '../../core/report/format.ts';

/** Rows of words under their title; scrolls by itself where it is too wide, so it is reachable by key. */
export function TableView({ table: { title, columns, rows } }: { readonly table: Table }) {
  return (
    <div className="mt-4 overflow-x-auto" tabIndex={0} role="region" aria-label={title}>
      <table className="w-full text-left text-[12.5px] leading-[18px]">
        <caption className="pb-1 text-left text-[13px] font-[620] text-ink">{title}</caption>
        <thead className="text-[11.8px] text-ink-3">
          <tr className="border-b border-strong">
            {columns.map((column) => (
              <th key={column} scope="col" className="py-1 pr-4 font-[500]">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.join(' ')} className="border-b border-hairline align-top text-ink-2">
              {row.map((cell, i) => (
                <td key={columns[i]} className="py-1.5 pr-4 first:text-ink">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
