import { tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';

/** The fleet is fine and nobody can see it: scrapes fail, or the engine's metrics vanish on the way. */
export const telemetryGap: EpisodeRecipe = {
  id: 'telemetry-gap',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({ recovers: 0, trouble: [300, 420], intervals: [5, 10, 15, 30] }),
  draft: (drawn, strength) => {
    const { random, onset, seconds, watch, replicas } = drawn;
    const vanish = strength === 'strong' && random.chance(0.5);
    // Mild: half of the fleet is out of sight for good, or all of it for a while.
    const half = strength === 'mild' && replicas > 1;
    const ends = strength === 'mild' && !half ? Math.round(onset + Math.max(120, watch.interval * 9)) : null;
    const blind = vanish
      ? []
      : [
          {
            from: onset,
            to: ends ?? Infinity,
            ...(half ? { replicas: Array.from({ length: Math.ceil(replicas / 2) }, (_, i) => i) } : {}),
          },
        ];
    const ground = { ...drawn, seconds: ends === null ? seconds : ends + 120 };
    return {
      scenario: tell(ground, {
        phases: [{ from: 0, traffic: [usual(ground, ground.calmRate)] }],
        watch: {
          ...watch,
          blind,
          ...(vanish ? { vanish: { from: onset, families: /^vllm[:_]/ } } : {}),
        },
      }),
      primary: 'telemetry-gap',
      lenient: [],
      onset,
      ends,
      replicas: half ? (blind[0]?.replicas ?? []) : [],
      quiet: false,
      shows: onset + 3 * watch.interval,
      perturbations: [vanish ? 'metrics vanish' : half ? 'half of the fleet' : 'scrapes fail'],
    };
  },
  prove: (figures) => ({
    verdict: figures.late < 0.05 && figures.slow < 0.05 ? 'holds' : 'less',
    books: { 'late share': figures.late, 'slow share': figures.slow, jobs: figures.jobs },
  }),
};
