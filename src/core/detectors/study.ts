import type { Values } from '../base/grid.ts';
import type { Engine, Judged } from '../evidence/judged.ts';
import { type Stretch, stretchOf } from '../evidence/stretch.ts';
import type { Detector, Finding } from './detector.ts';
import {
  cannotTell,
  missingOf,
  ruledOut,
  scopeOf,
  severityOf,
  type Sighting,
  sight,
  sinceOf,
  splitOf,
} from './finding.ts';

/** A signature that is looked for engine by engine. */
export interface Signature {
  /** What to provide where a signal of `needs` is missing. */
  readonly ask: string;
  /** The full signature, 0 to 1 per grid time; `null` where it cannot be told. */
  readonly strength: (judged: Judged, engine: Engine) => Values;
  /** The earliest honest sign, for the onset. */
  readonly early: (judged: Judged, engine: Engine) => Values;
  /** Level between "not yet" and "already" of that sign, where it is not the usual one. */
  readonly level?: number;
  /** The number that rules it out, in a sentence. */
  readonly whyNot: (judged: Judged) => string;
}

/** The signature stands: where, since when, and what the affected engines did before and since. */
export interface Found {
  readonly sighting: Sighting;
  /** Affected engines, worst first. */
  readonly engines: readonly Engine[];
  readonly one: Engine;
  /** Grid index that splits before from since. */
  readonly split: number;
  readonly then: Stretch;
  readonly now: Stretch;
  /** The parts of a finding that follow from all this. */
  readonly standing: Pick<Finding, 'score' | 'severity' | 'scope' | 'since' | 'strength'>;
}

/**
 * The way every queue detector goes: cannot tell without its signals, ruled out without its signature, and otherwise told by
 * `tell` with what was before and what has been since.
 */
export function study(about: Detector, judged: Judged, signature: Signature, tell: (found: Found) => Finding): Finding {
  const missing = missingOf(judged, about.needs);
  if (missing.length > 0) return cannotTell(about, missing, signature.ask);
  const { sighting, strength } = sight(
    judged,
    (engine) => signature.strength(judged, engine),
    (engine) => signature.early(judged, engine),
    signature.level,
  );
  const one = sighting?.engines[0];
  if (!sighting || !one) return ruledOut(about, signature.whyNot(judged), { strength });
  const { engines } = sighting;
  const split = splitOf(sighting);
  return tell({
    sighting,
    engines,
    one,
    split,
    then: stretchOf(engines, judged.grid, 0, split - 1),
    now: stretchOf(engines, judged.grid, split, judged.end),
    standing: {
      score: sighting.score,
      severity: severityOf(judged, engines),
      scope: scopeOf(judged, engines),
      since: sinceOf(judged, sighting),
      strength: sighting.strength,
    },
  });
}
