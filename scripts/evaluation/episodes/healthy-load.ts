import { lognormal, uniform } from '../simulator/lengths.ts';
import { mostRate, runAt, tell, usual } from './ground.ts';
import { healthy } from './healthy.ts';
import { proveCalm } from './proof.ts';

/** Look-alikes by how much there is to do. */
export const HEALTHY_LOAD = [
  healthy({
    id: 'steady',
    story: (ground, pressure) =>
      tell(ground, { phases: [{ from: 0, traffic: [usual(ground, ground.calmRate * Math.min(1, pressure))] }] }),
  }),

  // A pool that is nearly full, all of it in use, and nobody waits: so many clients, each with one request at a time.
  healthy({
    id: 'busy-and-full',
    wish: { replicas: [1, 1, 2] },
    story: (drawn, pressure) => {
      const { random, engine, targets } = drawn;
      const output = lognormal(random.between(120, 260), 0.3);
      const prompt = lognormal(random.between(150, 350), 0.3);
      const held = prompt.mean + output.mean / 2;
      const most = mostRate(engine.pace, prompt.mean, output.mean, held);
      const share = Math.max(0.15, Math.min(0.4, 1 - engine.pace.alpha / (0.7 * targets.perToken)));
      const { running } = runAt(engine.pace, share, most * share, output.mean);
      const clients = Math.max(16, Math.min(160, Math.round(running * pressure)));
      const blocks = Math.ceil((clients * held * random.between(1.14, 1.22)) / engine.blockSize);
      const ground = {
        ...drawn,
        prompt,
        output,
        policy: { kind: 'round-robin' as const },
        engine: { ...engine, blocks, seats: Math.max(64, clients * 2), budget: Math.max(engine.budget, 2048) },
      };
      const backlog = { count: 1e6, atOnce: clients * ground.replicas, prompt, output };
      return tell(ground, { phases: [{ from: 0, traffic: [], backlog }] });
    },
    prove: (figures) =>
      proveCalm(figures, [figures.usage() > 0.72, figures.waiting() < 0.5, figures.wasted < 0.02], {
        'KV usage': figures.usage(),
        waiting: figures.waiting(),
        'preemptions a finish': figures.preemptions / Math.max(1, figures.finished),
      }),
  }),

  // A few in a hundred are preempted once.
  healthy({
    id: 'rare-preemption',
    wish: { profiles: ['rag', 'agentic', 'chat'], replicas: [1, 1, 2] },
    story: (drawn, pressure) => {
      const { random, engine, targets } = drawn;
      const output = lognormal(random.between(150, 260), 0.5);
      const prompt = lognormal(random.between(100, 250), 0.5);
      const held = prompt.mean + output.mean / 2;
      const most = mostRate(engine.pace, prompt.mean, output.mean, held);
      const share = Math.max(0.15, Math.min(0.35, 1 - engine.pace.alpha / (0.7 * targets.perToken)));
      const { running } = runAt(engine.pace, share, most * share, output.mean);
      const blocks = Math.ceil((running * held * 1.75) / engine.blockSize);
      const ground = {
        ...drawn,
        prompt,
        output,
        engine: { ...engine, blocks, seats: Math.max(engine.seats, 8 * Math.ceil(running / 2)) },
      };
      return tell(ground, { phases: [{ from: 0, traffic: [usual(ground, most * share * pressure)] }] });
    },
    prove: (figures) => {
      const each = figures.preemptions / Math.max(1, figures.finished);
      const books = { 'preemptions a finish': each, 'wasted share': figures.wasted, 'KV usage': figures.usage() };
      if (figures.hurt < 0.04 && each < 0.002) return { verdict: 'more', books };
      if (each > 0.08) return { verdict: 'less', books };
      return proveCalm(figures, [], books);
    },
  }),

  healthy({
    id: 'idle',
    story: (ground) =>
      tell(ground, {
        phases: [
          { from: 0, traffic: [usual(ground, ground.calmRate * 0.3)] },
          { from: Math.round(ground.random.between(60, 240)), traffic: [] },
        ],
      }),
  }),

  healthy({
    id: 'low-traffic',
    wish: { calm: [1500, 1900], intervals: [5, 15, 15, 30] },
    story: (ground) =>
      tell(ground, {
        phases: [{ from: 0, traffic: [usual(ground, ground.random.spread(0.008, 0.05) / ground.replicas)] }],
      }),
    prove: (figures) => ({
      // A single late one among a dozen is no share.
      verdict: figures.late < 0.1 && figures.slow < 0.1 ? 'holds' : 'redraw',
      books: { requests: figures.jobs, 'late share': figures.late, 'slow share': figures.slow },
    }),
  }),

  healthy({
    id: 'daily-ramp',
    wish: { calm: [1500, 2000], intervals: [5, 15, 15, 30], replicas: [1, 2, 2, 3] },
    story: (ground, pressure) => {
      const { random, seconds } = ground;
      const top = ground.calmRate * ground.replicas * Math.min(1, pressure);
      const rising = random.chance(0.6);
      const rate = (at: number) => {
        const part = rising ? at / seconds : 1 - at / seconds;
        return top * (0.12 + 0.88 * Math.sin((Math.PI / 2) * part) ** 2);
      };
      return tell(ground, { phases: [{ from: 0, traffic: [usual(ground, 0, { rate })] }] });
    },
  }),

  // More work than seats at any time, by design: first tokens still come within what a batch is given.
  healthy({
    id: 'batch-queue',
    wish: { profiles: ['batch'], replicas: [1, 1, 2] },
    story: (drawn, pressure) => {
      const { random, engine } = drawn;
      const seats = random.pick([24, 32, 48, 64]);
      const output = lognormal(random.between(60, 140), 0.5);
      const ground = {
        ...drawn,
        policy: { kind: 'least-loaded' as const },
        output,
        engine: {
          ...engine,
          seats,
          blocks: Math.max(engine.blocks, Math.ceil((seats * (drawn.prompt.mean * 4 + 500)) / engine.blockSize)),
        },
      };
      const atOnce = Math.round(seats * (1 + 0.3 * pressure) * ground.replicas);
      const backlog = { count: 1e6, atOnce, prompt: ground.prompt, output };
      return tell(ground, {
        phases: [
          { from: 0, traffic: [usual(ground, 0.05)] },
          { from: ground.watch.from + 60, traffic: [usual(ground, 0.05)], backlog },
        ],
      });
    },
    prove: (figures) =>
      proveCalm(figures, [figures.waiting() > 2], { waiting: figures.waiting(), 'mean running': figures.running() }),
  }),

  // All of a night's work put in at once: the queue is the plan, nobody looks at first tokens.
  healthy({
    id: 'batch-backlog',
    wish: { profiles: ['batch'], replicas: [1, 1, 2] },
    story: (drawn) => {
      const { random } = drawn;
      const output = lognormal(random.between(150, 300), 0.4);
      const ground = { ...drawn, output };
      const { running } = runAt(ground.engine.pace, 0.5, ground.most * 0.5, output.mean);
      const count = Math.round(Math.min(6000, Math.max(400, running * 8)) * ground.replicas);
      return tell(ground, {
        phases: [
          { from: 0, traffic: [usual(ground, 0.05)] },
          {
            from: ground.watch.from + Math.round(random.between(60, 150)),
            traffic: [],
            backlog: { count, prompt: ground.prompt, output },
          },
        ],
      });
    },
    prove: (figures) => ({
      verdict:
        figures.waiting() > 10 && figures.preemptions < 0.08 * Math.max(1, figures.finished) ? 'holds' : 'redraw',
      books: {
        waiting: figures.waiting(),
        'mean running': figures.running(),
        'late share, by design': figures.late,
        'preemptions a finish': figures.preemptions / Math.max(1, figures.finished),
        'output tokens a second': figures.output,
      },
    }),
  }),

  healthy({
    id: 'brief-bursts',
    wish: { profiles: ['chat', 'rag', 'agentic'] },
    story: (ground, pressure) => {
      const { random, calmRate } = ground;
      const times = Array.from({ length: random.whole(2, 5) }, () => random.between(90, ground.seconds - 60));
      const lasts = random.between(2, 8);
      const high = ground.most * 1.1 * pressure;
      const rate = (at: number) =>
        ground.replicas * (times.some((time) => at >= time && at < time + lasts) ? high : calmRate * 0.7);
      // Looks at the rate again at least twice a second, so that a burst is not slept through.
      return tell(ground, { phases: [{ from: 0, traffic: [usual(ground, 0, { rate })] }] });
    },
    prove: (figures) => {
      const worst = figures.worst();
      const books = { 'late share': figures.late, 'slow share': figures.slow, 'worst half minute': worst };
      if (figures.late > 0.03 || figures.slow > 0.04 || worst > 0.25) return { verdict: 'less', books };
      return { verdict: 'holds', books };
    },
  }),

  // One person, a conversation that grows very long.
  healthy({
    id: 'long-context',
    wish: { profiles: ['agentic', 'rag', 'batch'], replicas: [1], calm: [1000, 1400] },
    story: (drawn) => {
      const { random, engine, targets } = drawn;
      const prompt = uniform(
        ...([0.25, 0.5].map((part) => (part * targets.firstToken) / engine.pace.beta) as [number, number]),
      );
      const output = lognormal(random.between(150, 350), 0.4);
      const most = prompt.mean * 42;
      const ground = {
        ...drawn,
        prompt,
        output,
        engine: {
          ...engine,
          maxModelLen: 131072,
          blocks: Math.max(engine.blocks, Math.ceil((most + 20_000) / engine.blockSize)),
        },
      };
      const alone = {
        rate: (at: number) => (at < 30 || (at > 500 && at < 530) ? 0.045 : 0),
        prompt,
        output,
        turns: { mean: 30, think: random.between(8, 25) },
      };
      return tell(ground, { phases: [{ from: 0, traffic: [alone] }] });
    },
    prove: (figures) => ({
      verdict: figures.jobs >= 8 && figures.late < 0.08 && figures.slow < 0.08 ? 'holds' : 'redraw',
      books: {
        requests: figures.jobs,
        'late share': figures.late,
        'slow share': figures.slow,
        'hit share': figures.prefixHits,
      },
    }),
  }),

  // Two or three replicas with little to do are unequal by chance.
  healthy({
    id: 'unequal-by-chance',
    wish: { replicas: [2, 2, 3], policies: [{ kind: 'random' }] },
    story: (ground, pressure) =>
      tell(ground, {
        phases: [
          { from: 0, traffic: [usual(ground, Math.min(1.2, ground.calmRate * 0.5 * pressure), { burstiness: 1.6 })] },
        ],
      }),
  }),
];
