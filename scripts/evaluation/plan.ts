import type { Watched } from './moment.ts';
import { recordedEpisodes } from './recorded.ts';
import { openShelf } from './shelf.ts';
import { simulatedEpisodes } from './simulated.ts';
import { watch } from './watch.ts';

/** What is to be watched. */
export interface Plan {
  readonly seed: number;
  readonly perKind: number;
  readonly only: 'recordings' | 'episodes' | null;
  /** Kinds of episodes to keep, and recordings by name; empty = all. */
  readonly kinds: readonly string[];
  /** Every how many episodes is also judged with things taken away; 0 = none. */
  readonly ablateEvery: number;
}

/** One episode to be watched, by a key that is the same in every process. */
export interface Task {
  readonly key: string;
  /** @returns `null` for an episode of a kind that was not asked for */
  readonly run: () => Promise<Watched | null>;
}

/** The episodes of a plan, simulated ones first. Nothing is built yet. */
export async function tasksOf(plan: Plan): Promise<Task[]> {
  const wanted = (kind: string) => plan.kinds.length === 0 || plan.kinds.includes(kind);
  const ablated = (index: number) => plan.ablateEvery > 0 && index % plan.ablateEvery === 0;
  const mark = (index: number) => (ablated(index) ? '+' : '');
  const simulated = plan.only === 'recordings' ? [] : await simulatedEpisodes(plan.seed, plan.perKind);
  const recorded = plan.only === 'episodes' ? [] : await recordedEpisodes();
  const shelf = await openShelf();
  return [
    ...simulated.map((build, index) => ({
      key: `seed ${plan.seed}, ${plan.perKind} per kind, ${index}${mark(index)}`,
      run: async () => {
        const began = performance.now();
        const episode = await shelf.take(`${plan.seed}-${plan.perKind}-${index}`, build);
        const taken = performance.now() - began;
        if (!wanted(episode.kind)) return null;
        const watched = await watch(() => episode, { ablations: ablated(index) });
        return { ...watched, cost: { ...watched.cost, build: taken } };
      },
    })),
    ...recorded
      .filter(({ name }) => wanted(name))
      .map(({ name, build, known }, index) => ({
        key: `recording ${name}${mark(index)}`,
        run: () => watch(build, { ablations: ablated(index), known }),
      })),
  ];
}
