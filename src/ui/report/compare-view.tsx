import type { Answer, Comparison } from '../../core/compare/comparison.ts';
import { answerWords, reasonsOf, tablesOfComparison } from '../../core/compare/format.ts';
import { type Tone, ToneIcon, TONE_TEXT } from '../controls/status.tsx';
import { TableView } from './table-view.tsx';

const TONES: Readonly<Record<Answer, Tone>> = {
  helped: 'ok',
  relieved: 'warning',
  'no-difference': 'info',
  hurt: 'critical',
  'cannot-tell': 'unknown',
};

/** Two moments side by side, one model after the other: the answer, why, then everything that was compared. */
export function CompareView({ comparison }: { readonly comparison: Comparison }) {
  return (
    <div className="flex flex-col gap-8">
      {comparison.models.length === 0 && <p className="text-ink-2">Cannot tell: no model was seen on both sides.</p>}
      {comparison.models.map((model) => (
        <section key={model.model} aria-label={model.model}>
          <h3 className="flex flex-wrap items-center gap-x-2 text-[15px] font-[640] text-ink">
            <span className={`inline-flex items-center gap-1.5 ${TONE_TEXT[TONES[model.answer]]}`}>
              <ToneIcon tone={TONES[model.answer]} size={14} />
              {answerWords(model)}
            </span>
            {model.model}
          </h3>
          <ul className="mt-1 list-disc pl-5 text-[13.5px] text-ink-2 marker:text-ink-3">
            {reasonsOf(model).map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
          {tablesOfComparison(model).map((table) => (
            <TableView key={table.title} table={table} />
          ))}
        </section>
      ))}
      {comparison.unmatched.map(({ model, side }) => (
        <p key={`${model} ${side}`} className="text-ink-2">
          {model}: only {side}, not compared.
        </p>
      ))}
    </div>
  );
}
