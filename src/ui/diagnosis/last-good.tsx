import { clsx } from 'clsx';
import { sayDuration } from '../../core/base/say.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { Moment } from '../controls/moment.tsx';
import { ToneIcon, TONE_TEXT, toneOf, wordOf } from '../controls/status.tsx';
import { useSeconds } from '../controls/use-seconds.ts';
import { confidenceWord } from './words.tsx';

/** The last verdict that rested on data and when that was read, for as long as none does. */
export function LastGood({
  verdict,
  readAt,
  now,
}: {
  readonly verdict: Verdict;
  /** Unix seconds. */
  readonly readAt: number;
  readonly now: () => number;
}) {
  const clock = useSeconds(now);
  const tone = toneOf(verdict.status);
  const primary = verdict.findings[0];
  return (
    <div
      data-testid="last-good"
      className="hatched mt-3 flex flex-wrap items-center gap-x-5 gap-y-1 rounded-lg border border-strong px-4 py-2.5 text-[13.5px]"
    >
      <span className="bg-surface px-1">
        <b className="font-[620]">
          Last good verdict, <Moment at={readAt} />
        </b>{' '}
        · {sayDuration(Math.max(1, Math.floor(clock - readAt)))} old
      </span>
      <span className="flex items-center gap-1.5 bg-surface px-1">
        <ToneIcon tone={tone} size={14} />
        <b className={clsx('font-[660]', TONE_TEXT[tone])}>{wordOf(verdict.status)}</b> {verdict.headline}
        {primary &&
          verdict.status !== 'healthy' &&
          `, ${confidenceWord(primary.confidence)} ${primary.confidence.toFixed(2)}`}
      </span>
    </div>
  );
}
