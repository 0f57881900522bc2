import type { CSSProperties } from 'react';
import { sayAbout } from '../../core/base/say.ts';
import { type Chapter, chaptersOf, sayChapters } from '../../core/verdict/chapters.ts';
import type { History } from '../../core/verdict/history.ts';
import { formatTime } from '../charts/format.ts';
import { type Tone, ToneIcon, toneOf, wordOf } from '../controls/status.tsx';

/** The headline at each moment, as far as it is known. */
export interface Told {
  /** `null` while nothing is known. */
  readonly history: History | null;
  readonly failed: boolean;
}

const FILL: Readonly<Record<Tone, string>> = {
  critical: 'var(--critical)',
  warning: 'var(--warning-fill)',
  ok: 'var(--ok)',
  info: 'var(--accent)',
  unknown: 'var(--unknown)',
};
/** Pixels of the bar under a segment: where no icon fits, its height tells how bad it was, in grey as well. */
const BAR: Readonly<Record<Tone, number>> = { critical: 5, warning: 3, ok: 1, info: 1, unknown: 0 };

/** About what a character of a title takes, and the icon with its margins. */
const CHARACTER = 5.7;
const ICON = 20;
/** A moment is seen, however short. */
const NARROWEST = 3;

export interface HeadlineLaneProps {
  readonly told: Told;
  readonly y: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly x: (time: number) => number;
}

/** One segment per chapter; what is not judged yet is hatched, so that nothing moves when it is. */
export function HeadlineLane({ told, y, height, left, right, x }: HeadlineLaneProps) {
  const chapters = chaptersOf(told.history?.said ?? []);
  const known = chapters[0] ? Math.max(left, Math.min(right, x(chapters[0].from))) : right;
  return (
    <div aria-hidden="true" data-lane="headline">
      {!told.history?.done && known > left && (
        <div
          className="hatched absolute overflow-hidden rounded-[3px] px-1.5 text-[10.5px] whitespace-nowrap text-ink-3"
          style={{ left, width: known - left, top: y, height, lineHeight: `${height}px` }}
        >
          {known - left > 70 && (
            <span className="rounded-sm bg-bg px-1">{told.failed ? 'could not be judged' : 'judging …'}</span>
          )}
        </div>
      )}
      {chapters.map((chapter) => {
        const from = Math.max(left, Math.min(right - NARROWEST, x(chapter.from)));
        const to = Math.min(right, x(chapter.to));
        return to < left ? null : (
          <Segment
            key={chapter.from}
            chapter={chapter}
            style={{ left: from, width: Math.max(NARROWEST, to - from - 1), top: y, height }}
            width={to - from}
          />
        );
      })}
    </div>
  );
}

function Segment({
  chapter,
  style,
  width,
}: {
  readonly chapter: Chapter;
  readonly style: CSSProperties;
  readonly width: number;
}) {
  const tone = toneOf(chapter.status);
  return (
    <div
      data-status={chapter.status}
      data-pathology={chapter.pathology ?? ''}
      title={`${formatTime(chapter.from)} to ${formatTime(chapter.to)}, ${wordOf(chapter.status)}: ${chapter.headline}`}
      className={`absolute flex items-center gap-1 overflow-hidden rounded-[3px] pl-1 text-[11.5px] whitespace-nowrap text-ink ${tone === 'unknown' ? 'border border-dashed border-strong' : ''}`}
      style={{
        ...style,
        ...(tone === 'unknown' ? {} : { background: `color-mix(in srgb, ${FILL[tone]} 16%, var(--bg))` }),
        boxShadow: `inset 0 -${BAR[tone]}px ${FILL[tone]}`,
        paddingBottom: Math.max(0, BAR[tone] - 2),
      }}
    >
      {width >= ICON && <ToneIcon tone={tone} size={11} />}
      {width >= ICON + 4 + chapter.title.length * CHARACTER && <span className="truncate">{chapter.title}</span>}
    </div>
  );
}

/** What the headline turned into, as one sentence, and how closely it was looked at. */
export function HeadlineStory({ told }: { readonly told: Told }) {
  const { history, failed } = told;
  if (failed) return <>The headline over time could not be judged; the lanes below stand.</>;
  if (!history?.done) return <>Judging this range moment by moment …</>;
  return (
    <>
      <span className="text-ink">{sayChapters(chaptersOf(history.said), formatTime)}</span>{' '}
      <span className="text-ink-3">
        Headline judged every {sayAbout(history.every)}
        {history.fewer ? ', no closer because the fleet is large' : ''}.
      </span>
    </>
  );
}

/** @returns for a screen reader: each chapter with its time */
export function sayLane(told: Told): string {
  const chapters = chaptersOf(told.history?.said ?? []);
  if (chapters.length === 0) return told.failed ? 'Headline: could not be judged' : 'Headline: not judged yet';
  return `Headline: ${chapters
    .map(({ title, status, from, to }) => `${title}, ${wordOf(status)}, from ${formatTime(from)} to ${formatTime(to)}`)
    .join('; ')}`;
}

/** @returns what the headline was at a time, `null` where that is not known */
export function titleAt(told: Told | undefined, at: number): string | null {
  const chapters = chaptersOf(told?.history?.said ?? []);
  return chapters.findLast(({ from, to }) => from <= at && (at < to || at === to))?.title ?? null;
}
