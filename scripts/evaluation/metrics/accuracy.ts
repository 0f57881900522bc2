import { answerOf, gradeOf, headlineOf } from '../headline.ts';
import type { Moment, Watched } from '../moment.ts';
import { momentsIn } from '../phases.ts';

/** What an episode as a whole was taken for: one decision per episode. */
export interface Decision {
  readonly watched: Watched;
  /** Truth in one word: the pathology, or `healthy`. */
  readonly truth: string;
  /** The answer most often given in the second half of the trouble; of healthy episodes, of their time. */
  readonly said: string;
  readonly right: boolean;
  readonly lenient: boolean;
}

/** Row of moments to be counted instead of the usual one: an ablation. */
export type Row = (watched: Watched) => readonly Moment[];
export const USUAL: Row = (watched) => watched.moments;

/** @returns `null` where no moment of the episode is judged, because the trouble is over before the grace is. */
export function decisionOf(watched: Watched, row: Row = USUAL): Decision | null {
  const { truth } = watched.episode;
  const phase = truth.primary === null ? 'healthy' : 'trouble';
  const judged = momentsIn(watched, phase, row(watched));
  const half = judged.slice(Math.floor(judged.length / 2));
  const said = mostCommon(half.map((moment) => answerOf(moment, truth).id));
  if (said === null) return null;
  const truthId = truth.primary ?? 'healthy';
  // A quiet finding under a loud status is no right answer; the moments that gave the answer decide.
  const grades = half.filter((moment) => answerOf(moment, truth).id === said).map((moment) => gradeOf(moment, truth));
  const grade = mostCommon(grades);
  return { watched, truth: truthId, said, right: grade === 'right', lenient: grade !== 'wrong' };
}

export function decisionsOf(all: readonly Watched[], row: Row = USUAL): Decision[] {
  return all.map((watched) => decisionOf(watched, row)).filter((decision) => decision !== null);
}

/** The most frequent entry, the earlier one of equals; `null` of nothing. */
export function mostCommon<T extends string>(list: readonly T[]): T | null {
  const counts = new Map<T, number>();
  for (const one of list) counts.set(one, (counts.get(one) ?? 0) + 1);
  let best: T | null = null;
  for (const [one, count] of counts) if (best === null || count > (counts.get(best) ?? 0)) best = one;
  return best;
}

export interface Share {
  readonly hits: number;
  readonly of: number;
}

export const shareOf = (hits: number, of: number): Share => ({ hits, of });

/** @returns `null` of nothing. */
export const valueOf = ({ hits, of }: Share): number | null => (of === 0 ? null : hits / of);

export interface TopOne {
  readonly moments: { readonly strict: Share; readonly lenient: Share };
  readonly episodes: { readonly strict: Share; readonly lenient: Share };
}

/** Top-1 over troubled episodes alone: healthy ones would flatter it. */
export function topOneOf(all: readonly Watched[], row: Row = USUAL): TopOne {
  const troubled = all.filter((watched) => watched.episode.truth.primary !== null);
  const grades = troubled.flatMap((watched) =>
    momentsIn(watched, 'trouble', row(watched)).map((moment) => gradeOf(moment, watched.episode.truth)),
  );
  const decisions = decisionsOf(troubled, row);
  return {
    moments: {
      strict: shareOf(grades.filter((grade) => grade === 'right').length, grades.length),
      lenient: shareOf(grades.filter((grade) => grade !== 'wrong').length, grades.length),
    },
    episodes: {
      strict: shareOf(decisions.filter((d) => d.right).length, decisions.length),
      lenient: shareOf(decisions.filter((d) => d.lenient).length, decisions.length),
    },
  };
}

export interface ClassScore {
  readonly id: string;
  /** Episodes whose truth is this class, and how many of them were decided right. */
  readonly recall: Share;
  readonly lenientRecall: Share;
  /** The same over moments. */
  readonly momentRecall: Share;
  /** Episodes decided as this class, healthy ones included, and how many of them are. */
  readonly precision: Share;
  /** The same over moments in trouble and in healthy time. */
  readonly momentPrecision: Share;
  /** Harmonic mean of recall and precision; 0 where nothing was right, `null` where the class never occurred. */
  readonly f1: number | null;
}

/** @param ids classes in the order of the report */
export function classScores(all: readonly Watched[], ids: readonly string[], row: Row = USUAL): ClassScore[] {
  const decisions = decisionsOf(all, row);
  const moments = gradedMoments(all, row);
  return ids.map((id) => {
    const truly = decisions.filter((d) => d.truth === id);
    const said = decisions.filter((d) => d.said === id);
    const trueMoments = moments.filter((m) => m.truth === id);
    const saidMoments = moments.filter((m) => m.said === id);
    const recall = shareOf(truly.filter((d) => d.right).length, truly.length);
    const precision = shareOf(said.filter((d) => d.right).length, said.length);
    return {
      id,
      recall,
      lenientRecall: shareOf(truly.filter((d) => d.lenient).length, truly.length),
      momentRecall: shareOf(trueMoments.filter((m) => m.right).length, trueMoments.length),
      precision,
      momentPrecision: shareOf(saidMoments.filter((m) => m.right).length, saidMoments.length),
      f1: f1Of(recall, precision),
    };
  });
}

export function f1Of(recall: Share, precision: Share): number | null {
  const r = valueOf(recall);
  if (r === null) return null;
  const p = valueOf(precision) ?? 0;
  return r + p === 0 ? 0 : (2 * r * p) / (r + p);
}

/** Mean F1 over the classes that occurred; `null` of none. */
export function macroF1(scores: readonly ClassScore[]): number | null {
  const known = scores.map((score) => score.f1).filter((f1) => f1 !== null);
  return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
}

interface GradedMoment {
  readonly truth: string;
  readonly said: string;
  readonly right: boolean;
}

function gradedMoments(all: readonly Watched[], row: Row): GradedMoment[] {
  return all.flatMap((watched) => {
    const { truth } = watched.episode;
    const trouble = momentsIn(watched, 'trouble', row(watched)).map((moment) => ({
      truth: truth.primary ?? 'healthy',
      said: answerOf(moment, truth).id,
      right: gradeOf(moment, truth) === 'right',
    }));
    const calm = momentsIn(watched, 'healthy', row(watched)).map((moment) => {
      const { id } = headlineOf(moment);
      return { truth: 'healthy', said: id, right: id === 'healthy' };
    });
    return [...trouble, ...calm];
  });
}

/** Episodes by truth and decision. */
export function confusionOf(all: readonly Watched[]): Map<string, Map<string, number>> {
  const table = new Map<string, Map<string, number>>();
  for (const { truth, said } of decisionsOf(all)) {
    const row = table.get(truth) ?? new Map<string, number>();
    row.set(said, (row.get(said) ?? 0) + 1);
    table.set(truth, row);
  }
  return table;
}
