import type { Verdict } from '../../core/verdict/verdict.ts';
import { sentence } from './words.tsx';

/** No guess in the headline: what would decide it, and what to provide. */
export function Undecided({ verdict }: { readonly verdict: Verdict }) {
  const asks = [...new Set(verdict.cannotTell.map((finding) => finding.ask).filter((ask) => ask !== ''))];
  const notes = verdict.warnings;
  if (asks.length + notes.length === 0) return null;
  return (
    <div className="mt-5 grid gap-x-[44px] gap-y-5 text-[12.5px] leading-[18px] wide:grid-cols-2">
      {asks.length > 0 && (
        <section aria-labelledby="decide">
          <h3 id="decide" className="border-b border-hairline pb-2 font-[560] text-ink-3">
            To be able to tell
          </h3>
          <ul>
            {asks.slice(0, 5).map((ask) => (
              <li key={ask} className="border-b border-hairline py-2 text-ink-2">
                {sentence(ask)}
              </li>
            ))}
          </ul>
        </section>
      )}
      {notes.length > 0 && (
        <section aria-labelledby="said">
          <h3 id="said" className="border-b border-hairline pb-2 font-[560] text-ink-3">
            The source said
          </h3>
          <ul>
            {notes.slice(0, 5).map((note) => (
              <li key={note} className="border-b border-hairline py-2 text-ink-2">
                {sentence(note)}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
