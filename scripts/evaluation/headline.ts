import type { Truth } from './episode.ts';
import type { Moment, Said } from './moment.ts';

/** What the banner said in one word: a pathology, `healthy`, `unknown`, or `unexplained` for harm without a cause. */
export interface Headline {
  readonly id: string;
  /** The finding behind it; `null` where it is none. */
  readonly said: Said | null;
}

/** The banner of a moment. Under a healthy status that is `healthy`, whatever is advised below it. */
export function headlineOf(moment: Moment): Headline {
  const primary = moment.findings[0] ?? null;
  switch (moment.status) {
    case 'healthy':
      return { id: 'healthy', said: null };
    case 'unknown': {
      const gap = moment.findings.find((said) => said.pathology === 'telemetry-gap') ?? null;
      return gap ? { id: gap.pathology, said: gap } : { id: 'unknown', said: null };
    }
    case 'degraded':
    case 'critical':
      return primary === null || primary.severity === 'info'
        ? { id: 'unexplained', said: null }
        : { id: primary.pathology, said: primary };
    default:
      return moment.status satisfies never;
  }
}

/**
 * What a moment answers to the question the episode asks. Of quiet troubles (cost, advice) the answer is the first finding
 * under a status that stays healthy; of all others it is the headline.
 */
export function answerOf(moment: Moment, truth: Truth): Headline {
  const headline = headlineOf(moment);
  if (!truth.quiet || headline.id !== 'healthy') return headline;
  const advice = moment.findings[0];
  return advice ? { id: advice.pathology, said: advice } : headline;
}

/** How an answer counts: strictly right, right in the lenient count only (direct cause or effect), or wrong. */
export type Grade = 'right' | 'lenient' | 'wrong';

/** @param truth of a trouble that is going on, or of a healthy episode */
export function gradeOf(moment: Moment, truth: Truth): Grade {
  const { id } = answerOf(moment, truth);
  if (truth.primary === null) return id === 'healthy' ? 'right' : truth.lenient.includes(id) ? 'lenient' : 'wrong';
  if (truth.quiet && moment.status !== 'healthy') return 'wrong';
  if (id === truth.primary) return 'right';
  return truth.lenient.includes(id) ? 'lenient' : 'wrong';
}
