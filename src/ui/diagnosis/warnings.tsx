import { useState } from 'react';
import { TextButton } from '../controls/button.tsx';
import { ToneIcon } from '../controls/status.tsx';
import { sentence } from './words.tsx';

/** How many stand on the page before the rest is asked for: a sick fleet must not be hidden by talk about its scrapes. */
const SHOWN = 2;

/** What the source had to say about its own answers: partial, cut short, doubtful. Kept beside the verdict that rests on them. */
export function Warnings({ warnings }: { readonly warnings: readonly string[] }) {
  const [all, setAll] = useState(false);
  if (warnings.length === 0) return null;
  const shown = all ? warnings : warnings.slice(0, SHOWN);
  return (
    <section
      aria-label="The source said"
      className="flex items-start gap-2.5 border-b border-hairline px-4 py-2 text-[12.5px] leading-[18px] text-ink-2 sm:px-7"
    >
      <ToneIcon tone="info" size={13} className="mt-[3px]" />
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <span className="font-[560] text-ink-3">The source said </span>
        {shown.map((warning) => (
          <span key={warning}>{sentence(warning)} </span>
        ))}
        {warnings.length > SHOWN && (
          <TextButton onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? 'fewer' : `${warnings.length - SHOWN} more`}
          </TextButton>
        )}
      </div>
    </section>
  );
}
