import { crash } from '../simulator/acts.ts';
import { tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';

/** A replica dies, comes back empty, and dies again. */
export const crashLoop: EpisodeRecipe = {
  id: 'crash-loop',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: (strength) => ({
    replicas: strength === 'mild' ? [2, 3, 4] : [1, 1, 2],
    trouble: [360, 540],
    intervals: [5, 5, 10, 15, 15, 30],
  }),
  draft: (drawn, strength, pressure) => {
    const { random, onset, seconds } = drawn;
    const number = random.whole(0, drawn.replicas - 1);
    const how = random.pick(['OOMKilled', 'Error'] as const);
    const rate = Math.max(drawn.calmRate, 0.4) * Math.min(1, pressure);
    const down = random.between(35, 70);
    const acts = [];
    let at = onset;
    while (at < seconds - 40) {
      acts.push(crash(at, number, down, how));
      at += down + random.between(40, strength === 'mild' ? 150 : 80);
    }
    const ground = { ...drawn };
    const scenario = tell(ground, {
      phases: [{ from: 0, traffic: [usual(ground, rate, { retries: { most: 3, pause: 2 } })] }],
      acts,
    });
    return {
      scenario,
      primary: 'crash-loop',
      lenient: ['request-failures'],
      onset,
      ends: null,
      replicas: drawn.replicas === 1 ? [] : [number],
      quiet: false,
      shows: onset,
      perturbations: [how],
    };
  },
  prove: (figures, draft) => {
    const { replicas } = figures.outcome.fleet;
    const crashes = (replicas[draft.replicas[0] ?? 0] as (typeof replicas)[number]).restarts;
    return {
      verdict: crashes >= 2 ? 'holds' : 'redraw',
      books: { crashes: crashes, 'late share': figures.late, 'lost share': figures.lost },
    };
  },
};
