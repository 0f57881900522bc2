import { set } from '../simulator/acts.ts';
import { tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** A proxy cuts answers off, or the server ends requests with errors; the engine itself is fine. */
export const requestFailures: EpisodeRecipe = {
  id: 'request-failures',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({ needs: ['modern'], calm: [240, 360], trouble: [360, 600] }),
  draft: (ground, strength, pressure) => {
    const { random, onset, ends, output, engine, most, calmRate } = ground;
    const errors = random.chance(0.4);
    const rate = Math.max(calmRate, 0.8);
    const share = (strength === 'mild' ? 0.12 : 0.4) * pressure;
    const usualTime = (output.mean * engine.pace.alpha) / (1 - Math.min(0.8, rate / most));
    const cut = { answerPatience: Math.max(0.3, usualTime * (strength === 'mild' ? 1.7 : 1)) / pressure };
    const phases = [
      { from: 0, traffic: [usual(ground, rate)] },
      ...(errors ? [] : [{ from: onset, traffic: [usual(ground, rate, cut)] }]),
      ...(errors || ends === null ? [] : [{ from: ends, traffic: [usual(ground, rate)] }]),
    ];
    const all = Array.from({ length: ground.replicas }, (_, i) => i);
    const scenario = tell(ground, {
      phases,
      acts: errors
        ? all.flatMap((i) => [
            set(onset, i, { errorShare: Math.min(0.9, share) }),
            ...(ends === null ? [] : [set(ends, i, { errorShare: 0 })]),
          ])
        : [],
    });
    return {
      scenario,
      primary: 'request-failures',
      lenient: [],
      onset,
      ends,
      replicas: [],
      quiet: false,
      perturbations: [errors ? 'errors' : 'aborts'],
    };
  },
  prove: (figures, _draft, strength) =>
    proveHurt(
      strength,
      figures.lost,
      [figures.slow < 0.06, figures.refused('seats') + figures.refused('blocks') < 0.05, figures.jobs > 120],
      { 'late share': figures.late, 'slow share': figures.slow, attempts: figures.attempts },
      strength === 'mild' ? [0.06, 0.25] : [0.25, 0.9],
    ),
};
