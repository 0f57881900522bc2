import { sayHeadroom, STATUS_WORDS, tablesOf } from '../../core/report/format.ts';
import type { HealthReport } from '../../core/report/report.ts';
import { ToneIcon, TONE_TEXT, toneOf } from '../controls/status.tsx';
import { TableView } from './table-view.tsx';

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
              .map((table) => (
                <TableView key={table.title} table={table} />
              ))}
          </section>
        );
      })}
    </div>
  );
}
