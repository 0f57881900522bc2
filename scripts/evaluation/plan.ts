import type { Watched } from './moment.ts';
import { recordedEpisodes } from './recorded.ts';
import { openShelf } from './shelf.ts';
import { seedOf, simulatedEpisodes } from './simulated.ts';
import { watch } from './watch.ts';

/** What is to be watched. */
export interface Plan {
  readonly seed: number;
  /** Episodes of each kind and strength. */
  readonly perKind: number;
  readonly only: 'recordings' | 'episodes' | null;
  /** What to keep: kinds, kinds with strength, whole ids, recordings by name; empty = all. */
  readonly kinds: readonly string[];
  /** Every how many episodes of a kind is also judged with things taken away; 0 = none. */
  readonly ablateEvery: number;
}

/** One episode to be watched, by a key that is the same in every process. */
export interface Task {
  readonly key: string;
  readonly run: () => Promise<Watched>;
}

/** The episodes of a plan, simulated ones first. Nothing is built yet. */
export async function tasksOf(plan: Plan): Promise<Task[]> {
  const wanted = (id: string) =>
    plan.kinds.length === 0 || plan.kinds.some((kind) => id === kind || id.startsWith(`${kind}/`));
  const ablated = (number: number) => plan.ablateEvery > 0 && number % plan.ablateEvery === 0;
  const key = (id: string, number: number) => `${id}${ablated(number) ? ', ablated' : ''}`;
  const simulated = plan.only === 'recordings' ? [] : simulatedEpisodes(plan.seed, plan.perKind);
  const recorded = plan.only === 'episodes' ? [] : await recordedEpisodes();
  const shelf = await openShelf();
  return [
    ...simulated
      .filter(({ id }) => wanted(id))
      .map((build) => ({
        key: key(build.id, seedOf(build.id)),
        run: async () => {
          const began = performance.now();
          const episode = await shelf.take(build.id.replaceAll('/', '-'), build);
          const taken = performance.now() - began;
          const watched = await watch(() => episode, { ablations: ablated(seedOf(build.id)) });
          return { ...watched, cost: { ...watched.cost, build: taken } };
        },
      })),
    ...recorded
      .filter(({ name }) => wanted(name))
      .map(({ name, build, known }, index) => ({
        key: key(`recording/${name}`, index),
        run: () => watch(build, { ablations: ablated(index), known }),
      })),
  ];
}
