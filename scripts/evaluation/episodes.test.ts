import { beforeAll, describe, expect, test } from 'vitest';
import { EPISODE_KINDS } from './episodes/index.ts';
import type { Strength } from './episodes/kind.ts';
import { classScores, decisionsOf, topOneOf, valueOf } from './metrics/accuracy.ts';
import { alarmsOf } from './metrics/alarms.ts';
import { sureAndWrong } from './metrics/confidence.ts';
import type { Watched } from './moment.ts';
import { QUICK } from './quick.ts';
import { isWrong, timelineOf } from './report/timeline.ts';
import { watch } from './watch.ts';

/** Seconds between moments: enough to decide an episode by. */
const EVERY = 60;

/** Bars for so few episodes; docs/evaluation.md holds the product to the real ones. */
const LEAST = { topOne: 0.7, lenient: 0.8, classes: 18 } as const;
const MOST = { alarms: 2, sureAndWrong: 0.04 } as const;

function build(id: string) {
  const [kind, strength, seed] = id.split('/');
  const made = EPISODE_KINDS.find((one) => one.id === kind);
  if (!made) throw new Error(`there is no kind ${kind}`);
  return made.build(Number(seed), strength as Strength);
}

describe('a few labelled episodes of every class', () => {
  const all: Watched[] = [];
  const wrong = () => all.filter(isWrong).map(timelineOf).join('\n\n');

  beforeAll(async () => {
    for (const id of QUICK) all.push(await watch(() => build(id), { ablations: false, every: EVERY }));
  }, 600_000);

  test('every class is among them', () => {
    const classes = EPISODE_KINDS.filter(({ group }) => group === 'pathology').map(({ id }) => id);
    expect(classes.filter((id) => !all.some((watched) => watched.episode.kind === id))).toEqual([]);
  });

  test('troubles are named', () => {
    const top = topOneOf(all);
    expect(valueOf(top.episodes.strict), wrong()).toBeGreaterThanOrEqual(LEAST.topOne);
    expect(valueOf(top.episodes.lenient), wrong()).toBeGreaterThanOrEqual(LEAST.lenient);
    const ids = [...new Set(decisionsOf(all).map(({ truth }) => truth))];
    const found = classScores(all, ids).filter(({ recall }) => recall.hits > 0);
    expect(found.length, wrong()).toBeGreaterThanOrEqual(LEAST.classes);
  });

  test('healthy fleets are left alone', () => {
    expect(alarmsOf(all, EVERY).alarms.length, wrong()).toBeLessThanOrEqual(MOST.alarms);
  });

  test('nothing is wrong and sure of itself, but for a few moments', () => {
    const { strict, moments } = sureAndWrong(all);
    expect(strict / moments, wrong()).toBeLessThanOrEqual(MOST.sureAndWrong);
  });
});
