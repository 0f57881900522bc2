import { stepsIn } from '../base/grid.ts';
import type { Evidence } from './evidence.ts';
import type { Engine } from './judged.ts';
import { fitSteps, type StepModel, type StepPoint, stepLinesOf, stepPoints } from './step-model.ts';

/** Outputs in a point of the fit. */
const FIT_OUTPUTS = 20;

/**
 * What a step takes by what it holds, whoever set the batch: every point up to index `end` is fitted per step, queue or not. It
 * answers what another batch would take on this machine as it is; whether the machine is slower than it was, `fitSteps` alone answers.
 * Work done again after a preemption is in no counter, so that steps beside one look slower than they are: they are left out.
 */
export function stepsByBatch(
  evidence: Evidence,
  engine: Engine,
  end: number,
): { readonly model: StepModel | null; readonly points: readonly StepPoint[] } {
  const { grid } = evidence;
  const overlap = stepsIn(grid, evidence.window);
  const lines = stepLinesOf(evidence, engine, grid.step, FIT_OUTPUTS);
  const preempted = (i: number) =>
    (engine.trace.preemptions?.slice(Math.max(0, i - overlap + 1), i + 1) ?? []).some((p) => (p ?? 0) > 0);
  const points: StepPoint[] = [];
  for (let i = 0; i <= end; i++)
    if (!preempted(i)) points.push(...stepPoints(lines, i, i).map((point) => ({ ...point, waits: true })));
  return { model: fitSteps(points, overlap), points };
}
