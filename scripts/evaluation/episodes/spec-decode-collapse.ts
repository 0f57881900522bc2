import { set } from '../simulator/acts.ts';
import { lognormal } from '../simulator/lengths.ts';
import { tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** The drafts no longer fit what is asked: as many steps as tokens. */
export const specDecodeCollapse: EpisodeRecipe = {
  id: 'spec-decode-collapse',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({
    profiles: ['chat', 'code-completion', 'rag', 'agentic'],
    replicas: [1, 1, 2, 3],
    trouble: [420, 660],
    needs: ['modern'],
  }),
  draft: (drawn, strength, pressure) => {
    const { random, onset, ends, targets } = drawn;
    const k = random.pick([3, 4, 5]);
    // A slower model, for which speculation is what keeps the target.
    const good = random.between(0.72, 0.85);
    const bad = strength === 'mild' ? random.between(0.3, 0.42) : random.between(0.03, 0.15);
    const gain = (p: number) => (1 - p ** (k + 1)) / (1 - p);
    const plain = targets.perToken * gain(bad) * (strength === 'mild' ? 0.82 : 0.95) * pressure;
    const draftCost = 0.04;
    const alpha = plain / 1.25 / (1 + draftCost * k);
    const prompt = drawn.prompt;
    const output = lognormal(random.between(90, 180), 0.4);
    const engine = {
      ...drawn.engine,
      pace: {
        ...drawn.engine.pace,
        alpha,
        beta: Math.min(drawn.engine.pace.beta, (0.3 * targets.firstToken) / prompt.mean),
      },
      speculation: { tokens: k, draftCost },
    };
    const rate = Math.min(drawn.calmRate, 0.15 / (engine.pace.beta * (prompt.mean + 3 * output.mean)));
    const ground = { ...drawn, output, engine };
    const all = Array.from({ length: ground.replicas }, (_, i) => i);
    const start = all.map((i) => set(0, i, { acceptance: good }));
    const scenario = tell(ground, {
      phases: [{ from: 0, traffic: [usual(ground, rate)] }],
      acts: [
        ...start,
        ...all.map((i) => set(onset, i, { acceptance: bad })),
        ...(ends === null ? [] : all.map((i) => set(ends, i, { acceptance: good }))),
      ],
    });
    return {
      scenario,
      primary: 'spec-decode-collapse',
      lenient: ['decode-slowdown'],
      onset,
      ends,
      replicas: [],
      quiet: false,
      without: { 'with the old acceptance': { ...scenario, acts: start } },
      perturbations: [`${k} drafted tokens`],
    };
  },
  prove: (figures, draft, strength) => {
    const before = figures.over(draft.scenario.watch.from, figures.from).perDraft;
    return proveHurt(
      strength,
      figures.slow,
      [figures.perDraft < 0.82 * before, figures.late < 0.1],
      {
        'tokens a draft before': before,
        'tokens a draft after': figures.perDraft,
        'late share': figures.late,
        'time per token': figures.perToken,
      },
      strength === 'mild' ? [0.12, 0.75] : [0.5, 1.01],
    );
  },
};
