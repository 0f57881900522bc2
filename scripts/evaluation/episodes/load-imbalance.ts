import { route } from '../simulator/acts.ts';
import { tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** One replica is given far more than its share while others have room. */
export const loadImbalance: EpisodeRecipe = {
  id: 'load-imbalance',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({ replicas: [2, 3, 4, 8], intervals: [5, 10, 15, 15, 30] }),
  draft: (drawn, strength, pressure) => {
    const { random, onset, ends, replicas, most, engine } = drawn;
    const hot = random.whole(0, replicas - 1);
    const seats = Math.max(
      12,
      Math.min(engine.seats, Math.round(drawn.calmRate * drawn.output.mean * engine.pace.alpha * 4)),
    );
    const ground = { ...drawn, engine: random.chance(0.5) ? { ...engine, seats } : engine };
    const rate = Math.min(ground.calmRate, most * 0.3);
    // Its share is such that it alone cannot cope.
    const wanted = (most * (strength === 'mild' ? 0.75 : 1.05) * pressure) / (rate * replicas);
    const share = Math.min(0.97, Math.max(1.6 / replicas, wanted));
    const weight = (share * (replicas - 1)) / Math.max(0.03, 1 - share);
    const weights = Array.from({ length: replicas }, (_, i) => (i === hot ? weight : 1));
    const total = Math.max(rate, (most * (strength === 'mild' ? 0.75 : 1.05) * pressure) / (share * replicas));
    const scenario = tell(ground, {
      policy: { kind: 'round-robin' },
      phases: [
        { from: 0, traffic: [usual(ground, rate)] },
        { from: onset, traffic: [usual(ground, total)] },
        ...(ends === null ? [] : [{ from: ends, traffic: [usual(ground, rate)] }]),
      ],
      acts: [
        route(onset, { kind: 'weighted', weights }),
        ...(ends === null ? [] : [route(ends, { kind: 'least-loaded' })]),
      ],
    });
    return {
      scenario,
      primary: 'load-imbalance',
      lenient: [],
      onset,
      ends,
      replicas: [hot],
      quiet: false,
      without: { 'spread by load': { ...scenario, policy: { kind: 'least-loaded' }, acts: [] } },
      perturbations: [],
    };
  },
  prove: (figures, draft, strength) => {
    const hot = draft.replicas[0] as number;
    const others = draft.scenario.replicas.map((_, i) => i).filter((i) => i !== hot);
    const peers = others.reduce((sum, i) => sum + figures.meanRunning(i), 0) / others.length;
    const skew = figures.meanRunning(hot) / Math.max(0.05, peers);
    return proveHurt(
      strength,
      figures.hurt,
      [skew > 1.8, figures.waiting(hot) > 0.5],
      {
        'running on the hot one': figures.meanRunning(hot),
        'running on its peers': peers,
        'waiting on the hot one': figures.waiting(hot),
        'late share': figures.late,
      },
      strength === 'mild' ? [0.12, 0.55] : [0.4, 1.01],
    );
  },
};
