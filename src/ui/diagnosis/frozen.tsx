import { Pause } from 'lucide-react';
import type { ReactNode } from 'react';
import { sayDuration } from '../../core/base/say.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { Moment } from '../controls/moment.tsx';
import { ToneIcon, toneOf, wordOf } from '../controls/status.tsx';

export interface FrozenStripeProps {
  /** What was said that day. */
  readonly then: Verdict;
  /** What the rules of today say of the same measurements; `null` where they cannot be judged again. */
  readonly again: Verdict | null;
  /** Where the two differ: sentences. */
  readonly differences: readonly string[];
  /** Unix seconds; what the age is counted from. */
  readonly now: number;
  /** Of the program that took it. */
  readonly version: string;
  /** What is missing or damaged: sentences. */
  readonly notes: readonly string[];
}

/** Above a snapshot: that nothing here is live, how old it is, who judged it, and what is not as it was. */
export function FrozenStripe({ then, again, differences, now, version, notes }: FrozenStripeProps) {
  const differs = differences.length > 0;
  return (
    <section
      aria-label="Frozen"
      className="hatched border-b border-hairline px-4 py-2 text-[12.5px] leading-[19px] text-ink sm:px-7"
    >
      <Line>
        <Pause size={12} aria-hidden="true" className="mr-1.5 inline" />
        <span className="font-[620]">
          Frozen at <Moment at={then.at} day />
        </span>
        , {sayDuration(Math.max(0, Math.round(now - then.at)))} ago.{' '}
        <span className="text-ink-2">
          A snapshot never asks a server. Judged then by version {version}
          {again !== null && !differs ? '; the rules of today agree.' : '.'}
        </span>
      </Line>
      {notes.map((note) => (
        <Line key={note}>{note}</Line>
      ))}
      {differs && again && (
        <>
          <Line>The rules of today say otherwise. {differences.join(' ')}</Line>
          <Line>
            <Said when="Then" verdict={then} />
          </Line>
          <Line>
            <Said when="Now" verdict={again} />
          </Line>
        </>
      )}
    </section>
  );
}

function Said({ when, verdict }: { readonly when: string; readonly verdict: Verdict }) {
  const tone = toneOf(verdict.status);
  return (
    <>
      <span className="inline-block w-10 text-ink-3">{when}</span>
      <ToneIcon tone={tone} size={12} className="mr-1 inline" />
      <b className="font-[620]">{wordOf(verdict.status)}</b> {verdict.headline}
    </>
  );
}

/** Text on the hatching keeps a ground of its own. */
function Line({ children }: { readonly children: ReactNode }) {
  return (
    <p className="[overflow-wrap:anywhere]">
      <span className="bg-bg box-decoration-clone px-1">{children}</span>
    </p>
  );
}
