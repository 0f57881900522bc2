import { lognormal } from '../simulator/lengths.ts';
import { mostRate, runAt, tell, usual, withEngine } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** Decode batches beyond the largest captured graph run slower, so requests stay longer and the batch stays there. */
export const cudaGraphCliff: EpisodeRecipe = {
  id: 'cuda-graph-cliff',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({
    hardware: ['8b-1gpu', '70b-4gpu', '405b-8gpu', 'moe-8gpu'],
    profiles: ['chat', 'rag', 'agentic'],
    calm: [420, 700],
    trouble: [700, 1100],
    replicas: [1, 1, 2],
    intervals: [5, 10, 15, 30],
  }),
  draft: (drawn, strength, pressure) => {
    const { random, onset, ends, engine, targets } = drawn;
    const prompt = lognormal(random.between(50, 110), 0.3);
    const output = lognormal(random.between(180, 350), 0.35);
    const held = prompt.mean + output.mean / 2;
    const most = mostRate(engine.pace, prompt.mean, output.mean, held);
    const limit = 1 - engine.pace.alpha / targets.perToken;
    const share = limit * random.between(0.45, 0.6);
    const { running, step } = runAt(engine.pace, share, most * share, output.mean);
    const edge = Math.max(8, 8 * Math.round((running * 0.9) / 8));
    const penalty = (strength === 'mild' ? 1.02 : 1.25) * (targets.perToken / step) - 1;
    const ground = {
      ...drawn,
      prompt,
      output,
      engine: {
        ...engine,
        graphEdge: edge,
        graphPenalty: Math.max(0.3, penalty),
        seats: Math.max(16 * Math.ceil((running * 6) / 16), 64),
        budget: Math.max(engine.budget, 4096),
        blocks: Math.max(engine.blocks, Math.ceil((running * (held + output.mean) * 5) / engine.blockSize)),
      },
    };
    const calm = most * share * random.between(0.55, 0.65);
    const scenario = tell(ground, {
      phases: [
        { from: 0, traffic: [usual(ground, calm)] },
        { from: onset, traffic: [usual(ground, most * share * 1.03 * pressure)] },
        ...(ends === null ? [] : [{ from: ends, traffic: [usual(ground, calm * 0.5)] }]),
      ],
    });
    return {
      scenario,
      primary: 'cuda-graph-cliff',
      lenient: ['decode-slowdown'],
      onset,
      ends,
      replicas: [],
      quiet: false,
      without: { 'with graphs for all batches': withEngine(scenario, (one) => ({ ...one, graphEdge: Infinity })) },
      perturbations: [],
    };
  },
  prove: (figures, _draft, strength) =>
    proveHurt(
      strength,
      figures.slow,
      [figures.late < 0.15, figures.beyondGraphs > 0.4, figures.usage() < 0.85],
      {
        'late share': figures.late,
        'step time beyond graphs': figures.beyondGraphs,
        'mean running': figures.running(),
        'time per token': figures.perToken,
      },
      strength === 'mild' ? [0.12, 0.85] : [0.5, 1.01],
    ),
};
