import type { TextbookResult } from '../../core/verdict/verdict.ts';
import { SectionHead } from '../controls/section.tsx';
import { sentence } from './words.tsx';

/** The rules of the design article, run as they stand, beside the verdict. Where the two disagree the reason is given. */
export function TextbookRules({
  results,
  titleOf,
}: {
  readonly results: readonly TextbookResult[];
  readonly titleOf: (pathology: string) => string;
}) {
  if (results.length === 0) return null;
  const firing = results.filter((result) => result.fires).length;
  const odd = results.filter((result) => result.disagrees !== '').length;
  return (
    <section aria-labelledby="textbook">
      <SectionHead
        id="textbook"
        title="Textbook rules"
        help={`Run as they are written, on the nearest real signals: ${firing} of ${results.length} ${firing === 1 ? 'fires' : 'fire'}${odd === 0 ? ', and all agree with the verdict' : `, ${odd} ${odd === 1 ? 'disagrees' : 'disagree'} with the verdict`}.`}
      />
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Textbook rules, table">
        <table className="w-full min-w-[720px] text-left text-[12.5px] leading-[18px]">
          <thead className="text-[11.8px] text-ink-3">
            <tr className="border-b border-strong">
              <th className="py-1.5 pr-4 font-[500]">Rule</th>
              <th className="py-1.5 pr-4 font-[500]">Fires</th>
              <th className="py-1.5 pr-4 font-[500]">Because</th>
              <th className="py-1.5 font-[500]">Where it differs from the verdict</th>
            </tr>
          </thead>
          <tbody>
            {results.map((result) => (
              <tr key={result.pathology} className="border-b border-hairline align-top">
                <th scope="row" className="w-[27%] py-2 pr-4 font-[400]">
                  <div className="font-[620] text-ink">{titleOf(result.pathology)}</div>
                  <div className="font-mono text-[11.5px] text-ink-3">{result.rule}</div>
                </th>
                <td className="py-2 pr-4 whitespace-nowrap text-ink">
                  {result.fires === null ? 'cannot run' : result.fires ? <b className="font-[620]">yes</b> : 'no'}
                </td>
                <td className="w-[30%] py-2 pr-4 text-ink-2">{result.because}</td>
                <td className="w-[34%] py-2 text-ink-2">
                  {result.disagrees === '' ? <span className="text-ink-3">agrees</span> : sentence(result.disagrees)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
