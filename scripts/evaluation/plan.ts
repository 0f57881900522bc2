import type { Watched } from './moment.ts';
import { recordedEpisodes } from './recorded.ts';
import { simulatedEpisodes } from './simulated.ts';
import { watch } from './watch.ts';

/** What is to be watched. */
export interface Plan {
  readonly seed: number;
  readonly perKind: number;
  readonly only: 'recordings' | 'episodes' | null;
  /** Kinds of episodes to keep; empty = all. */
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
  return [
    ...simulated.map((build, index) => ({
      key: `seed ${plan.seed}, ${plan.perKind} per kind, ${index}${mark(index)}`,
      run: async () => {
        const began = performance.now();
        const episode = build();
        if (!wanted(episode.kind)) return null;
        const watched = await watch(() => episode, { ablations: ablated(index) });
        return { ...watched, cost: { ...watched.cost, build: performance.now() - began - total(watched) } };
      },
    })),
    ...recorded
      .filter(({ name }) => plan.kinds.length === 0 || plan.kinds.includes(name))
      .map(({ name, build, known }, index) => ({
        key: `recording ${name}${mark(index)}`,
        run: () => watch(build, { ablations: ablated(index), known }),
      })),
  ];
}

function total({ cost }: Watched): number {
  return cost.build + cost.read + cost.judge;
}
