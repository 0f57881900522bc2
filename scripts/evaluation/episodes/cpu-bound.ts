import { set } from '../simulator/acts.ts';
import { FRONT_END_DEFAULTS } from '../simulator/settings.ts';
import { plansOf, tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** The CPU is late and the GPU waits: the API server drowns in preparation, or the engine core is throttled. */
export const cpuBound: EpisodeRecipe = {
  id: 'cpu-bound',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({
    profiles: ['chat', 'code-completion', 'rag', 'agentic'],
    needs: ['container', 'gpu'],
    replicas: [1, 1, 2, 2, 3],
  }),
  draft: (ground, strength, pressure) => {
    const { random, onset, ends, engine, targets, calmRate, most } = ground;
    const all = Array.from({ length: ground.replicas }, (_, i) => i);
    const where = random.pick(['front', 'front limited', 'engine'] as const);
    const rate = where === 'engine' ? calmRate : Math.max(calmRate, Math.min(1.2, most * 0.2));
    const back = (at: number | null) =>
      at === null ? [] : all.map((i) => set(at, i, { gapFactor: 1, share: 1, heaviness: 1 }));
    const step = engine.pace.alpha / (1 - rate / most);
    const gap = Math.max(0.2 * step, targets.perToken * (strength === 'mild' ? 0.93 : 1.3) * pressure - step);
    const perRequest = FRONT_END_DEFAULTS.perRequest + FRONT_END_DEFAULTS.perPromptToken * ground.prompt.mean;
    // Seconds of the event loop that a second brings, preparation alone.
    const busy = (strength === 'mild' ? 0.8 : 1.04) * pressure;
    const heaviness = busy / (rate * perRequest);
    const tokens = rate * ground.output.mean;
    const plainWork = rate * perRequest + tokens * FRONT_END_DEFAULTS.perToken + FRONT_END_DEFAULTS.perBatch / step;
    const changes =
      where === 'engine'
        ? { gapFactor: gap / engine.gap }
        : where === 'front'
          ? { heaviness }
          : { share: Math.min(0.6, plainWork / busy) };
    const scenario = tell(ground, {
      replicas: plansOf(ground),
      phases: [{ from: 0, traffic: [usual(ground, rate)] }],
      acts: [...all.map((i) => set(onset, i, changes)), ...back(ends)],
    });
    return {
      scenario,
      primary: 'cpu-bound',
      lenient: where === 'engine' ? ['decode-slowdown'] : [],
      onset,
      ends,
      replicas: [],
      quiet: false,
      without: { 'with the CPU it had': { ...scenario, acts: [] } },
      perturbations: [where],
    };
  },
  prove: (figures, draft, strength) => {
    const engine = draft.perturbations.includes('engine');
    return proveHurt(
      strength,
      figures.hurt,
      [
        figures.refused('seats') + figures.refused('blocks') < 0.05,
        engine ? figures.gpuIdle > 0.2 : figures.slow < 0.2,
      ],
      {
        'late share': figures.late,
        'slow share': figures.slow,
        'GPU idle within steps': figures.gpuIdle,
        'time to first token': figures.firstToken,
      },
      strength === 'mild' ? [0.12, 0.65] : [0.5, 1.01],
    );
  },
};
