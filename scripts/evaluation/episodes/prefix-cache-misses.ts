import { lognormal } from '../simulator/lengths.ts';
import { tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveCalm } from './proof.ts';

/** A prefix that is declared as shared has never matched: something variable stands before it. Costs, and nobody is hurt. */
export const prefixCacheMisses: EpisodeRecipe = {
  id: 'prefix-cache-misses',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({
    calm: [30, 40],
    trouble: [1500, 2100],
    recovers: 0,
    replicas: [1, 1, 2],
    intervals: [10, 15, 15, 30],
  }),
  draft: (drawn, strength, pressure) => {
    const { random, targets, engine } = drawn;
    const most = Math.min(3000, (0.22 * targets.firstToken) / engine.pace.beta);
    const tokens = Math.round(most * (strength === 'mild' ? random.between(0.4, 0.55) : random.between(0.75, 0.9)));
    const own = lognormal(Math.max(40, most - tokens), 0.4);
    const ground = { ...drawn, prompt: own };
    const rate = Math.max(0.15, Math.min(drawn.calmRate * 0.6, 4)) * Math.min(1, pressure);
    const prefix = { tokens, groups: 1, broken: true };
    return {
      scenario: tell(ground, { phases: [{ from: 0, traffic: [usual(ground, rate, { prefix })] }] }),
      primary: 'prefix-cache-misses',
      lenient: [],
      onset: ground.watch.from,
      ends: null,
      replicas: [],
      quiet: true,
      declaredPrefix: tokens,
      shows: ground.watch.from + 600,
      perturbations: [],
    };
  },
  prove: (figures) =>
    proveCalm(figures, [figures.prefixHits < 0.02, figures.jobs > 220], {
      'hit share': figures.prefixHits,
      prompts: figures.jobs,
    }),
};
