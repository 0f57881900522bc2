import { uniform } from '../simulator/lengths.ts';
import { tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** A few huge prompts among the usual ones. */
export const longRequestSpike: EpisodeRecipe = {
  id: 'long-request-spike',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({ profiles: ['chat', 'code-completion', 'rag', 'agentic'] }),
  draft: (drawn, strength, pressure) => {
    const { random, onset, ends, engine, targets } = drawn;
    const alone = targets.firstToken * random.between(3, 7);
    const long = Math.min(110_000, Math.max(8000, alone / engine.pace.beta));
    const ground = {
      ...drawn,
      engine: {
        ...engine,
        maxModelLen: 131072,
        seats: Math.max(64, engine.seats),
        blocks: Math.max(engine.blocks, Math.ceil((5 * long + 60_000) / engine.blockSize)),
      },
    };
    // Share of the time that one of them is being computed.
    const share = (strength === 'mild' ? 0.16 : 0.5) * pressure;
    const rate = share / (long * engine.pace.beta + (long / engine.budget) * engine.pace.alpha);
    const calm = usual(ground, ground.calmRate);
    const spike = { rate: rate * ground.replicas, prompt: uniform(long * 0.8, long * 1.2), output: uniform(10, 30) };
    const scenario = tell(ground, {
      phases: [
        { from: 0, traffic: [calm] },
        { from: onset, traffic: [calm, spike] },
        ...(ends === null ? [] : [{ from: ends, traffic: [calm] }]),
      ],
    });
    const plain = tell(ground, { phases: [{ from: 0, traffic: [calm] }] });
    return {
      scenario,
      primary: 'long-request-spike',
      lenient: ['workload-shift'],
      onset,
      ends,
      replicas: [],
      quiet: false,
      without: { 'without the long ones': plain },
      perturbations: [],
    };
  },
  prove: (figures, draft, strength) => {
    const spike = draft.scenario.phases[1]?.traffic[1];
    const rate = typeof spike?.rate === 'number' ? spike.rate : 0;
    const number = rate * (figures.to - figures.from);
    return proveHurt(
      strength,
      figures.late,
      [number >= 4, figures.refusedBy('budget') > 0.7, figures.usage() < 0.85, figures.preemptions === 0],
      {
        'long requests': number,
        'share of requests': number / Math.max(1, figures.jobs),
        'refusals by budget': figures.refusedBy('budget'),
        'KV usage': figures.usage(),
      },
    );
  },
};
