import { sayDuration, sayShare, sig } from '../base/say.ts';
import { maxOf } from '../base/statistics.ts';
import type { Engine, Judged } from '../evidence/judged.ts';
import type { Stretch } from '../evidence/stretch.ts';
import { over } from '../evidence/trace.ts';
import type { Finding } from './detector.ts';

/** What changed in the traffic: longer answers or prompts, or more of them. `null` where nothing did by a fifth. */
export function changedOf(then: Stretch, now: Stretch): NonNullable<Finding['story']>['changed'] {
  const ratio = (a: number | null, b: number | null) => (a !== null && b !== null && a > 0 ? b / a : null);
  const answer = ratio(then.answer, now.answer);
  const prompt = ratio(then.prompt, now.prompt);
  const arrivals = ratio(then.arrivals, now.arrivals);
  const rate =
    then.arrivals !== null && now.arrivals !== null
      ? `arrivals ${sig(then.arrivals)} → ${sig(now.arrivals)}/s (inferred)`
      : '';
  const biggest = Math.max(
    Math.abs(Math.log(answer ?? 1)),
    Math.abs(Math.log(prompt ?? 1)),
    Math.abs(Math.log(arrivals ?? 1)),
  );
  if (biggest < Math.log(1.25)) return null;
  if (answer !== null && Math.abs(Math.log(answer)) === biggest && answer > 1) {
    return {
      at: null,
      title: `Answers grew ${sig(answer)} times longer`,
      says: `mean ${sig(then.answer as number)} → ${sig(now.answer as number)} tokens; ${rate}`,
    };
  }
  if (prompt !== null && Math.abs(Math.log(prompt)) === biggest && prompt > 1) {
    return {
      at: null,
      title: `Prompts grew ${sig(prompt)} times longer`,
      says: `mean ${sig(then.prompt as number)} → ${sig(now.prompt as number)} tokens; ${rate}`,
    };
  }
  if (arrivals !== null && arrivals > 1.25) {
    return { at: null, title: `Traffic rose ${sig(arrivals)} times`, says: rate };
  }
  return null;
}

/** What people feel: the wait for a first token and the pace of tokens, against their targets. */
export function hurtsOf(
  judged: Judged,
  engines: readonly Engine[],
  now: Stretch,
): NonNullable<Finding['story']>['hurts'] {
  const late = maxOf(engines.map((e) => over(e.harm.lateTtft, judged.grid, judged.end, judged.main)));
  const tokens =
    now.itl === null
      ? ''
      : `; running answers get a token every ${sayDuration(now.itl)} (target ${sayDuration(judged.limits.tbt)})`;
  if (engines.every((e) => e.trace.firstTokens === null)) {
    return {
      at: null,
      title: 'Requests wait for their first token',
      says: `${sig(now.waitingLast ?? 0)} wait; how long is not measured here${tokens}`,
    };
  }
  if (now.ttft === null) {
    return { at: null, title: 'Nobody gets a first token', says: `none in ${sayDuration(now.seconds)}${tokens}` };
  }
  if ((late ?? 0) >= 0.05) {
    return {
      at: null,
      title: 'Answers start late',
      says: `first token after ${sayDuration(now.ttft)} on average, ${(late ?? 0) >= 0.995 ? 'all' : `at least ${sayShare(late ?? 0)}`} later than ${sayDuration(judged.limits.ttft)}${tokens}`,
    };
  }
  return {
    at: null,
    title: 'Not felt as lateness yet',
    says: `first token after ${sayDuration(now.ttft)} on average (target ${sayDuration(judged.limits.ttft)})${tokens}`,
  };
}
