import { clsx } from 'clsx';
import { sayDuration } from '../../core/base/say.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { ToneIcon, TONE_TEXT, toneOf, wordOf } from '../controls/status.tsx';
import { Moment } from '../controls/moment.tsx';
import { Strip } from '../strip/strip.tsx';
import type { Tile } from '../strip/tiles.ts';
import { Emphasised } from './words.tsx';

export interface WallProps {
  readonly label: string;
  readonly verdict: Verdict | null;
  readonly tiles: readonly Tile[];
  /** Why the newest read failed; what is shown below is old then. */
  readonly failure: string | null;
  readonly read: string | null;
  readonly every: string | null;
}

/** The verdict as large as the screen allows. A read that fails takes the headline: an old "healthy" is no news. */
export function Wall({ label, verdict, tiles, failure, read, every }: WallProps) {
  const status = failure !== null || verdict === null ? 'unknown' : verdict.status;
  const tone = toneOf(status);
  const primary = failure === null ? (verdict?.findings[0] ?? null) : null;
  return (
    <main
      className="flex min-h-dvh flex-col justify-between gap-[2vh] bg-bg p-[3vw] text-ink"
      data-verdict-status={verdict === null ? '' : status}
      data-verdict-primary={verdict?.findings[0]?.pathology ?? ''}
      data-verdict-at={verdict?.at ?? ''}
    >
      <header className="flex flex-wrap items-center justify-between gap-x-8 text-[clamp(13px,1.5vw,30px)] text-ink-2">
        <span className={`inline-flex items-center gap-[0.5em] font-[660] ${TONE_TEXT[tone]}`}>
          <ToneIcon tone={tone} className="size-[1.1em]" />
          {failure !== null ? 'No fresh data' : verdict === null ? 'Reading' : wordOf(status)}
        </span>
        <span className="truncate">{label}</span>
      </header>
      <div role="status">
        <h1 className="text-[clamp(28px,6vw,150px)] leading-[1.08] font-[720] tracking-[-0.02em] text-balance">
          {failure !== null ? 'The source cannot be read' : (verdict?.headline ?? 'Reading')}
        </h1>
        <p className="mt-[1.5vh] text-[clamp(15px,2.1vw,48px)] leading-[1.3] text-ink-2">
          {failure ?? (verdict && <Emphasised text={verdict.lede} />)}
        </p>
        {primary && primary.since !== null && verdict && (
          <p className="mt-[1vh] text-[clamp(14px,1.7vw,38px)] text-ink-3">
            since <Moment at={primary.since} className="font-[620] text-ink" /> ·{' '}
            {sayDuration(verdict.at - primary.since)} · {primary.confidence.toFixed(2)} sure
          </p>
        )}
        {failure !== null && verdict && (
          <p className="mt-[1vh] text-[clamp(14px,1.7vw,38px)] text-ink-3">
            Last known: {wordOf(verdict.status)}, {verdict.headline}
          </p>
        )}
      </div>
      {tiles.length > 0 && (
        <div className={clsx('min-[1500px]:[zoom:1.5] min-[3000px]:[zoom:3]', failure !== null && 'opacity-50')}>
          <Strip tiles={tiles} />
        </div>
      )}
      <footer className="text-[clamp(12px,1.1vw,22px)] text-ink-3">{[read, every].filter(Boolean).join(', ')}</footer>
    </main>
  );
}
