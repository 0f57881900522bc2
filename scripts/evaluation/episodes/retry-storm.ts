import { tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { roomy } from './overload.ts';
import { proveHurt } from './proof.ts';

/** A burst pushes waiting beyond the clients' patience; their retries keep it there after the burst is over. */
export const retryStorm: EpisodeRecipe = {
  id: 'retry-storm',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({ needs: ['gateway'], recovers: 0, trouble: [300, 480], replicas: [1, 1, 2, 3] }),
  draft: (drawn, strength, pressure) => {
    const ground = roomy(drawn);
    const { random, onset, most, targets } = ground;
    const rate = most * random.between(0.45, 0.55);
    const patience = Math.max(3, targets.firstToken * random.between(3, 6));
    const burst = random.between(45, 75) + patience;
    const clients = {
      patience,
      retries: { most: strength === 'mild' ? 4 : 12, pause: random.between(0.5, 1.5) },
    };
    const high = most * (strength === 'mild' ? 1.15 : 1.4) * pressure;
    const phases = (more: object) => [
      { from: 0, traffic: [usual(ground, rate, more)] },
      { from: onset, traffic: [usual(ground, high, more)] },
      { from: onset + burst, traffic: [usual(ground, rate * 1.25, more)] },
    ];
    const scenario = tell(ground, { phases: phases(clients) });
    return {
      scenario,
      primary: 'retry-storm',
      lenient: ['overload', 'request-failures'],
      onset,
      ends: Math.round(onset + burst),
      countedUntil: ground.seconds,
      replicas: [],
      quiet: false,
      perturbations: [],
    };
  },
  prove: (figures, draft, strength) => {
    const attempts = figures.attempts / Math.max(1, figures.jobs);
    const tail = figures.over(figures.to - 90, figures.to);
    const after = figures.over(draft.ends as number, (draft.ends as number) + 60);
    return proveHurt(
      strength,
      figures.late,
      [
        attempts > (strength === 'mild' ? 1.25 : 1.6),
        figures.lost > 0.1,
        after.late > 0.3,
        strength === 'mild' || tail.late > 0.4,
      ],
      {
        'attempts a job': attempts,
        'lost share': figures.lost,
        'late share at the end': tail.late,
        'hit share': figures.prefixHits,
      },
      strength === 'mild' ? [0.15, 0.75] : [0.5, 1.01],
    );
  },
};
