import { leakGpu, leakHost, set } from '../simulator/acts.ts';
import { tell, usual } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';

type Variant = 'kv-blocks' | 'host' | 'gpu';

/** KV blocks that are never given back, or host or GPU memory that only grows. */
export const memoryLeak: EpisodeRecipe = {
  id: 'memory-leak',
  group: 'pathology',
  strengths: ['mild', 'strong'],
  wish: () => ({
    calm: [240, 420],
    trouble: [2200, 3200],
    recovers: 0,
    replicas: [1, 1, 2],
    intervals: [15, 30, 30, 60],
    needs: ['container', 'gpu'],
  }),
  draft: (drawn, strength, pressure) => {
    const { random, onset, seconds, engine } = drawn;
    const variant = random.pick<Variant>(['kv-blocks', 'kv-blocks', 'host', 'gpu']);
    const ground = drawn;
    const rate = Math.min(ground.calmRate * 0.4, 1.5);
    // It goes quiet now and then, as it does at night or between two jobs.
    const pauses = variant === 'kv-blocks' && random.chance(0.7);
    const flow = (at: number) => (pauses && at % 420 > 330 ? 0 : rate * ground.replicas);
    const all = Array.from({ length: ground.replicas }, (_, i) => i);
    const concerned = random.chance(0.5) ? all : [random.pick(all)];
    const span = seconds - onset;
    const part = (strength === 'mild' ? 0.3 : 0.62) * pressure;
    const acts = concerned.flatMap((i) => {
      switch (variant) {
        case 'kv-blocks': {
          const requests = rate * span * (pauses ? 0.79 : 1);
          const blocks = Math.max(1, Math.min(40, Math.floor(ground.prompt.mean / engine.blockSize)));
          return [
            set(onset, i, { leakShare: Math.min(0.9, (part * engine.blocks) / blocks / requests), leakBlocks: blocks }),
          ];
        }
        case 'host':
          return [
            leakHost(onset, i, ((strength === 'mild' ? 0.45 : 0.85) * 1.2 * (6e9 + 3e9 * ground.gpus)) / span, 60),
          ];
        case 'gpu':
          return [leakGpu(onset, i, (strength === 'mild' ? 2200 : 5200) / span)];
        default:
          return variant satisfies never;
      }
    });
    // A small pool, so that what a leak takes away is a share of it that can be seen in an hour.
    const blocks =
      variant === 'kv-blocks' ? Math.min(engine.blocks, Math.floor(90_000 / engine.blockSize)) : engine.blocks;
    const small = { ...ground, engine: { ...engine, blocks } };
    return {
      scenario: tell(small, { phases: [{ from: 0, traffic: [usual(small, 0, { rate: flow })] }], acts }),
      primary: 'memory-leak',
      lenient: variant === 'kv-blocks' ? ['kv-bound-queueing'] : [],
      onset,
      ends: null,
      replicas: concerned.length === all.length ? [] : concerned,
      quiet: false,
      // A tenth of what is lost in the end can be told from noise.
      shows: Math.round(onset + span * 0.25),
      perturbations: [variant],
    };
  },
  prove: (figures, draft, strength) => {
    const { replicas } = figures.outcome.fleet;
    const worst = replicas.reduce((a, b) =>
      a.engine.leaked + a.hostLeak / 1e6 + a.gpuLeak > b.engine.leaked + b.hostLeak / 1e6 + b.gpuLeak ? a : b,
    );
    const blocks = worst.engine.leaked / worst.engine.settings.blocks;
    const books = {
      'share of blocks lost': blocks,
      'host memory lost, GB': worst.hostLeak / 1e9,
      'share of the host limit': (worst.hostBase + worst.hostLeak) / worst.hostLimit,
      'GPU memory lost, MiB': worst.gpuLeak,
      'late share': figures.late,
    };
    if (!draft.perturbations.includes('kv-blocks')) return { verdict: 'holds', books };
    if (blocks > (strength === 'mild' ? 0.45 : 0.85)) return { verdict: 'less', books };
    return { verdict: blocks > (strength === 'mild' ? 0.12 : 0.4) ? 'holds' : 'more', books };
  },
};
