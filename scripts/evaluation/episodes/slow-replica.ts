import { set } from '../simulator/acts.ts';
import { tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** One replica does the same work slower: a throttled GPU. */
export const slowReplica: EpisodeRecipe = {
  id: 'slow-replica',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({ replicas: [2, 3, 3, 4, 8], policies: [{ kind: 'round-robin' }], intervals: [5, 10, 15, 15, 30] }),
  draft: (ground, strength, pressure) => {
    const { random, onset, ends, replicas, targets, engine, most } = ground;
    const slow = random.whole(0, replicas - 1);
    const rate = ground.calmRate;
    const plain = engine.pace.alpha / (1 - rate / most);
    const slowness = Math.min(8, (targets.perToken / plain) * (strength === 'mild' ? 0.85 : 1.25) * pressure);
    const scenario = tell(ground, {
      phases: [{ from: 0, traffic: [usual(ground, rate)] }],
      acts: [set(onset, slow, { slowness }), ...(ends === null ? [] : [set(ends, slow, { slowness: 1 })])],
    });
    return {
      scenario,
      primary: 'slow-replica',
      lenient: [],
      onset,
      ends,
      replicas: [slow],
      quiet: false,
      without: { 'without the slow GPU': { ...scenario, acts: [] } },
      perturbations: [],
    };
  },
  prove: (figures, draft, strength) => {
    const share = 1 / draft.scenario.replicas.length;
    return proveHurt(
      strength,
      figures.hurt,
      [],
      { 'late share': figures.late, 'slow share': figures.slow, 'share of replicas': share },
      strength === 'mild' ? [0.35 * share, 0.85 * share] : [0.75 * share, 1.01],
    );
  },
};
