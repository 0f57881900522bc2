import { lognormal } from '../simulator/lengths.ts';
import { tell, usual, withEngine } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** A small token budget, most of it eaten by decodes: prompts get the crumbs although the engine could do more. */
export const prefillStarvation: EpisodeRecipe = {
  id: 'prefill-starvation',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({
    hardware: ['8b-1gpu', '70b-4gpu', 'moe-8gpu'],
    profiles: ['chat', 'rag', 'agentic'],
    replicas: [1, 1, 2],
  }),
  draft: (drawn, _strength, pressure) => {
    const { random, onset, ends, engine } = drawn;
    const budget = random.pick(drawn.hardware === '70b-4gpu' ? [96, 128, 160] : [128, 192, 256]);
    const answer = random.between(120, 260);
    const prompt = lognormal(answer * random.between(0.5, 1.3), 0.4);
    const output = lognormal(answer, 0.4);
    const perStep = engine.pace.alpha + 0.0006 + engine.pace.beta * budget;
    // All budgets full: what the engine could do at this budget.
    const limit = budget / (perStep * (prompt.mean + output.mean));
    const held = prompt.mean + output.mean;
    const ground = {
      ...drawn,
      prompt,
      output,
      engine: {
        ...engine,
        budget,
        seats: budget,
        blocks: Math.max(engine.blocks, Math.ceil((budget * held * 2) / engine.blockSize)),
      },
    };
    const calm = limit * random.between(0.3, 0.42);
    const scenario = tell(ground, {
      phases: [
        { from: 0, traffic: [usual(ground, calm)] },
        { from: onset, traffic: [usual(ground, limit * 0.97 * pressure)] },
        ...(ends === null ? [] : [{ from: ends, traffic: [usual(ground, calm)] }]),
      ],
    });
    return {
      scenario,
      primary: 'prefill-starvation',
      lenient: ['overload'],
      onset,
      ends,
      replicas: [],
      quiet: false,
      without: { 'with eight times the budget': withEngine(scenario, (one) => ({ ...one, budget: one.budget * 8 })) },
      perturbations: [],
    };
  },
  prove: (figures, draft, strength) => {
    const { budget } = (draft.scenario.replicas[0] as (typeof draft.scenario.replicas)[number]).engine;
    const decodes = figures.running() / budget;
    return proveHurt(
      strength,
      figures.late,
      [figures.refusedBy('budget') > 0.85, decodes > 0.35, figures.usage() < 0.85, figures.slow < 0.15],
      {
        'refusals by budget': figures.refusedBy('budget'),
        'running share of the budget': decodes,
        'budget use': figures.budgetUse,
        'KV usage': figures.usage(),
      },
    );
  },
};
