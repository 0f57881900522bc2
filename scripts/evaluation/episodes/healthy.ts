import type { Scenario } from '../simulator/scenario.ts';
import type { Figures } from './figures.ts';
import type { Ground, Wish } from './ground.ts';
import type { Draft, EpisodeRecipe, Proof } from './kind.ts';
import { proveCalm } from './proof.ts';

/** Lasts of the look-alikes: nothing goes wrong at any time. */
export const LASTING: Wish = { calm: [720, 960], trouble: [0, 0], recovers: 0 };

export interface LookAlike {
  readonly id: string;
  readonly wish?: Wish;
  readonly story: (ground: Ground, pressure: number) => Scenario;
  /** What makes it look alike; `null` leaves the usual proof that nobody is hurt. */
  readonly prove?: (figures: Figures, draft: Draft) => Proof;
  readonly perturbations?: readonly string[];
}

/** A story in which nothing is wrong, however much it looks like it. */
export function healthy(lookAlike: LookAlike): EpisodeRecipe {
  return {
    id: `healthy-${lookAlike.id}`,
    group: 'healthy',
    strengths: ['none'],
    wish: () => ({ ...LASTING, ...lookAlike.wish }),
    draft: (ground, _strength, pressure) => ({
      scenario: lookAlike.story(ground, pressure),
      primary: null,
      lenient: [],
      onset: null,
      ends: null,
      replicas: [],
      quiet: false,
      perturbations: lookAlike.perturbations ?? [],
    }),
    prove: (figures, draft) => (lookAlike.prove ? lookAlike.prove(figures, draft) : proveCalm(figures)),
  };
}
