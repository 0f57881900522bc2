import { median } from '../base/statistics.ts';
import { stepsIn } from '../base/grid.ts';
import { fitSteps, residualsOf, stepLinesOf, type StepLines, stepPoints } from '../evidence/step-model.ts';
import type { Normalised, NotNormalised } from './comparison.ts';
import type { Side } from './side.ts';

/** Seconds behind each point of the step model, as the detectors take them. */
const BEHIND = 30;
/** Share of the stretch after for which the model must answer. */
const ENOUGH = 0.5;

/** A row with the load taken out, or why it cannot be. */
export function normalisedOf(id: string, before: Side, after: Side): Normalised | NotNormalised {
  const [was, is] = [before.stretch, after.stretch];
  switch (id) {
    case 'itl':
      return stepsOf(before, after);
    case 'time-per-output-token':
      return { because: 'a mean per request, over steps of many loads; the steps themselves are under ITL' };
    case 'output-tokens':
      return {
        ...{ per: 'per running request', unit: 'tokens-per-second' },
        ...{ before: ratio(was.output, was.running), after: ratio(is.output, is.running) },
      };
    case 'kv-cache-usage':
      return { per: 'held per running request', unit: 'tokens', before: was.held, after: is.held };
    case 'preemptions':
      return {
        ...{ per: 'per finished request', unit: 'count' },
        ...{ before: ratio(was.preemptions, was.finishes), after: ratio(is.preemptions, is.finishes) },
      };
    case 'waiting':
      return {
        ...{ per: 'as seconds of arrivals', unit: 'seconds' },
        ...{ before: ratio(was.waiting, was.arrivals), after: ratio(is.waiting, is.arrivals) },
      };
    default:
      return { because: 'no formula gives it at another load' };
  }
}

/** ITL against what the engines' step model, fitted before, expects at the load of each side: 1 is as expected. */
function stepsOf(before: Side, after: Side): Normalised | NotNormalised {
  const lines = (side: Side) => side.judged.engines.map((engine) => stepLinesOf(side.evidence, engine, BEHIND));
  const [was, is] = [lines(before), lines(after)];
  const { grid, window } = before.evidence;
  const overlap = Math.max(1, stepsIn(grid, BEHIND + window));
  const model = fitSteps(
    was.flatMap((one) => stepPoints(one, 0, grid.count - 1)),
    overlap,
  );
  if (!model) return { because: 'too few steps before to know what one costs' };
  const against = ({ from, to }: Side, each: readonly StepLines[]) => {
    const there = each.flatMap(({ seconds }) => seconds.slice(from, to + 1)).filter((value) => value !== null);
    const off = each.flatMap((one) => residualsOf(model, one).slice(from, to + 1)).filter((value) => value !== null);
    const middle = off.length > 0 && off.length >= ENOUGH * there.length ? median(off) : null;
    return middle === null ? null : Math.exp(middle);
  };
  const [a, b] = [against(before, was), against(after, is)];
  if (b === null) return { because: 'the load after lies beyond the loads seen before' };
  return { per: 'measured ÷ expected at that load', unit: 'ratio', before: a, after: b };
}

function ratio(of: number | null, by: number | null): number | null {
  return of === null || by === null || by <= 1e-9 ? null : of / by;
}
