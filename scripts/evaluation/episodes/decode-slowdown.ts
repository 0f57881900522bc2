import { lognormal } from '../simulator/lengths.ts';
import { mostRate, runAt, tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** More or longer running requests slow every token a little; nobody waits for a seat. */
export const decodeSlowdown: EpisodeRecipe = {
  id: 'decode-slowdown',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({
    profiles: ['chat', 'code-completion', 'rag', 'agentic'],
    trouble: [420, 720],
    replicas: [1, 1, 2],
    intervals: [5, 10, 15, 30],
  }),
  draft: (drawn, strength, pressure) => {
    const { random, onset, ends, engine, targets } = drawn;
    const prompt = lognormal(random.between(60, 140), 0.3);
    const output = lognormal(random.between(180, 400), 0.35);
    const held = prompt.mean + output.mean / 2;
    const most = mostRate(engine.pace, prompt.mean, output.mean, held);
    const limit = 1 - engine.pace.alpha / targets.perToken;
    const share = Math.min(0.93, limit * (strength === 'mild' ? 1.0 : 1.08)) * pressure;
    const { running } = runAt(engine.pace, Math.min(0.95, share), most * share, output.mean);
    const ground = {
      ...drawn,
      prompt,
      output,
      engine: {
        ...engine,
        seats: 16 * Math.ceil((running * 2) / 16) + 64,
        budget: Math.max(engine.budget, 8192),
        blocks: Math.max(engine.blocks, Math.ceil((running * (held + output.mean) * 2.2) / engine.blockSize)),
      },
    };
    const calm = most * limit * random.between(0.2, 0.45);
    // It comes gradually, as demand does.
    const climb = random.between(30, 120);
    const rising = (at: number) => {
      const part = Math.min(1, (at - onset) / climb);
      return ground.replicas * (calm + (most * share - calm) * part);
    };
    const scenario = tell(ground, {
      phases: [
        { from: 0, traffic: [usual(ground, calm)] },
        { from: onset, traffic: [usual(ground, 0, { rate: rising })] },
        ...(ends === null ? [] : [{ from: ends, traffic: [usual(ground, calm)] }]),
      ],
    });
    return {
      scenario,
      primary: 'decode-slowdown',
      lenient: ['overload'],
      onset,
      ends,
      replicas: [],
      quiet: false,
      perturbations: [],
    };
  },
  prove: (figures, _draft, strength) =>
    proveHurt(
      strength,
      figures.slow,
      [figures.late < 0.06, figures.usage() < 0.85, figures.longGaps < 0.25, figures.preemptions === 0],
      {
        'late share': figures.late,
        'time per token': figures.perToken,
        'mean running': figures.running(),
        'KV usage': figures.usage(),
        'time held by anything': figures.refused('budget') + figures.refused('seats') + figures.refused('blocks'),
      },
    ),
};
