import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { sayDuration } from '../../core/base/say.ts';
import { shownMotion } from '../../core/verdict/format.ts';
import type { Verdict } from '../../core/verdict/verdict.ts';
import { Moment } from '../controls/moment.tsx';
import { ToneIcon, TONE_TEXT, toneOf, wordOf } from '../controls/status.tsx';
import { confidenceWord, Emphasised } from './words.tsx';

/** Status, since, how sure; then the title, then who is hurt. The order of the first five seconds. */
export function Headline({
  verdict,
  finding,
  compact = false,
}: {
  readonly verdict: Verdict;
  readonly finding: Verdict['findings'][number] | null;
  /** In other people's pages, which have a first heading of their own. */
  readonly compact?: boolean;
}) {
  const Title = compact ? 'h2' : 'h1';
  const motion = shownMotion(verdict);
  const secondary = finding !== null && finding.role === 'contributing';
  return (
    <>
      <StatusLine verdict={verdict} finding={finding} />
      <Title
        className={clsx(
          'mt-1 font-[700] tracking-[-0.015em] text-balance text-ink',
          compact
            ? 'text-[20px] leading-7 sm:text-[24px] sm:leading-[30px]'
            : 'text-[26px] leading-8 sm:text-[34px] sm:leading-10',
        )}
      >
        {secondary ? finding.title : verdict.headline}
      </Title>
      <p
        className={clsx(
          'mt-1 max-w-[780px] text-[15px] leading-[22px] text-ink-2',
          !compact && 'sm:text-[17px] sm:leading-[25px]',
        )}
      >
        <Emphasised text={secondary ? finding.lede : verdict.lede} />
      </p>
      {motion !== null && <p className="mt-1 max-w-[780px] text-[13.5px] leading-5 text-ink-3">{motion}</p>}
    </>
  );
}

function StatusLine({
  verdict,
  finding,
}: {
  readonly verdict: Verdict;
  readonly finding: Verdict['findings'][number] | null;
}) {
  const tone = toneOf(verdict.status);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-0.5 text-[13.5px] leading-5 text-ink-3">
      <span className={`inline-flex items-center gap-1.5 font-[660] ${TONE_TEXT[tone]}`}>
        <ToneIcon tone={tone} size={15} />
        {wordOf(verdict.status)}
      </span>
      {finding ? (
        <>
          <Since finding={finding} verdict={verdict} />
          <span>
            <b className="font-[620] text-ink-2">{confidenceWord(finding.confidence)}</b>{' '}
            {finding.confidence.toFixed(2)}
          </span>
          <Where finding={finding} verdict={verdict} />
        </>
      ) : (
        <Measured verdict={verdict} />
      )}
    </div>
  );
}

function Since({ finding, verdict }: { readonly finding: Verdict['findings'][number]; readonly verdict: Verdict }) {
  if (finding.since === null) return <span>began before this range</span>;
  return (
    <span>
      since <Moment at={finding.since} className="font-[620] text-ink" /> · {sayDuration(verdict.at - finding.since)}
    </span>
  );
}

function Where({
  finding,
  verdict,
}: {
  readonly finding: Verdict['findings'][number];
  readonly verdict: Verdict;
}): ReactNode {
  const all = verdict.instances.length;
  if (all === 0) return null;
  const n =
    finding.scope.kind === 'fleet' && finding.scope.instances.length === 0 ? all : finding.scope.instances.length;
  return (
    <span>
      {n} of {all} {all === 1 ? 'replica' : 'replicas'}
    </span>
  );
}

/** What a verdict without a finding rests on. */
function Measured({ verdict }: { readonly verdict: Verdict }) {
  const seconds = (verdict.grid.count - 1) * verdict.grid.step;
  const ttft = verdict.attainment.find((a) => a.metric === 'ttft');
  const replicas = verdict.instances.length;
  return (
    <>
      {seconds > 0 && (
        <span>
          over <b className="font-[620] text-ink">{sayDuration(seconds)}</b>, the whole range
        </span>
      )}
      <span>
        measured on{' '}
        {ttft && ttft.observed >= 1 ? `${Math.round(ttft.observed).toLocaleString('en-US')} first tokens, ` : ''}
        {replicas} {replicas === 1 ? 'replica' : 'replicas'}
      </span>
    </>
  );
}
