import type { Scenario } from '../simulator/scenario.ts';
import type { Figures } from './figures.ts';
import type { Ground, Wish } from './ground.ts';

export type Strength = 'mild' | 'strong' | 'none';
export type Group = 'pathology' | 'healthy' | 'composite';

/** What the books must show, and whether they do. */
export interface Proof {
  /** `more` and `less`: the same story again with more or less pressure; `redraw`: another one. */
  readonly verdict: 'holds' | 'more' | 'less' | 'redraw';
  readonly books: Readonly<Record<string, number>>;
}

/** A story with its label, before the books have been asked. */
export interface Draft {
  readonly scenario: Scenario;
  readonly primary: string | null;
  readonly lenient: readonly string[];
  /** Seconds of the episode; `null` if nothing goes wrong. */
  readonly onset: number | null;
  /** When the cause ends, `null` if it stays: the trouble may last longer. */
  readonly ends: number | null;
  /** Until when people are counted as hurt by it, where that is not until the cause ends. */
  readonly countedUntil?: number;
  /** Replicas concerned; empty = all. */
  readonly replicas: readonly number[];
  readonly quiet: boolean;
  /** Tokens of prefix that somebody has declared as shared. */
  readonly declaredPrefix?: number;
  /** Overrides the moment from which the books could tell: seconds of the episode. */
  readonly shows?: number;
  /** Stories without the cause, in which the trouble must be gone. */
  readonly without?: Readonly<Record<string, Scenario | undefined>>;
  readonly perturbations: readonly string[];
}

export interface EpisodeRecipe {
  readonly id: string;
  readonly group: Group;
  readonly strengths: readonly Strength[];
  readonly wish: (strength: Strength) => Wish;
  /** @param pressure times the load of the trouble, found by trial so that the label holds */
  readonly draft: (ground: Ground, strength: Strength, pressure: number) => Draft;
  readonly prove: (figures: Figures, draft: Draft, strength: Strength) => Proof;
}
