import { lognormal, uniform } from '../simulator/lengths.ts';
import { mostRate, runAt, tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { proveCalm, proveHurt } from './proof.ts';

/** As many requests as before, but other ones. Mild: nobody is hurt by it. */
export const workloadShift: EpisodeRecipe = {
  id: 'workload-shift',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: (strength) => ({
    calm: strength === 'mild' ? [900, 1000] : [600, 800],
    trouble: strength === 'mild' ? [900, 1200] : [600, 900],
    replicas: [1, 1, 2],
    intervals: [10, 15, 15, 30],
    recovers: strength === 'mild' ? 0 : 0.2,
  }),
  draft: (drawn, strength, pressure) => {
    const { random, onset, ends, engine, targets } = drawn;
    const longer = random.chance(0.5) ? 'answers' : 'prompts';
    const factor =
      (strength === 'mild' ? random.between(1.7, 2.2) : random.between(2.5, 3.5)) *
      (strength === 'mild' ? 1 : pressure);
    const answers = longer === 'answers';
    const base = { prompt: drawn.prompt.mean * (strength === 'mild' ? 0.6 : 0.8), output: drawn.output.mean };
    const before = { prompt: lognormal(base.prompt, 0.45), output: lognormal(base.output, 0.45) };
    const after = {
      prompt: answers ? before.prompt : uniform(base.prompt * factor * 0.6, base.prompt * factor * 1.4),
      output: answers ? lognormal(base.output * factor, 0.4) : before.output,
    };
    const held = after.prompt.mean + after.output.mean / 2;
    const most = mostRate(engine.pace, after.prompt.mean, after.output.mean, held);
    const limit = Math.max(0.15, 1 - engine.pace.alpha / (0.75 * targets.perToken));
    // A rate that is easy before; after it easy too, or too much.
    const rate =
      strength === 'mild'
        ? Math.min(most * Math.min(0.4, limit) * 0.6 * pressure, 8)
        : Math.min(drawn.calmRate * 1.2, most * (answers ? Math.min(0.9, limit * 1.5) : 0.95));
    const { running } = runAt(engine.pace, Math.min(0.8, rate / most), rate, after.output.mean);
    const seats = Math.max(engine.seats, 8 * Math.ceil((running * 3) / 8));
    const blocks = Math.max(engine.blocks, Math.ceil((running * held * 3) / engine.blockSize));
    const ground = { ...drawn, ...before, engine: { ...engine, seats, blocks } };
    const scenario = tell(ground, {
      phases: [
        { from: 0, traffic: [usual(ground, rate)] },
        { from: onset, traffic: [usual(ground, rate, after)] },
        ...(ends === null ? [] : [{ from: ends, traffic: [usual(ground, rate)] }]),
      ],
    });
    return {
      scenario,
      primary: 'workload-shift',
      lenient:
        strength === 'mild'
          ? []
          : answers
            ? ['overload', 'decode-slowdown']
            : ['overload', 'prefill-decode-interference'],
      onset,
      ends,
      replicas: [],
      quiet: strength === 'mild',
      ...(strength === 'mild' ? { shows: onset + 120 } : {}),
      without:
        strength === 'mild'
          ? {}
          : { 'with the old lengths': tell(ground, { phases: [{ from: 0, traffic: [usual(ground, rate)] }] }) },
      perturbations: [`longer ${longer}`],
    };
  },
  prove: (figures, draft, strength) => {
    const books = {
      jobs: figures.jobs,
      'late share': figures.late,
      'slow share': figures.slow,
      'KV usage': figures.usage(),
    };
    if (strength === 'mild')
      return proveCalm(figures.over(draft.scenario.watch.from, figures.to), [figures.jobs > 250], books);
    return proveHurt(
      strength,
      figures.hurt,
      [figures.jobs > 150, figures.preemptions < 0.1 * figures.finished],
      books,
      [0.3, 1.01],
    );
  },
};
