import { all, fall, ramp } from '../../base/score.ts';
import { giantsOf } from '../../evidence/giants.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { meanOver, over } from '../../evidence/trace.ts';

/** Decodes hold this share of the tokens of a step, from "worth a look" to "prompts get the crumbs". */
const DECODE_SHARE = [0.3, 0.8] as const;
/** Steps one prompt needs: three are a nuisance, ten a delay. */
const CHUNKS = [3, 10] as const;

/**
 * Strength of "prompts get only the crumbs of the token budget" (P02) at one grid time, from what steps cost and how many of
 * them a prompt needs; the budget itself is in no metric. The pace of running answers must be fine, else it is engine time
 * that is short.
 * @returns 0 to 1; 0 where prefill time or step time is not measured
 */
export function starvationOf(judged: Judged, engine: Engine, i: number): number {
  const { trace, admission } = engine;
  const { grid } = judged;
  const prefill = meanOver(trace.prefillTime, grid, i, judged.main);
  const step = meanOver(trace.itl, grid, i, judged.main);
  const output = over(trace.output, grid, i, judged.main);
  const computed = over(trace.computed, grid, i, judged.main);
  const usage = over(trace.usage, grid, i, judged.fast);
  const running = over(trace.running, grid, i, judged.fast);
  if (prefill === null || step === null || step <= 0 || output === null || computed === null || running === null)
    return 0;
  const chunks = prefill / step;
  const budget = judged.evidence.knobs['max-num-batched-tokens'] ?? null;
  const share = budget !== null ? running / budget : output / Math.max(output + computed, 1e-9);
  const seats = admission.seats?.count ?? Number.POSITIVE_INFINITY;
  const giants = giantsOf(trace.promptLength, grid, i, judged.main)?.tokenShare ?? 0;
  return (
    all(ramp(chunks, ...CHUNKS), ramp(share, ...DECODE_SHARE), ramp(prefill / judged.limits.ttft, 0.5, 2)) *
    fall(usage ?? 0, 0.9, 0.98) *
    fall(running / seats, 0.95, 1.02) *
    fall(step / judged.limits.tbt, 1.1, 2) *
    fall(giants, 0.3, 0.6)
  );
}
