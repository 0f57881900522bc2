import { lognormal } from '../simulator/lengths.ts';
import { mostRate, tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** The shared prefix stops matching from one moment to the next. */
export const prefixCacheCollapse: EpisodeRecipe = {
  id: 'prefix-cache-collapse',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({ profiles: ['chat', 'rag', 'agentic'], calm: [240, 360], recovers: 0.2 }),
  draft: (drawn, strength, pressure) => {
    const { random, onset, ends, engine, targets } = drawn;
    const own = lognormal(random.between(120, 350), 0.4);
    const whole = Math.min(7000, (0.5 * targets.firstToken) / engine.pace.beta);
    const shared = {
      tokens: Math.round(Math.max(800, whole * random.between(0.7, 1))),
      groups: random.pick([1, 1, 3, 6]),
    };
    const output = lognormal(random.between(40, 90), 0.4);
    const prompt = shared.tokens + own.mean;
    const most = mostRate(engine.pace, prompt, output.mean, prompt + output.mean / 2);
    const calmMost = mostRate(engine.pace, own.mean, output.mean, prompt + output.mean / 2);
    const rate = Math.min(most * (strength === 'mild' ? 0.72 : 1.05) * pressure, calmMost * 0.5);
    const running = rate * output.mean * engine.pace.alpha * 8;
    const ground = {
      ...drawn,
      prompt: own,
      output,
      engine: {
        ...engine,
        maxModelLen: 32768,
        seats: Math.max(engine.seats, 8 * Math.ceil(running / 8)),
        blocks: Math.max(engine.blocks, Math.ceil((Math.max(running, 40) * prompt * 1.3) / engine.blockSize)),
      },
    };
    const scenario = tell(ground, {
      phases: [
        { from: 0, traffic: [usual(ground, rate, { prefix: shared })] },
        { from: onset, traffic: [usual(ground, rate, { prefix: { ...shared, broken: true } })] },
        ...(ends === null ? [] : [{ from: ends, traffic: [usual(ground, rate, { prefix: shared })] }]),
      ],
    });
    return {
      scenario,
      primary: 'prefix-cache-collapse',
      lenient: ['overload'],
      onset,
      ends,
      replicas: [],
      quiet: false,
      without: {
        'with the prefix intact': tell(ground, {
          phases: [{ from: 0, traffic: [usual(ground, rate, { prefix: shared })] }],
        }),
      },
      perturbations: [],
    };
  },
  prove: (figures, draft, strength) => {
    const before = figures.over(draft.scenario.watch.from + 30, figures.from).prefixHits;
    return proveHurt(
      strength,
      figures.hurt,
      [before > 0.45, figures.prefixHits < 0.05, figures.usage() < 0.9],
      {
        'hit share before': before,
        'hit share after': figures.prefixHits,
        'late share': figures.late,
        'slow share': figures.slow,
      },
      strength === 'mild' ? [0.12, 0.6] : [0.5, 1.01],
    );
  },
};
