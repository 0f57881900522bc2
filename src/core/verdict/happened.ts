import { sayClock, sayDuration } from '../base/say.ts';
import { endOf } from '../base/grid.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { configChangesIn, deploysIn, imagesIn } from '../evidence/happened.ts';
import type { RankedFinding } from './verdict.ts';

/** Seconds before an onset in which a change of the deployment is named with it: a rollout of large models takes its time. */
const BEFORE = 900;
/** And after it: an onset is dated no better than a rate window. */
const AFTER = 60;

/**
 * The findings, the first of them with what somebody changed before it, where that shows: a deployment, an image, a setting. That it
 * came before proves nothing, so it is said beside what is measured to have changed, and takes its place only where nothing was.
 */
export function withWhatSomebodyDid(findings: readonly RankedFinding[], evidence: Evidence): readonly RankedFinding[] {
  const [first, ...rest] = findings;
  if (!first || first.since === null) return findings;
  const since = first.since;
  const done = deedsIn(evidence)
    .filter(({ at }) => at >= since - BEFORE && at <= since + AFTER)
    .sort((a, b) => a.at - b.at)
    .at(-1);
  if (!done) return findings;
  const says = `${done.says} at ${sayClock(done.at, endOf(evidence.grid))}, ${when(since - done.at)}`;
  const story = first.story ?? { changed: null, broke: null, hurts: null };
  const changed = story.changed
    ? { ...story.changed, says: `${story.changed.says}; ${says}` }
    : { at: done.at, title: done.title, says };
  return [{ ...first, story: { ...story, changed } }, ...rest];
}

interface Deed {
  readonly at: number;
  readonly title: string;
  readonly says: string;
}

/** What people did. Of two at one time the more exact is last: a setting says more than an image, an image more than a deployment. */
function deedsIn(evidence: Evidence): Deed[] {
  const many = evidence.replicas.length > 1;
  return [
    ...deploysIn(evidence).map(({ at, name }) => ({
      at,
      title: `${name} was deployed`,
      says: `deployment ${name} was changed`,
    })),
    ...imagesIn(evidence).map(({ at, name }) => ({ at, title: 'Another version runs', says: name })),
    ...configChangesIn(evidence).map(({ at, replica, says }) => ({
      at,
      title: 'Other settings',
      says: many ? `${says} on ${replica}` : says,
    })),
  ];
}

function when(seconds: number): string {
  return seconds > 0 ? `${sayDuration(seconds)} before` : 'at the same time';
}
