import { freeze } from '../simulator/acts.ts';
import { fixed } from '../simulator/lengths.ts';
import { tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';

/** The engine core stands still behind an API server that answers, or spins without admitting anybody. */
export const engineStall: EpisodeRecipe = {
  id: 'engine-stall',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({ intervals: [5, 5, 10, 15, 15, 30], replicas: [1, 1, 2, 3, 4] }),
  draft: (drawn, strength) => {
    const { random, onset } = drawn;
    const livelock = random.chance(0.3);
    const number = random.whole(0, drawn.replicas - 1);
    const rate = Math.max(drawn.calmRate, 0.5 / drawn.replicas + 0.2);
    const lasts = strength === 'mild' ? random.between(150, 220) : random.between(260, 400);
    const ends = strength === 'mild' || random.chance(0.4) ? Math.round(onset + lasts) : null;
    const seconds = Math.round(onset + lasts + (ends === null ? 0 : 150));
    // A prompt that the pool can never hold stays at the head of the queue until its client gives up.
    const impossible = {
      rate: (at: number) => (at >= onset && at < onset + 3 ? 1 : 0),
      prompt: fixed(drawn.engine.blocks * drawn.engine.blockSize + 500),
      output: fixed(20),
      patience: lasts,
    };
    const ground = { ...drawn, seconds, replicas: livelock ? 1 : drawn.replicas };
    const base = usual(ground, rate, { answerPatience: random.between(240, 600) });
    const scenario = tell(ground, {
      phases: [
        { from: 0, traffic: [base] },
        ...(livelock
          ? [{ from: onset, traffic: [base, { ...impossible, rate: 0 }], backlog: { count: 1, ...impossible } }]
          : []),
      ],
      acts: livelock ? [] : [freeze(onset, number, ends === null ? 100_000 : lasts)],
    });
    return {
      scenario,
      primary: 'engine-stall',
      lenient: [],
      onset,
      ends: livelock ? null : ends,
      replicas: livelock || ground.replicas === 1 ? [] : [number],
      quiet: false,
      shows: onset + (livelock ? 20 : 5),
      perturbations: [livelock ? 'live-lock' : 'frozen'],
    };
  },
  prove: (figures, draft) => {
    const stuck = draft.replicas[0] ?? 0;
    const { from, to } = figures;
    const before = figures.over(draft.scenario.watch.from, from);
    const books = {
      'steps before': before.stepsOf(stuck),
      'steps in it': figures.over(from + 30, to).stepsOf(stuck),
      'running when it began': before.over(from - 10, from).running(stuck),
      'late share': figures.late,
    };
    const holds = books['steps before'] > 100 && books['steps in it'] <= 2 && books['running when it began'] > 0.8;
    return { verdict: holds ? 'holds' : 'redraw', books };
  },
};
