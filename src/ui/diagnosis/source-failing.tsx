import type { ReactNode } from 'react';
import { sayDuration } from '../../core/base/say.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { Button } from '../controls/button.tsx';
import { CopyButton } from '../controls/copy-button.tsx';
import { Moment } from '../controls/moment.tsx';
import { ToneIcon } from '../controls/status.tsx';
import { useSeconds } from '../controls/use-seconds.ts';
import { LastGood } from './last-good.tsx';

/** What to do about a failing source; the app takes it from sources/advice.ts. */
export interface Advice {
  readonly title: string;
  readonly todo: string;
  /** A line to put somewhere, copyable; `null` where there is none. */
  readonly line: string | null;
}

export interface SourceFailingProps {
  readonly label: string;
  /** What is the matter, in five words. */
  readonly headline: string;
  /** What happened, as the source said it. */
  readonly message: string;
  /** It answered, and there is nothing in this range. */
  readonly empty: boolean;
  readonly advice: Advice;
  /** Unix seconds. */
  readonly since: number;
  readonly now: () => number;
  readonly nextTry: number | null;
  readonly trying: boolean;
  /** The last verdict that rested on data, and when that was read; `null` if there was none. */
  readonly last: { readonly verdict: Verdict; readonly readAt: number } | null;
  readonly copied: boolean;
  readonly onCopy: (text: string) => void;
  readonly onTry: () => void;
  /** The steps of the connection doctor; nothing for a source that is no server. */
  readonly doctor?: ReactNode;
}

/** The source does not answer: said in a sentence, the last good verdict kept and dated, the next step beside it. */
export function SourceFailing(props: SourceFailingProps) {
  const { label, headline, message, empty, advice, since, nextTry, trying, last, copied, onCopy, onTry, now, doctor } =
    props;
  const clock = useSeconds(now);
  const age = Math.max(0, clock - since);
  return (
    <section
      aria-label="Source not readable"
      data-testid="source-failing"
      className="border-b border-l-4 border-b-hairline border-l-warning-fill bg-surface px-4 pt-4 pb-5 sm:pr-8 sm:pl-7"
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-[13.5px] text-ink-3">
        <span className="inline-flex items-center gap-1.5 font-[660] text-warning">
          <ToneIcon tone="warning" size={15} />
          {empty ? 'Nothing to read' : 'Source not readable'}
        </span>
        <span>
          since <Moment at={since} className="font-[620] text-ink" />
          {age >= 2 && ` · ${sayDuration(Math.floor(age))}`}
        </span>
        <span className="min-w-0 font-mono text-[12.5px] [overflow-wrap:anywhere]">{label}</span>
        <span className="ml-auto flex items-center gap-3">
          {nextTry !== null && !trying && nextTry > clock && <span>next try in {Math.ceil(nextTry - clock)} s</span>}
          <Button onClick={onTry} disabled={trying}>
            {trying ? 'Trying' : 'Try now'}
          </Button>
        </span>
      </div>
      <h1 className="mt-1 text-[26px] leading-8 font-[700] tracking-[-0.015em] text-ink sm:text-[34px] sm:leading-10">
        {headline}
      </h1>
      <p className="mt-1 max-w-[780px] text-[15px] leading-[22px] text-ink-2 sm:text-[17px] sm:leading-[25px]">
        {message}
      </p>
      {last && <LastGood verdict={last.verdict} readAt={last.readAt} now={now} />}
      <div className="mt-4 flex flex-wrap items-start gap-x-12 gap-y-4">
        {doctor && <div className="min-w-0 flex-1 basis-[420px] max-sm:order-1">{doctor}</div>}
        <div className="max-w-[780px] min-w-0 flex-1 basis-[360px] overflow-hidden rounded-lg border border-strong text-[12.5px] leading-[18px]">
          <div className="px-4 py-3">
            <h2 className="flex flex-wrap items-baseline gap-x-2.5">
              <span className="font-[560] text-ink-3">Do now</span>
              <span className="text-[15px] font-[620] text-ink">{advice.title}</span>
            </h2>
            <p className="mt-1 text-[13px] leading-[19px] text-ink-2">{advice.todo}</p>
          </div>
          {advice.line !== null && (
            <div className="flex items-start justify-between gap-4 border-t border-hairline bg-bg px-4 py-2.5">
              <code className="min-w-0 pt-1 font-mono text-[12px] [overflow-wrap:anywhere] whitespace-pre-wrap">
                {advice.line.trimEnd()}
              </code>
              <CopyButton copied={copied} onCopy={() => onCopy(advice.line as string)} label={`Copy ${advice.line}`} />
            </div>
          )}
        </div>
      </div>
    </section>
  );
}
