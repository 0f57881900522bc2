import { maxOf } from '../base/statistics.ts';
import type { Engine, Judged } from '../evidence/judged.ts';
import { fleetLine } from '../evidence/lines.ts';
import { meanOver, over } from '../evidence/trace.ts';
import type { Severity } from './detector.ts';
import { severityOf } from './finding.ts';

/** Tokens one step gives a running answer: 1, or 1 + accepted ÷ drafts with speculation. */
export function tokensPerStep(judged: Judged, engine: Engine, i: number): number {
  const of = (id: 'spec-drafts' | 'spec-accepted-tokens') =>
    over(fleetLine(judged.evidence, id, [engine.id]), judged.grid, i, judged.main);
  const drafts = of('spec-drafts');
  const accepted = of('spec-accepted-tokens');
  // Not every step has a draft, so the share of steps with one counts.
  const outputs = over(engine.trace.itl?.count ?? null, judged.grid, i, judged.main);
  return drafts === null || accepted === null || outputs === null || outputs <= 1e-9 ? 1 : 1 + accepted / outputs;
}

/** Mean seconds a token of running answers takes over the last `main` seconds; from steps, so it does not wait for requests to finish. */
export function paceOf(judged: Judged, engine: Engine, i: number): number | null {
  const step = meanOver(engine.trace.itl, judged.grid, i, judged.main);
  return step === null ? null : step / tokensPerStep(judged, engine, i);
}

/** `severityOf`, and where no request tells its own time per token (before 0.11) the mean pace of running answers against the target. */
export function severityOfPace(judged: Judged, engines: readonly Engine[]): Severity {
  const told = severityOf(judged, engines);
  if (told !== 'info' || engines.some((e) => e.trace.tpot !== null)) return told;
  const worst = maxOf(engines.map((e) => paceOf(judged, e, judged.end)));
  if (worst === null) return told;
  return worst >= 2 * judged.limits.tbt ? 'critical' : worst >= judged.limits.tbt ? 'warning' : told;
}
