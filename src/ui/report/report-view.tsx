import { sayHeadroom, STATUS_WORDS, tablesOf } from '../../core/report/format.ts';
import type { HealthReport } from '../../core/report/report.ts';
import { ToneIcon, TONE_TEXT, toneOf } from '../controls/status.tsx';

/** The health report as tables, one model after the other. */
export function ReportView({ report }: { readonly report: HealthReport }) {
  if (report.models.length === 0) return <p className="text-ink-2">Cannot tell: no vLLM engine was seen.</p>;
  return (
    <div className="flex flex-col gap-8">
      {report.models.map((model) => {
        const tone = toneOf(model.status);
        return (
          <section key={model.model} aria-label={model.model}>
            <h3 className="flex flex-wrap items-center gap-x-2 text-[15px] font-[640] text-ink">
              <span className={`inline-flex items-center gap-1.5 ${TONE_TEXT[tone]}`}>
                <ToneIcon tone={tone} size={14} />
                {STATUS_WORDS[model.status]}
              </span>
              {model.model}
            </h3>
            <p className="mt-1 text-[13.5px] text-ink">
              <b className="font-[620]">{model.headline}.</b> <span className="text-ink-2">{model.lede}</span>
            </p>
            <p className="mt-1 text-[13.5px] text-ink-2">{sayHeadroom(model.headroom)}</p>
            {tablesOf(model, report.objective)
              .filter(({ rows }) => rows.length > 0)
              .map(({ title, columns, rows }) => (
                <div key={title} className="mt-4 overflow-x-auto" tabIndex={0} role="region" aria-label={title}>
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
              ))}
          </section>
        );
      })}
    </div>
  );
}
