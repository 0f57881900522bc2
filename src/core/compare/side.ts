import { endOf, timeAt } from '../base/grid.ts';
import { type Track, tracksOf } from '../anomalies/track.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { type Judged, judgedOf } from '../evidence/judged.ts';
import { type Stretch, stretchOf } from '../evidence/stretch.ts';
import { diagnose } from '../verdict/diagnose.ts';
import type { Targets } from '../verdict/profiles.ts';
import type { RankedFinding, Verdict } from '../verdict/verdict.ts';
import type { Moment } from './comparison.ts';

/** One model's evidence, judged. */
export interface Judgement {
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly judged: Judged;
  /** The finding that leads; `null` without one that hurts. */
  readonly primary: RankedFinding | null;
}

/** A judgement with the stretch at its end that is compared. */
export interface Side extends Judgement {
  /** Grid indexes, both included. */
  readonly from: number;
  readonly to: number;
  readonly stretch: Stretch;
  /** Of the whole fleet. */
  readonly tracks: readonly Track[];
}

/** Seconds compared at most: what was longer ago is not what the verdict speaks of. */
const MOST = 600;
/** And at least, where the window holds them: a finding ten seconds old has no averages yet. */
const LEAST = 120;

export function judge(evidence: Evidence, targets: Targets): Judgement {
  const verdict = diagnose(evidence, targets);
  return {
    evidence,
    verdict,
    judged: judgedOf(evidence, targets, targets.profile === 'batch'),
    primary: verdict.findings.find(({ severity }) => severity !== 'info') ?? null,
  };
}

/**
 * Seconds at the end of both that are compared: as long as the younger of the two leading findings stands, so that no calm from
 * before an onset is averaged in; the same for both; ten minutes at most, two at least, and never more than a window holds.
 */
export function secondsCompared(before: Judgement, after: Judgement): number {
  const ages = [before, after].map(({ verdict, primary }) =>
    primary === null || primary.since === null ? MOST : verdict.at - primary.since,
  );
  const windows = [before, after].map(({ evidence: { grid } }) => grid.count * grid.step);
  return Math.min(Math.max(LEAST, Math.min(MOST, ...ages)), ...windows);
}

export function sideOf(judgement: Judgement, seconds: number): Side {
  const { evidence, judged } = judgement;
  const { grid } = evidence;
  const to = grid.count - 1;
  const from = Math.max(0, to - Math.round(seconds / grid.step) + 1);
  return {
    ...judgement,
    from,
    to,
    stretch: stretchOf(judged.engines, grid, from, to),
    tracks: tracksOf(evidence).filter(({ replica }) => replica === null),
  };
}

export function momentOf({ evidence, verdict, primary, from }: Side): Moment {
  return {
    from: timeAt(evidence.grid, from),
    to: endOf(evidence.grid),
    status: verdict.status,
    headline: verdict.headline,
    primary: primary?.pathology ?? null,
  };
}
