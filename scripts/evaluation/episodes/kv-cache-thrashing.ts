import { lognormal, uniform } from '../simulator/lengths.ts';
import { mostRate, runAt, tell, usual, withEngine } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** Answers outgrow a pool that admitted them by their prompts: preemption and recomputation. */
export const kvCacheThrashing: EpisodeRecipe = {
  id: 'kv-cache-thrashing',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({ profiles: ['chat', 'rag', 'agentic', 'batch'], trouble: [300, 480] }),
  draft: (drawn, strength, pressure) => {
    const { random, onset, ends, engine, targets } = drawn;
    const prompt = lognormal(random.between(150, 400), 0.4);
    const answer = random.between(350, 900);
    const output = random.chance(0.5) ? uniform(answer * 0.5, answer * 1.5) : lognormal(answer, 0.4);
    const held = prompt.mean + output.mean / 2;
    const most = mostRate(engine.pace, prompt.mean, output.mean, held);
    const share = Math.max(0.1, Math.min(random.between(0.25, 0.4), 1 - engine.pace.alpha / (0.75 * targets.perToken)));
    const rate = most * share;
    const { running } = runAt(engine.pace, share, rate, output.mean);
    const fits = running * (strength === 'mild' ? 0.8 : 0.65);
    const blocks = Math.ceil((fits * held) / engine.blockSize);
    const seats = Math.max(64, 8 * Math.ceil((running * 2) / 8));
    const ground = {
      ...drawn,
      prompt,
      output,
      engine: { ...engine, blocks, seats, budget: Math.max(2048, engine.budget) },
    };
    const calm = rate * random.between(0.25, 0.4);
    const scenario = tell(ground, {
      phases: [
        { from: 0, traffic: [usual(ground, calm)] },
        { from: onset, traffic: [usual(ground, rate * pressure)] },
        ...(ends === null ? [] : [{ from: ends, traffic: [usual(ground, calm)] }]),
      ],
    });
    return {
      scenario,
      primary: 'kv-cache-thrashing',
      lenient: ['kv-bound-queueing', 'overload'],
      onset,
      ends,
      replicas: [],
      quiet: false,
      without: { 'with four times the blocks': withEngine(scenario, (one) => ({ ...one, blocks: one.blocks * 4 })) },
      perturbations: [],
    };
  },
  prove: (figures, _draft, strength) => {
    const each = figures.preemptions / Math.max(1, figures.finished);
    return proveHurt(
      strength,
      figures.hurt,
      [
        each > (strength === 'mild' ? 0.2 : 0.5),
        figures.wasted > (strength === 'mild' ? 0.04 : 0.1),
        figures.refused('seats') < 0.05,
      ],
      {
        'preemptions a finish': each,
        'wasted share': figures.wasted,
        'KV usage': figures.usage(),
        'late share': figures.late,
        'slow share': figures.slow,
      },
      strength === 'mild' ? [0.12, 0.6] : [0.5, 1.01],
    );
  },
};
