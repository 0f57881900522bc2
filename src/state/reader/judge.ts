import { endOf } from '../../core/base/grid.ts';
import { DETECTORS } from '../../core/detectors/index.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { modelsOf, restrictToModel, sliceEvidence } from '../../core/evidence/slice.ts';
import { diagnose } from '../../core/verdict/diagnose.ts';
import type { Targets } from '../../core/verdict/profiles.ts';
import type { Status, Verdict } from '../../core/verdict/verdict.ts';
import type { Judgement, Need } from './messages.ts';

export { diagnose };

const WORST: readonly Status[] = ['critical', 'degraded', 'unknown', 'healthy'];

export const NEEDS: readonly Need[] = DETECTORS.flatMap(({ id, title, needs }) =>
  needs.map((signal) => ({ signal, pathology: id, title })),
);

/**
 * Models are judged one by one, worst first: an average over two models is true of neither.
 * @param at unix seconds; `null` for the end, and so is what lies beyond it
 */
export function judgeModels(evidence: Evidence, at: number | null, targets: Targets): Judgement['models'] {
  const part =
    at === null || at >= endOf(evidence.grid) ? evidence : sliceEvidence(evidence, Math.max(at, evidence.grid.from));
  const models = modelsOf(part);
  return (models.length === 0 ? [''] : models)
    .map((model) => ({
      model,
      verdict: diagnose(models.length > 1 ? restrictToModel(part, model) : part, targets),
    }))
    .sort(
      (a, b) => WORST.indexOf(a.verdict.status) - WORST.indexOf(b.verdict.status) || a.model.localeCompare(b.model),
    );
}

/** All of an evidence at its end, models together, as a snapshot's own verdict was judged; of one model, what was said of it already. */
export function judgeAgain(evidence: Evidence, targets: Targets, judged: Judgement['models']): Verdict {
  const [only, ...others] = judged;
  return only && others.length === 0 && only.verdict.at === endOf(evidence.grid)
    ? only.verdict
    : diagnose(evidence, targets);
}
