import type { Values } from '../../base/grid.ts';
import { stepsIn } from '../../base/grid.ts';
import { all, fall, ramp } from '../../base/score.ts';
import { median, quantile } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { histogramQuantile, histogramShare } from '../../evidence/lines.ts';
import {
  fitSteps,
  residualsOf,
  type StepLines,
  stepLinesOf,
  type StepModel,
  stepPoints,
} from '../../evidence/step-model.ts';
import { countOver, over } from '../../evidence/trace.ts';
import { paceOf, tokensPerStep } from '../pace.ts';

/** What a step costs on one engine, and whether that is why its tokens are slow. */
export interface Growth {
  readonly lines: StepLines;
  /** `null` where load never varied, or what varied does not explain the step time. */
  readonly model: StepModel | null;
  /** Seconds a step may take so that a token comes within its target. */
  readonly limit: number;
  /** Step time now ÷ at the least load of the range, by the model. */
  readonly grown: number | null;
  /** ln(step time ÷ model) now. */
  readonly residual: number | null;
  readonly strength: Values;
}

/**
 * Share of requests slower than the target. Busy and healthy engines show up to a third (own-overload-decode's calm: 0.3); here it is
 * besides proven that load made the steps longer, and at least half as many again must be late as the objective of 5 % allows.
 */
const SLOW = [0.2, 0.5] as const;
/** Without times per request (before 0.11): mean pace ÷ target. */
const PACE = [1, 1.2] as const;
/**
 * Slow-down by load is even: most gaps are beyond the target, or, where the mean has just reached it, the median is close to the
 * mean. Stutter leaves the median good.
 */
const EVEN = [0.35, 0.6] as const;
const MEDIAN_TO_MEAN = [0.75, 0.92] as const;
const MEAN_TO_TARGET = [0.85, 1] as const;
/** Scatter around the model that still counts as "as expected" (pathologies.md P11: 0.1 to 0.3 for a model of a day). */
const AS_EXPECTED = [0.15, 0.4] as const;
/** Step time against that of the least load: what the load must account for (P11: 1.2 of the baseline). */
const GROWN = [1.1, 1.35] as const;
/** An empty step may take this much of the target: beyond, no batch is small enough and it is the hardware. */
const EMPTY_STEP = [0.75, 0.95] as const;
/** Outputs in one rate window that make a point of the fit. */
const FIT_OUTPUTS = 20;
/** Highest ÷ lowest work of an engine that makes its load worth explaining with. */
const ROSE = 1.4;
/** Peers whose points a fit may borrow. */
const PEERS = 8;
/** Requests that must have finished, so that a share of them means something. */
const ENOUGH = 10;

/** @returns how step time grew with load on one engine. */
export function growthOf(judged: Judged, engine: Engine): Growth {
  const { evidence, grid, end } = judged;
  const lines = stepLinesOf(evidence, engine, judged.fast);
  // The fit takes the rate window alone: twice as many independent points as the smoothed line has.
  const pointsOf = (e: Engine) => stepPoints(stepLinesOf(evidence, e, grid.step, FIT_OUTPUTS), 0, end);
  const overlap = stepsIn(grid, evidence.window);
  const own = fitSteps(pointsOf(engine), overlap);
  // Where its load rose but the range is too short for a fit, the peers' points help. A load that never changed explains no change.
  const rose = own !== null && own.rates[1] >= ROSE * own.rates[0];
  const fitted =
    own?.kind === 'fitted' || !rose ? own : fitSteps(judged.engines.slice(0, PEERS).flatMap(pointsOf), overlap);
  const limit = judged.limits.tbt * tokensPerStep(judged, engine, end);
  const model = fitted?.kind === 'fitted' ? fitted : null;
  const nothing = { lines, model, limit, grown: null, residual: null };
  const slow = slowShare(judged, engine);
  if (!model) return { ...nothing, strength: slow.map((s) => (s === null ? null : 0)) };
  const residuals = residualsOf(model, lines);
  const least = model.atRate(model.rates[0], leastOf(lines.reads)).mid;
  const span = stepsIn(grid, judged.main);
  // How even the gaps are is asked only where answers are slow.
  const { itl } = engine.trace;
  const told = itl !== null && slow.some((share) => share !== null && share > SLOW[0]) ? itl : null;
  const uneven = told ? histogramShare(told, limit, span) : [];
  const middle = told ? histogramQuantile(told, 0.5, span).estimate : [];
  const strength = slow.map((share, i) => {
    if (share === null) return null;
    if (share <= SLOW[0]) return 0;
    const rest = median(residuals.slice(Math.max(0, i - span + 1), i + 1));
    const seconds = over(lines.seconds, grid, i, judged.fast);
    const at = uneven[i] ?? null;
    if (rest === null || seconds === null || at === null) return 0;
    const beyond = 1 - (at.low + at.high) / 2;
    const even = Math.max(
      ramp(beyond, ...EVEN),
      Math.min(ramp((middle[i] ?? 0) / seconds, ...MEDIAN_TO_MEAN), ramp(seconds / limit, ...MEAN_TO_TARGET)),
    );
    return (
      ramp(share, ...SLOW) *
      all(
        even,
        fall(Math.abs(rest), ...AS_EXPECTED),
        ramp(seconds / least, ...GROWN),
        fall(model.alpha / limit, ...EMPTY_STEP),
      )
    );
  });
  const now = median(lines.seconds.slice(-span));
  return {
    lines,
    model,
    limit,
    grown: now === null ? null : now / least,
    residual: median(residuals.slice(-span)),
    strength,
  };
}

function leastOf(values: Values): number | null {
  return quantile(values, 0.1);
}

/** Share of finished requests slower than the target, certainly; or, where no request tells, how far the mean pace is beyond it. `null` with too few. */
function slowShare(judged: Judged, engine: Engine): Values {
  const { grid, main } = judged;
  return Array.from({ length: grid.count }, (_, i) => {
    if (engine.trace.tpot === null) {
      const pace = paceOf(judged, engine, i);
      return pace === null ? null : SLOW[0] + (1 - SLOW[0]) * ramp(pace / judged.limits.tbt, ...PACE);
    }
    const finished = countOver(engine.trace.finishes, grid, i, main);
    const share = over(engine.harm.slowTokens, grid, i, main);
    return finished === null || share === null ? null : finished < ENOUGH ? 0 : share;
  });
}
