import { runAt, tell, usual, withEngine } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** All seats are taken while memory and the engine's time are left. */
export const seatCeiling: EpisodeRecipe = {
  id: 'seat-ceiling',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({}),
  draft: (ground, _strength, pressure) => {
    const { random, onset, ends, engine, most, output, targets } = ground;
    const share = Math.min(random.between(0.3, 0.5), 1 - engine.pace.alpha / (0.8 * targets.perToken));
    const rate = most * Math.max(0.12, share);
    const { running } = runAt(engine.pace, share, rate, output.mean);
    const seats = Math.max(2, Math.round(running * random.between(0.8, 0.9)));
    const held = ground.prompt.mean + output.mean;
    const blocks = Math.max(engine.blocks, Math.ceil((seats * held * 2.5) / engine.blockSize));
    const narrow = { ...ground, engine: { ...engine, seats, blocks, budget: Math.max(engine.budget, seats) } };
    const scenario = tell(narrow, {
      phases: [
        { from: 0, traffic: [usual(narrow, rate * random.between(0.35, 0.5))] },
        { from: onset, traffic: [usual(narrow, rate * pressure)] },
        ...(ends === null ? [] : [{ from: ends, traffic: [usual(narrow, rate * 0.4)] }]),
      ],
    });
    return {
      scenario,
      primary: 'seat-ceiling',
      lenient: ['overload'],
      onset,
      ends,
      replicas: [],
      quiet: false,
      without: { 'with four times the seats': withEngine(scenario, (one) => ({ ...one, seats: one.seats * 4 })) },
      perturbations: [],
    };
  },
  prove: (figures, _draft, strength) =>
    proveHurt(
      strength,
      figures.late,
      [figures.refusedBy('seats') > 0.9, figures.usage() < 0.75, figures.preemptions === 0, figures.slow < 0.1],
      {
        'refusals by seats': figures.refusedBy('seats'),
        'time held by seats': figures.refused('seats'),
        'KV usage': figures.usage(),
        'budget use': figures.budgetUse,
      },
    ),
};
