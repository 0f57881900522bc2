import { lognormal, uniform } from '../simulator/lengths.ts';
import { runAt, mostRate, tell, usual, withEngine } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** Whole prompts wait for blocks; hardly anybody is preempted, as answers are short. */
export const kvBoundQueueing: EpisodeRecipe = {
  id: 'kv-bound-queueing',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({ profiles: ['chat', 'rag', 'agentic', 'batch'] }),
  draft: (drawn, _strength, pressure) => {
    const { random, onset, ends, engine, targets } = drawn;
    const mean = Math.min(2600, (0.3 * targets.firstToken) / engine.pace.beta) * random.between(0.7, 1);
    const prompt = random.chance(0.5) ? uniform(mean * 0.7, mean * 1.3) : lognormal(mean, 0.25);
    const output = uniform(mean * 0.03 + 4, mean * 0.08 + 8);
    const most = mostRate(engine.pace, prompt.mean, output.mean, mean);
    const share = random.between(0.3, 0.45);
    const rate = most * share;
    const { running } = runAt(engine.pace, share, rate, output.mean);
    const seated = Math.max(4, running * random.between(0.75, 0.9));
    const blocks = Math.ceil((seated * (prompt.mean + output.mean / 2)) / engine.blockSize);
    const seats = Math.max(64, 8 * Math.ceil((seated * 4) / 8));
    const ground = {
      ...drawn,
      prompt,
      output,
      engine: {
        ...engine,
        watermark: random.chance(0.7) ? random.between(0.05, 0.12) : 0,
        blocks,
        seats,
        budget: Math.max(2048, engine.budget),
      },
    };
    const calm = rate * random.between(0.2, 0.35);
    const scenario = tell(ground, {
      phases: [
        { from: 0, traffic: [usual(ground, calm)] },
        { from: onset, traffic: [usual(ground, rate * pressure)] },
        ...(ends === null ? [] : [{ from: ends, traffic: [usual(ground, calm)] }]),
      ],
    });
    return {
      scenario,
      primary: 'kv-bound-queueing',
      lenient: ['overload'],
      onset,
      ends,
      replicas: [],
      quiet: false,
      without: { 'with four times the blocks': withEngine(scenario, (one) => ({ ...one, blocks: one.blocks * 4 })) },
      perturbations: [],
    };
  },
  prove: (figures, _draft, strength) =>
    proveHurt(
      strength,
      figures.late,
      [figures.refusedBy('blocks') > 0.85, figures.preemptions < 0.06 * figures.finished, figures.wasted < 0.05],
      {
        'refusals by blocks': figures.refusedBy('blocks'),
        'preemptions a finish': figures.preemptions / Math.max(1, figures.finished),
        'wasted share': figures.wasted,
        'KV usage': figures.usage(),
      },
    ),
};
