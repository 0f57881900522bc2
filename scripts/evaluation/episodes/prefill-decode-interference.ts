import { lognormal } from '../simulator/lengths.ts';
import { mostRate, tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** Steps that carry whole prompts hold up everybody's next token: first tokens are fine, answers stutter. */
export const prefillDecodeInterference: EpisodeRecipe = {
  id: 'prefill-decode-interference',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({ profiles: ['chat', 'code-completion', 'rag', 'agentic'] }),
  draft: (drawn, strength, pressure) => {
    const { random, onset, ends, engine, targets } = drawn;
    // One prompt takes a good part of the target for a first token, and many plain steps.
    const whole = targets.firstToken * random.between(0.3, 0.42);
    const prompt = lognormal(Math.min(16_000, whole / engine.pace.beta), 0.25);
    const output = lognormal(random.between(50, 110), 0.4);
    const held = prompt.mean + output.mean / 2;
    const most = mostRate(engine.pace, prompt.mean, output.mean, held);
    const running = most * 0.6 * output.mean * targets.perToken * 1.5;
    const ground = {
      ...drawn,
      prompt,
      output,
      engine: {
        ...engine,
        budget: 16_384,
        maxModelLen: 65_536,
        seats: Math.max(64, engine.seats),
        blocks: Math.max(engine.blocks, Math.ceil((running * held * 2.5) / engine.blockSize)),
      },
    };
    // Answers take 1 / (1 − share) of their plain time: beyond the target for most of them.
    const limit = 1 - engine.pace.alpha / targets.perToken;
    const rate = most * limit * (strength === 'mild' ? 0.85 : 1) * pressure;
    const calm = most * limit * random.between(0.12, 0.2);
    const scenario = tell(ground, {
      phases: [
        { from: 0, traffic: [usual(ground, calm)] },
        { from: onset, traffic: [usual(ground, rate)] },
        ...(ends === null ? [] : [{ from: ends, traffic: [usual(ground, calm)] }]),
      ],
    });
    return {
      scenario,
      primary: 'prefill-decode-interference',
      lenient: ['overload', 'decode-slowdown'],
      onset,
      ends,
      replicas: [],
      quiet: false,
      without: {
        // The same number of answers to prompts that take no time.
        'with prompts of no length': {
          ...scenario,
          phases: scenario.phases.map((phase) => ({
            ...phase,
            traffic: phase.traffic.map((traffic) => ({ ...traffic, prompt: lognormal(32, 0.1) })),
          })),
        },
      },
      perturbations: [],
    };
  },
  prove: (figures, _draft, strength) =>
    proveHurt(
      strength,
      figures.slow,
      [figures.late < 0.6 * figures.slow, figures.longGaps > 0.03, figures.longGaps < 0.45, figures.usage() < 0.85],
      {
        'late share': figures.late,
        'share of gaps over two plain steps': figures.longGaps,
        'KV usage': figures.usage(),
        'time held by anything': figures.refused('budget') + figures.refused('seats') + figures.refused('blocks'),
      },
    ),
};
