import type { Values } from '../../base/grid.ts';
import { remember } from '../../base/remember.ts';
import { all, fall, ramp } from '../../base/score.ts';
import { fitLine, known, shareOf } from '../../base/statistics.ts';
import { bindingShare } from '../../evidence/admission.ts';
import { giantsOf } from '../../evidence/giants.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { meanOver, over, recent } from '../../evidence/trace.ts';

/** Decodes hold this share of the tokens of a step, from "worth a look" to "prompts get the crumbs". */
const DECODE_SHARE = [0.25, 0.5] as const;
/** Steps one prompt needs: three are a nuisance, ten a delay. */
const CHUNKS = [3, 10] as const;
/**
 * Share of a step's time that goes into its tokens. Above the second number a larger budget would only make steps longer: then
 * engine time is what is short (P07). Below the first most of the step is paid whatever it carries.
 */
const PAID_BY_TOKENS = [0.5, 0.75] as const;
/** Spread of tokens per step that makes the line through step times worth reading. */
const SPREAD = 1.4;

/**
 * Share of the present step time that grows with its tokens: 1 − α ÷ t, from the line t = α + β·tokens through this window.
 * Source: the step model of pathologies.md §3 without its memory term, which is small where the pool is not full.
 * @returns `null` where the window shows too little variation to read a slope from
 */
export function paidByTokens(judged: Judged, engine: Engine, i: number): number | null {
  const { tokens, seconds } = stepsOf(judged, engine);
  const from = Math.max(0, i - Math.round(1800 / judged.grid.step));
  const xs = tokens.slice(from, i + 1);
  const seen = known(xs);
  if (seen.length < 6 || Math.max(...seen) < SPREAD * Math.max(1, Math.min(...seen))) return null;
  const ys = seconds.slice(from, i + 1);
  const line = fitLine(xs, ys);
  const now = ys.findLast((y) => y !== null) ?? null;
  if (line === null || now === null || now <= 0) return null;
  return Math.min(1, Math.max(0, 1 - Math.max(0, line.intercept) / now));
}

const stepsKept = remember<Engine, number, { readonly tokens: Values; readonly seconds: Values }>();

/** Tokens in a step and the seconds it takes, of one engine over the window; `null` where one of them is not measured. */
function stepsOf({ grid }: Judged, engine: Engine): { readonly tokens: Values; readonly seconds: Values } {
  return stepsKept(engine, grid.step, () => {
    const { trace } = engine;
    const tokens: (number | null)[] = [];
    const seconds: (number | null)[] = [];
    for (let k = 0; k < grid.count; k++) {
      const steps = trace.steps?.[k] ?? null;
      const output = trace.output?.[k] ?? null;
      const computed = trace.computed?.[k] ?? null;
      const gap = meanOver(trace.itl, grid, k, grid.step);
      const there = steps !== null && steps > 1e-6 && output !== null && computed !== null && gap !== null;
      tokens.push(there ? (output + computed) / steps : null);
      seconds.push(there ? gap : null);
    }
    return { tokens, seconds };
  });
}

/**
 * Strength of "prompts get only the crumbs of the token budget" (P02) at one grid time. The budget itself is in no metric; what
 * shows is that decodes hold a good part of each step, that a step is quick all the same, and that a prompt either needs many
 * steps or waits although seats and memory are free. The pace of running answers must be fine, else it is engine time that is
 * short.
 * @returns 0 to 1; 0 where step time is not measured
 */
export function starvationOf(judged: Judged, engine: Engine, i: number): number {
  const { trace, admission } = engine;
  const { grid } = judged;
  const prefill = meanOver(trace.prefillTime, grid, i, judged.main);
  const step = meanOver(trace.itl, grid, i, judged.fast);
  const output = over(trace.output, grid, i, judged.fast);
  const computed = over(trace.computed, grid, i, judged.fast);
  const usage = over(trace.usage, grid, i, judged.fast);
  const running = over(trace.running, grid, i, judged.fast);
  if (step === null || step <= 0 || output === null || computed === null || running === null) return 0;
  const budget = judged.evidence.knobs['max-num-batched-tokens'] ?? null;
  const share = budget !== null ? running / budget : output / Math.max(output + computed, 1e-9);
  const seats = admission.seats?.count ?? Number.POSITIVE_INFINITY;
  const held = ramp(share, ...DECODE_SHARE);
  const free = fall(usage ?? 0, 0.9, 0.98) * fall(running / seats, 0.95, 1.02) * fall(step / judged.limits.tbt, 1.1, 2);
  // Whether tokens are what a step is paid for, and who the long prompts are, takes the most work: asked only where it can matter.
  if (held === 0 || free === 0) return 0;
  // A full budget lets somebody wait at almost any moment; a prompt that takes one long step lets the next one wait now and then.
  const standing = shareOf(recent(trace.waiting, grid, i, judged.main), (w) => w >= 1) ?? 0;
  const chunked =
    prefill === null ? 0 : all(ramp(prefill / step, ...CHUNKS), ramp(prefill / judged.limits.ttft, 0.5, 2));
  const late = Math.max(
    ramp(engine.harm.lateTtft[i] ?? 0, 0.05, 0.3),
    ramp((engine.harm.wait[i] ?? 0) / judged.limits.ttft, 0.2, 1),
  );
  const queued = all(
    ramp(bindingShare(trace, admission, i, judged.fast, 'engine'), 0.3, 0.7),
    late,
    ramp(standing, 0.6, 0.85),
  );
  if (chunked === 0 && queued === 0) return 0;
  const giants = giantsOf(trace.promptLength, grid, i, judged.main)?.tokenShare ?? 0;
  const paid = paidByTokens(judged, engine, i);
  return (
    // Waiting for the budget itself: only where the window proves that a step is cheap, since overload looks the same.
    all(Math.max(chunked, paid === null ? 0 : queued), held) *
    (paid === null ? 1 : fall(paid, ...PAID_BY_TOKENS)) *
    free *
    fall(giants, 0.3, 0.6)
  );
}
