import { tell, usual, withEngine } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveHurt } from './proof.ts';

/** More adapters than fit a step, or grammars still compiling: requests are passed over although there is room. */
export const deferredAdmission: EpisodeRecipe = {
  id: 'deferred-admission',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({ profiles: ['chat', 'rag', 'agentic'], needs: ['modern', 'by-reason'], replicas: [1, 1, 2, 3] }),
  draft: (drawn, strength, pressure) => {
    const { random, onset, ends, engine, most, output } = drawn;
    const grammar = random.chance(0.3);
    const maxLoras = grammar ? 0 : random.pick([1, 2, 3, 4]);
    const step = engine.pace.alpha / 0.75;
    const stay = output.mean * step;
    // An adapter holds its slot as long as somebody runs with it.
    const rate = grammar
      ? Math.max(drawn.calmRate, 0.4)
      : Math.min(most * 0.5, ((strength === 'mild' ? 1.1 : 2.2) * maxLoras * pressure) / stay);
    const many = random.whole(10, 24);
    const seconds = ((strength === 'mild' ? 0.8 : 1.15) * pressure) / rate;
    const ground = { ...drawn, engine: { ...engine, maxLoras } };
    const few = Array.from({ length: Math.max(1, maxLoras) }, () => 1);
    const calm = grammar ? usual(ground, rate) : usual(ground, rate * 0.6, { adapters: few });
    const trouble = grammar
      ? usual(ground, rate, { grammar: { share: 1, seconds } })
      : usual(ground, rate, { adapters: Array.from({ length: many }, () => 1) });
    const scenario = tell(ground, {
      phases: [
        { from: 0, traffic: [calm] },
        { from: onset, traffic: [trouble] },
        ...(ends === null ? [] : [{ from: ends, traffic: [calm] }]),
      ],
    });
    return {
      scenario,
      primary: 'deferred-admission',
      lenient: [],
      onset,
      ends,
      replicas: [],
      quiet: false,
      without: grammar
        ? { 'without grammars': tell(ground, { phases: [{ from: 0, traffic: [calm] }] }) }
        : { 'with room for all adapters': withEngine(scenario, (one) => ({ ...one, maxLoras: many })) },
      perturbations: [grammar ? 'grammars' : `${many} adapters, ${maxLoras} fit`],
    };
  },
  prove: (figures, _draft, strength) =>
    proveHurt(
      strength,
      figures.late,
      [figures.refusedBy('deferred') > 0.85, figures.usage() < 0.8],
      {
        'refusals by deferral': figures.refusedBy('deferred'),
        'time held by deferral': figures.refused('deferred'),
        'KV usage': figures.usage(),
        waiting: figures.waiting(),
      },
      strength === 'mild' ? [0.12, 0.6] : [0.5, 1.01],
    ),
};
