import { tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveCalm } from './proof.ts';

/** Far more is paid for than is asked of. */
export const gpuUnderutilization: EpisodeRecipe = {
  id: 'gpu-underutilization',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({
    calm: [30, 40],
    trouble: [2400, 3500],
    recovers: 0,
    replicas: [2, 2, 3, 4],
    intervals: [15, 30, 60],
    needs: ['gpu'],
  }),
  draft: (ground, strength, pressure) => {
    const rate = Math.max(0.06, ground.calmRate * (strength === 'mild' ? 0.12 : 0.05)) * Math.min(1, pressure);
    return {
      scenario: tell(ground, { phases: [{ from: 0, traffic: [usual(ground, Math.min(rate, 1.5))] }] }),
      primary: 'gpu-underutilization',
      lenient: [],
      onset: ground.watch.from,
      ends: null,
      replicas: [],
      quiet: true,
      shows: ground.watch.from + 900,
      perturbations: [],
    };
  },
  prove: (figures, draft) => {
    const { seats } = (draft.scenario.replicas[0] as (typeof draft.scenario.replicas)[number]).engine;
    const running = figures.meanRunning(0);
    return proveCalm(figures, [running / seats < 0.1, figures.waiting() < 0.2], {
      'mean running on the first': running,
      'share of seats': running / seats,
      'step time share': figures.busy,
    });
  },
};
