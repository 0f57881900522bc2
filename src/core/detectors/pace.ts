import type { Values } from '../base/grid.ts';
import { remember } from '../base/remember.ts';
import { maxOf } from '../base/statistics.ts';
import type { Engine, Judged } from '../evidence/judged.ts';
import { ownLine } from '../evidence/lines.ts';
import { meanOver, over } from '../evidence/trace.ts';
import { sayDuration, sayPart } from '../base/say.ts';
import type { Stretch } from '../evidence/stretch.ts';
import type { SignalId } from '../signals/index.ts';
import type { Finding, Severity } from './detector.ts';
import { severityOf } from './finding.ts';
import { hurtsOf } from './story.ts';

const linesKept = remember<Engine, SignalId, Values | null>();

/** Tokens one step gives a running answer: 1, or 1 + accepted ÷ drafts with speculation. */
export function tokensPerStep(judged: Judged, engine: Engine, i: number): number {
  const of = (id: 'spec-drafts' | 'spec-accepted-tokens') =>
    over(
      linesKept(engine, id, () => ownLine(judged.evidence, id, engine.id)),
      judged.grid,
      i,
      judged.main,
    );
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

/** `severityOf` with slow tokens counted under every profile, and where no request tells its own time per token (before 0.11) the mean pace of running answers against the target. */
export function severityOfPace(judged: Judged, engines: readonly Engine[]): Severity {
  const told = severityOf(judged, engines, true);
  if (told !== 'info' || engines.some((e) => e.trace.tpot !== null)) return told;
  const worst = maxOf(engines.map((e) => paceOf(judged, e, judged.end)));
  if (worst === null) return told;
  return worst >= 2 * judged.limits.tbt ? 'critical' : worst >= judged.limits.tbt ? 'warning' : told;
}

/** What people feel where tokens are what is slow: late first tokens if there are any, else the pace of answers. */
export function hurtsByPace(
  judged: Judged,
  engines: readonly Engine[],
  now: Stretch,
): NonNullable<Finding['story']>['hurts'] {
  const late = maxOf(engines.map((e) => over(e.harm.lateTtft, judged.grid, judged.end, judged.main))) ?? 0;
  const paces = engines.map((e) => paceOf(judged, e, judged.end));
  const worst = maxOf(paces);
  if (late >= 0.05 || worst === null || now.ttft === null) return hurtsOf(judged, engines, now);
  const slow = maxOf(engines.map((e) => over(e.harm.slowTokens, judged.grid, judged.end, judged.main)));
  const target = sayDuration(judged.limits.tbt);
  return {
    at: null,
    title: worst > judged.limits.tbt ? 'Answers come slowly' : 'Pace within target',
    says: `a token every ${sayDuration(worst)} (target ${target})${slow === null ? '' : `, ${sayPart(slow)} of answers slower than it`}; first token after ${sayDuration(now.ttft)} on average`,
  };
}
