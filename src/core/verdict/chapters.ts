import { inSentence } from '../base/say.ts';
import type { Status, Verdict } from './verdict.ts';

/** What the headline was at one moment, judged by what was known then. */
export interface Said {
  /** Unix seconds. */
  readonly at: number;
  readonly status: Status;
  /** What the headline speaks of; `null` where it speaks of health, or of harm without a known cause. */
  readonly pathology: string | null;
  /** Two or three words for it: the title of the finding, or `Healthy`. */
  readonly title: string;
  readonly headline: string;
  /** 0 to 1; `null` without a finding. */
  readonly confidence: number | null;
}

/** A run of moments at which the same was said. */
export interface Chapter extends Omit<Said, 'at'> {
  /** First moment of the run, unix seconds. */
  readonly from: number;
  /** First moment at which something else was said; of the newest chapter, its last moment. */
  readonly to: number;
}

/** A verdict in a few words, for a line over time. */
export function sayOf(verdict: Verdict): Said {
  const primary = verdict.findings[0];
  const { at, status, headline } = verdict;
  const plain = (title: string): Said => ({ at, status, pathology: null, title, headline, confidence: null });
  switch (status) {
    case 'healthy':
      return plain('Healthy');
    case 'unknown':
      return { ...plain('Cannot tell'), pathology: primary?.pathology ?? null };
    case 'degraded':
    case 'critical':
      if (!primary || primary.severity === 'info') return plain('Slow, no known cause');
      return { ...plain(primary.title), pathology: primary.pathology, confidence: primary.confidence };
    default:
      return status satisfies never;
  }
}

/** Whether two moments belong to one chapter. */
export function sameSaying(a: Pick<Said, 'status' | 'pathology'>, b: Pick<Said, 'status' | 'pathology'>): boolean {
  return a.status === b.status && a.pathology === b.pathology;
}

/** @returns the moments in order of time, neighbours that say the same as one chapter; it speaks as its newest moment does. */
export function chaptersOf(said: readonly Said[]): Chapter[] {
  const chapters: Chapter[] = [];
  for (const { at, ...one } of [...said].sort((a, b) => a.at - b.at)) {
    const last = chapters.pop();
    if (!last) chapters.push({ ...one, from: at, to: at });
    else if (sameSaying(last, one)) chapters.push({ ...one, from: last.from, to: at });
    else chapters.push({ ...last, to: at }, { ...one, from: at, to: at });
  }
  return chapters;
}

/** Earlier ones are counted, not told. */
const MOST_TOLD = 4;

/**
 * The chapters as one sentence: what came first, what it turned into, when it ended. Changes of severity alone, calm that did
 * not last and the first scrapes of a window are left out.
 * @param tell a time in words
 * @returns `Overload at 12:01:15, KV cache thrashing since 12:02:00.`; empty where nothing was judged
 */
export function sayChapters(chapters: readonly Chapter[], tell: (unixSeconds: number) => string): string {
  const stories: { title: string; from: number; to: number; healthy: boolean }[] = [];
  for (const { title, from, to, status } of chapters.slice(tooEarly(chapters) ? 1 : 0)) {
    const last = stories[stories.length - 1];
    if (last?.title === title) last.to = to;
    else stories.push({ title, from, to, healthy: status === 'healthy' });
  }
  const parts = stories.flatMap(({ title, from, to, healthy }, i) => {
    const next = stories[i + 1];
    if (!next) return i === 0 ? `${title} throughout` : `${title} since ${tell(from)}`;
    if (healthy) return [];
    if (next.healthy) return i === 0 ? `${title} until ${tell(to)}` : `${title} from ${tell(from)} to ${tell(to)}`;
    return i === 0 ? `${title} first` : `${title} at ${tell(from)}`;
  });
  if (parts.length === 0) return '';
  const before = Math.max(0, parts.length - MOST_TOLD);
  const told = parts.slice(before).map((part, i) => (i + before === 0 ? part : inSentence(part)));
  return before === 0
    ? `${told.join(', ')}.`
    : `After ${before} earlier ${before === 1 ? 'change' : 'changes'}: ${told.join(', ')}.`;
}

/** The first moments of a window have too few scrapes behind them: that says something about the window, not about the fleet. */
function tooEarly(chapters: readonly Chapter[]): boolean {
  return chapters.length > 1 && chapters[0]?.status === 'unknown' && chapters[0].pathology === null;
}
