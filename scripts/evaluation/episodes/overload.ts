import { lognormal } from '../simulator/lengths.ts';
import { mostRate } from './ground.ts';
import { type Ground, tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** Prompts for which neither seats nor memory run out before the engine's time does. */
export function roomy(ground: Ground): Ground {
  const { random, engine } = ground;
  const promptMean = Math.min(1500, (0.3 * ground.targets.firstToken) / engine.pace.beta) * random.between(0.6, 1);
  const prompt = lognormal(promptMean, 0.35);
  const output = lognormal(promptMean * random.between(0.08, 0.16) + 12, 0.4);
  const budget = Math.min(engine.budget, 4096);
  const running = (budget * output.mean) / (prompt.mean + output.mean);
  const held = prompt.mean + output.mean;
  return {
    ...ground,
    prompt,
    output,
    most: mostRate(engine.pace, prompt.mean, output.mean, held),
    engine: {
      ...engine,
      budget,
      seats: Math.max(engine.seats, 8 * Math.ceil((running * 1.6) / 8)),
      blocks: Math.max(engine.blocks, Math.ceil((running * held * 2.2) / engine.blockSize)),
    },
  };
}

export const overload: EpisodeRecipe = {
  id: 'overload',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({}),
  draft: (drawn, strength, pressure) => {
    const ground = roomy(drawn);
    const { random, onset, ends, most } = ground;
    const calm = most * random.between(0.25, 0.4);
    const rate = most * (strength === 'mild' ? 0.82 : 1.15) * pressure;
    const scenario = tell(ground, {
      phases: [
        { from: 0, traffic: [usual(ground, calm)] },
        { from: onset, traffic: [usual(ground, rate)] },
        ...(ends === null ? [] : [{ from: ends, traffic: [usual(ground, calm)] }]),
      ],
    });
    return {
      scenario,
      primary: 'overload',
      lenient: scenario.watch.gateway ? [] : ['retry-storm'],
      onset,
      ends,
      replicas: [],
      quiet: false,
      perturbations: [],
    };
  },
  prove: (figures, draft, strength) => {
    const books = {
      'time held by budget': figures.refused('budget'),
      'time held by seats': figures.refused('seats'),
      'time held by blocks': figures.refused('blocks'),
      'step time share': figures.busy,
      'KV usage': figures.usage(),
      preemptions: figures.preemptions,
    };
    void draft;
    const orderly = figures.refused('seats') + figures.refused('blocks') < 0.15 * figures.refused('budget') + 0.01;
    return proveHurt(strength, figures.late, [orderly, figures.usage() < 0.85, figures.busy > 0.9], books);
  },
};
