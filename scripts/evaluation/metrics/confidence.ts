import { answerOf, gradeOf, headlineOf } from '../headline.ts';
import type { Said, Watched } from '../moment.ts';
import { momentsIn } from '../phases.ts';
import type { Row } from './accuracy.ts';
import { USUAL } from './accuracy.ts';

/** One headline with a pathology in it, and whether that was going on. */
export interface Claim {
  readonly episode: string;
  readonly pathology: string;
  readonly confidence: number;
  readonly raw: number;
  /** The pathology named is the primary one or a direct cause or effect of it. */
  readonly right: boolean;
  /** It is the primary one; in healthy time, one that the episode excuses. */
  readonly strict: boolean;
}

/** All claims made in trouble (after the grace) and in healthy time. Headlines without a pathology claim nothing. */
export function claimsOf(all: readonly Watched[], row: Row = USUAL): Claim[] {
  return all.flatMap((watched) => {
    const { truth, id: episode } = watched.episode;
    const claim = (said: Said, right: boolean, strict: boolean): Claim => ({
      episode,
      pathology: said.pathology,
      confidence: said.confidence,
      raw: said.raw,
      right,
      strict,
    });
    const trouble = momentsIn(watched, 'trouble', row(watched)).flatMap((moment) => {
      const { said } = answerOf(moment, truth);
      const grade = gradeOf(moment, truth);
      return said ? [claim(said, grade !== 'wrong', grade === 'right')] : [];
    });
    const calm = momentsIn(watched, 'healthy', row(watched)).flatMap((moment) => {
      const { said } = headlineOf(moment);
      const fair = said !== null && truth.primary === null && truth.lenient.includes(said.pathology);
      return said ? [claim(said, fair, fair)] : [];
    });
    return [...trouble, ...calm];
  });
}

/** Confidence from which a wrong headline is a broken promise. */
export const SURE = 0.8;

export interface SureAndWrong {
  /** Moments at which a wrong pathology was named with confidence ≥ 0.8: strictly wrong, and wrong in the lenient count too. */
  readonly strict: number;
  readonly lenient: number;
  /** Judged moments (in trouble after the grace, and healthy ones), and those that claimed something. */
  readonly moments: number;
  readonly claims: number;
  /** Episodes with at least one such moment (strict), of all. */
  readonly episodes: number;
  readonly ofEpisodes: number;
}

export function sureAndWrong(all: readonly Watched[], row: Row = USUAL): SureAndWrong {
  const claims = claimsOf(all, row);
  const sure = claims.filter((claim) => claim.confidence >= SURE);
  const moments = all.reduce(
    (n, watched) =>
      n + momentsIn(watched, 'trouble', row(watched)).length + momentsIn(watched, 'healthy', row(watched)).length,
    0,
  );
  return {
    strict: sure.filter((claim) => !claim.strict).length,
    lenient: sure.filter((claim) => !claim.right).length,
    moments,
    claims: claims.length,
    episodes: new Set(sure.filter((claim) => !claim.strict).map((claim) => claim.episode)).size,
    ofEpisodes: all.length,
  };
}

export interface Scored {
  /** What was promised, 0 to 1. */
  readonly confidence: number;
  readonly right: boolean;
}

/** Mean squared distance of promise and outcome; `null` of nothing. */
export function brierOf(scored: readonly Scored[]): number | null {
  if (scored.length === 0) return null;
  return scored.reduce((sum, { confidence, right }) => sum + (confidence - Number(right)) ** 2, 0) / scored.length;
}

export interface Bin {
  readonly confidence: number;
  readonly right: number;
  readonly count: number;
}

/**
 * Bins of equal mass, least confident first. Equal confidences may fall into two bins; each then gets the mean outcome of all
 * of them, so that the order in which they were said changes nothing.
 */
export function binsOf(scored: readonly Scored[], bins = 10): Bin[] {
  const tied = new Map<number, { right: number; count: number }>();
  for (const { confidence, right } of scored) {
    const tie = tied.get(confidence) ?? { right: 0, count: 0 };
    tie.right += Number(right);
    tie.count++;
    tied.set(confidence, tie);
  }
  const sorted = scored.map(({ confidence }) => confidence).sort((a, b) => a - b);
  const out: Bin[] = [];
  for (let i = 0; i < bins; i++) {
    const part = sorted.slice(Math.round((i * sorted.length) / bins), Math.round(((i + 1) * sorted.length) / bins));
    if (part.length === 0) continue;
    const sum = (value: (confidence: number) => number) => part.reduce((total, c) => total + value(c), 0);
    out.push({
      confidence: sum((c) => c) / part.length,
      right: sum((c) => (tied.get(c)?.right ?? 0) / (tied.get(c)?.count ?? 1)) / part.length,
      count: part.length,
    });
  }
  return out;
}

/** Expected calibration error: mean distance of promise and outcome over the bins, by mass; `null` of nothing. */
export function eceOf(scored: readonly Scored[], bins = 10): number | null {
  if (scored.length === 0) return null;
  return binsOf(scored, bins).reduce(
    (sum, bin) => sum + (bin.count / scored.length) * Math.abs(bin.confidence - bin.right),
    0,
  );
}
