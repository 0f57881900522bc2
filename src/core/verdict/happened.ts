import { sayClock, sayDuration } from '../base/say.ts';
import { endOf } from '../base/grid.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { deploysIn } from '../evidence/happened.ts';
import type { RankedFinding } from './verdict.ts';

/** Seconds before an onset in which a change of the deployment is named with it: a rollout of large models takes its time. */
const BEFORE = 900;
/** And after it: an onset is dated no better than a rate window. */
const AFTER = 60;

/**
 * The findings, the first of them with the change of deployment that came before it, where there was one. That it came before proves
 * nothing, so it is said beside what is measured to have changed, and takes its place only where nothing was.
 */
export function withDeploys(findings: readonly RankedFinding[], evidence: Evidence): readonly RankedFinding[] {
  const [first, ...rest] = findings;
  if (!first || first.since === null) return findings;
  const since = first.since;
  const deploy = deploysIn(evidence)
    .filter(({ at }) => at >= since - BEFORE && at <= since + AFTER)
    .at(-1);
  if (!deploy) return findings;
  const says = `deployment ${deploy.name} was changed at ${sayClock(deploy.at, endOf(evidence.grid))}, ${when(since - deploy.at)}`;
  const story = first.story ?? { changed: null, broke: null, hurts: null };
  const changed = story.changed
    ? { ...story.changed, says: `${story.changed.says}; ${says}` }
    : { at: deploy.at, title: `${deploy.name} was deployed`, says };
  return [{ ...first, story: { ...story, changed } }, ...rest];
}

function when(seconds: number): string {
  return seconds > 0 ? `${sayDuration(seconds)} before` : 'at the same time';
}
