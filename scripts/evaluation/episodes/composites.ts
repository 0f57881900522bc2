import { crash, set } from '../simulator/acts.ts';
import { lognormal, uniform } from '../simulator/lengths.ts';
import { FRONT_END_DEFAULTS } from '../simulator/settings.ts';
import { cudaGraphCliff } from './cuda-graph-cliff.ts';
import { mostRate, runAt, tell, usual, withEngine } from './ground.ts';
import type { EpisodeRecipe } from './kind.ts';
import { roomy } from './overload.ts';
import { prefixCacheCollapse } from './prefix-cache-collapse.ts';
import { proveHurt } from './proof.ts';
import { specDecodeCollapse } from './spec-decode-collapse.ts';

const BADLY: readonly [number, number] = [0.3, 1.01];

/** Chains of causes: the first link is the answer, what follows from it counts as nearly right. */
export const COMPOSITES: readonly EpisodeRecipe[] = [
  // Answers grow long at the same rate, and outgrow the pool.
  {
    id: 'composite-shift-thrashing',
    group: 'composite',
    strengths: ['strong'],
    wish: () => ({
      profiles: ['chat', 'rag', 'agentic'],
      calm: [600, 760],
      trouble: [480, 700],
      recovers: 0,
      intervals: [5, 10, 15],
      replicas: [1, 1, 2],
    }),
    draft: (drawn, _strength, pressure) => {
      const { random, onset, engine, targets } = drawn;
      const prompt = lognormal(random.between(200, 450), 0.4);
      const output = lognormal(random.between(100, 160), 0.4);
      const long = lognormal(output.mean * random.between(3, 4.5), 0.35);
      const held = prompt.mean + long.mean / 2;
      const most = mostRate(engine.pace, prompt.mean, long.mean, held);
      const share = Math.max(0.12, Math.min(0.35, 1 - engine.pace.alpha / (0.75 * targets.perToken)));
      const rate = most * share;
      const { running } = runAt(engine.pace, share, rate, long.mean);
      const blocks = Math.ceil((running * held * 0.7) / engine.blockSize / pressure);
      const ground = {
        ...drawn,
        prompt,
        output,
        engine: {
          ...engine,
          blocks,
          seats: Math.max(64, 8 * Math.ceil(running / 3)),
          budget: Math.max(2048, engine.budget),
        },
      };
      const scenario = tell(ground, {
        phases: [
          { from: 0, traffic: [usual(ground, rate)] },
          { from: onset, traffic: [usual(ground, rate, { output: long })] },
        ],
      });
      return {
        scenario,
        primary: 'workload-shift',
        lenient: ['kv-cache-thrashing'],
        onset,
        ends: null,
        replicas: [],
        quiet: false,
        without: { 'with four times the blocks': withEngine(scenario, (one) => ({ ...one, blocks: one.blocks * 4 })) },
        perturbations: [],
      };
    },
    prove: (figures, _draft, strength) => {
      const each = figures.preemptions / Math.max(1, figures.finished);
      return proveHurt(
        strength,
        figures.hurt,
        [each > 0.3, figures.wasted > 0.06],
        {
          'preemptions a finish': each,
          'wasted share': figures.wasted,
          'late share': figures.late,
          'slow share': figures.slow,
        },
        BADLY,
      );
    },
  },

  // A crash empties the cache; what waited meanwhile meets an engine that must compute everything again.
  {
    id: 'composite-crash-cold-overload',
    group: 'composite',
    strengths: ['strong'],
    wish: () => ({
      profiles: ['chat', 'rag', 'agentic'],
      replicas: [1, 1, 2],
      trouble: [300, 420],
      recovers: 0,
      intervals: [5, 10, 15],
    }),
    draft: (drawn, _strength, pressure) => {
      const { random, onset, seconds, engine, targets } = drawn;
      const own = lognormal(random.between(100, 250), 0.4);
      const tokens = Math.round(Math.min(3000, (0.55 * targets.firstToken) / engine.pace.beta));
      const groups = random.whole(250, 500);
      const output = lognormal(random.between(40, 90), 0.4);
      const warm = mostRate(engine.pace, own.mean, output.mean, tokens);
      const rate = Math.min(warm * 0.4, 5) * Math.min(1.2, pressure);
      // It has warmed up slowly.
      const flow = (at: number) => rate * ground.replicas * Math.min(1, at / 150);
      const blocks = Math.ceil((groups * tokens * 1.4 + 60 * (tokens + 400)) / engine.blockSize);
      const ground = {
        ...drawn,
        prompt: own,
        output,
        engine: { ...engine, blocks, maxModelLen: 16384, seats: Math.max(128, engine.seats) },
      };
      const number = random.whole(0, ground.replicas - 1);
      const down = random.between(35, 60);
      const times = [onset, onset + down + random.between(70, 110)].filter((at) => at < seconds - 60);
      return {
        scenario: tell(ground, {
          phases: [
            {
              from: 0,
              traffic: [usual(ground, 0, { rate: flow, prefix: { tokens, groups }, retries: { most: 40, pause: 3 } })],
            },
          ],
          acts: times.map((at) => crash(at, number, down, 'Error')),
        }),
        primary: 'crash-loop',
        lenient: ['prefix-cache-collapse', 'overload', 'request-failures', 'retry-storm'],
        onset,
        ends: null,
        replicas: ground.replicas === 1 ? [] : [number],
        quiet: false,
        shows: onset,
        perturbations: [],
      };
    },
    prove: (figures, draft) => {
      const before = figures.over(draft.scenario.watch.from + 60, figures.from).prefixHits;
      const cold = figures.over(figures.from + 60, figures.from + 110).prefixHits;
      return {
        verdict: before > 0.5 && cold < before - 0.15 && figures.hurt > 0.1 ? 'holds' : 'redraw',
        books: {
          'hit share before': before,
          'hit share after the first crash': cold,
          'late share': figures.late,
          'lost share': figures.lost,
        },
      };
    },
  },

  // Too much work for good, and clients that come again.
  {
    id: 'composite-overload-retries',
    group: 'composite',
    strengths: ['strong'],
    wish: () => ({ recovers: 0, replicas: [1, 1, 2] }),
    draft: (drawn, _strength, pressure) => {
      const ground = roomy(drawn);
      const { random, onset, most, targets } = ground;
      const clients = {
        patience: Math.max(4, targets.firstToken * random.between(4, 8)),
        retries: { most: random.whole(2, 4), pause: random.between(1, 3) },
      };
      return {
        scenario: tell(ground, {
          phases: [
            { from: 0, traffic: [usual(ground, most * 0.35, clients)] },
            { from: onset, traffic: [usual(ground, most * random.between(1.1, 1.3) * pressure, clients)] },
          ],
        }),
        primary: 'overload',
        lenient: ['retry-storm', 'request-failures'],
        onset,
        ends: null,
        replicas: [],
        quiet: false,
        perturbations: [],
      };
    },
    prove: (figures, _draft, strength) =>
      proveHurt(
        strength,
        figures.late,
        [figures.attempts > 1.2 * figures.jobs],
        { 'attempts a job': figures.attempts / Math.max(1, figures.jobs), 'lost share': figures.lost },
        BADLY,
      ),
  },

  // A replica so slow that its share of requests piles up on it.
  {
    id: 'composite-slow-imbalance',
    group: 'composite',
    strengths: ['strong'],
    wish: () => ({ replicas: [2, 3, 4], policies: [{ kind: 'round-robin' }], recovers: 0.2, intervals: [5, 10, 15] }),
    draft: (drawn, _strength, pressure) => {
      const ground = roomy(drawn);
      const { random, onset, ends, replicas, most } = ground;
      const slow = random.whole(0, replicas - 1);
      const rate = Math.min(most * 0.4, 30 / replicas);
      const slowness = ((most * 1.12) / rate) * pressure;
      const scenario = tell(ground, {
        phases: [{ from: 0, traffic: [usual(ground, rate)] }],
        acts: [set(onset, slow, { slowness }), ...(ends === null ? [] : [set(ends, slow, { slowness: 1 })])],
      });
      return {
        scenario,
        primary: 'slow-replica',
        lenient: ['load-imbalance'],
        onset,
        ends,
        replicas: [slow],
        quiet: false,
        without: { 'without the slow GPU': { ...scenario, acts: [] } },
        perturbations: [],
      };
    },
    prove: (figures, draft, strength) => {
      const slow = draft.replicas[0] as number;
      const share = 1 / draft.scenario.replicas.length;
      return proveHurt(
        strength,
        figures.hurt,
        [figures.waiting(slow) > 1],
        { 'waiting on the slow one': figures.waiting(slow), 'running on the slow one': figures.meanRunning(slow) },
        [0.6 * share, 1.01],
      );
    },
  },

  // Huge prompts that also take the whole pool.
  {
    id: 'composite-long-thrashing',
    group: 'composite',
    strengths: ['strong'],
    wish: () => ({ profiles: ['chat', 'rag', 'agentic'], recovers: 0, replicas: [1, 1, 2], intervals: [5, 10, 15] }),
    draft: (drawn, _strength, pressure) => {
      const { random, onset, engine, targets, calmRate } = drawn;
      const long = Math.min(60_000, Math.max(8000, (targets.firstToken * random.between(3, 6)) / engine.pace.beta));
      const output = lognormal(random.between(180, 300), 0.4);
      const held = drawn.prompt.mean + output.mean;
      const rate = Math.min(calmRate, 6);
      const { running } = runAt(engine.pace, 0.3, rate, output.mean);
      const blocks = Math.ceil((long * 1.25 + running * held * 1.5 + 1500) / engine.blockSize);
      const ground = {
        ...drawn,
        output,
        engine: { ...engine, blocks, maxModelLen: 131072, seats: Math.max(64, engine.seats) },
      };
      // The long ones answer at length as well, so they stay and everybody's growth meets a full pool.
      const spike = {
        rate: ((0.35 * pressure) / (long * engine.pace.beta)) * ground.replicas,
        prompt: uniform(long * 0.7, long),
        output: lognormal(400, 0.3),
      };
      const calm = usual(ground, rate);
      return {
        scenario: tell(ground, {
          phases: [
            { from: 0, traffic: [calm] },
            { from: onset, traffic: [calm, spike] },
          ],
        }),
        primary: 'long-request-spike',
        lenient: ['kv-cache-thrashing', 'kv-bound-queueing', 'workload-shift'],
        onset,
        ends: null,
        replicas: [],
        quiet: false,
        without: { 'without the long ones': tell(ground, { phases: [{ from: 0, traffic: [calm] }] }) },
        perturbations: [],
      };
    },
    prove: (figures, _draft, strength) =>
      proveHurt(
        strength,
        figures.late,
        [figures.preemptions >= 5],
        {
          preemptions: figures.preemptions,
          'wasted share': figures.wasted,
          'refusals by blocks': figures.refusedBy('blocks'),
          'KV usage': figures.usage(),
        },
        BADLY,
      ),
  },

  // Blocks leak until what is left is too small for the traffic.
  {
    id: 'composite-leak-kv-bound',
    group: 'composite',
    strengths: ['strong'],
    wish: () => ({
      profiles: ['chat', 'rag', 'agentic'],
      calm: [240, 360],
      trouble: [900, 1300],
      recovers: 0,
      replicas: [1, 1, 2],
      intervals: [5, 10, 15, 30],
    }),
    draft: (drawn, _strength, pressure) => {
      const { random, onset, seconds, engine } = drawn;
      const rate = Math.min(drawn.calmRate, 2.5);
      const { running } = runAt(engine.pace, Math.min(0.6, rate / drawn.most), rate, drawn.output.mean);
      const held = drawn.prompt.mean + drawn.output.mean;
      const tokens = Math.max(12_000, running * held * 4 + drawn.prompt.mean * 6);
      const blocks = Math.ceil(tokens / engine.blockSize);
      const keep = Math.max(1, Math.floor((drawn.prompt.mean * 0.5) / engine.blockSize));
      // Gone in three quarters of the time.
      const leakShare = Math.min(1, ((blocks * 0.95) / keep / (rate * (seconds - onset) * 0.8)) * pressure);
      const ground = { ...drawn, engine: { ...engine, blocks } };
      const all = Array.from({ length: ground.replicas }, (_, i) => i);
      void random;
      const scenario = tell(ground, {
        phases: [{ from: 0, traffic: [usual(ground, rate)] }],
        acts: all.map((i) => set(onset, i, { leakShare, leakBlocks: keep })),
      });
      return {
        scenario,
        primary: 'memory-leak',
        lenient: ['kv-bound-queueing', 'kv-cache-thrashing'],
        onset,
        ends: null,
        replicas: [],
        quiet: false,
        shows: onset + 180,
        without: { 'without the leak': { ...scenario, acts: [] } },
        perturbations: ['kv-blocks'],
      };
    },
    prove: (figures, _draft, strength) => {
      const worst = Math.max(
        ...figures.outcome.fleet.replicas.map(({ engine }) => engine.leaked / engine.settings.blocks),
      );
      const tail = figures.over(figures.to - 120, figures.to);
      return proveHurt(
        strength,
        tail.late,
        [worst > 0.5, figures.refusedBy('blocks') > 0.6],
        {
          'share of blocks lost': worst,
          'late share at the end': tail.late,
          'refusals by blocks': figures.refusedBy('blocks'),
        },
        [0.25, 1.01],
      );
    },
  },

  // An API server so busy that it does not even answer its scrapes in time.
  {
    id: 'composite-cpu-blind',
    group: 'composite',
    strengths: ['strong'],
    wish: () => ({
      profiles: ['chat', 'rag', 'agentic'],
      needs: ['container', 'gpu'],
      recovers: 0,
      replicas: [1, 1, 2],
      intervals: [5, 10, 15],
    }),
    draft: (ground, _strength, pressure) => {
      const { onset, most, calmRate } = ground;
      const all = Array.from({ length: ground.replicas }, (_, i) => i);
      const rate = Math.max(calmRate, Math.min(1.2, most * 0.2));
      const perRequest = FRONT_END_DEFAULTS.perRequest + FRONT_END_DEFAULTS.perPromptToken * ground.prompt.mean;
      const heaviness = (1.07 * pressure) / (rate * perRequest);
      const scenario = tell(ground, {
        phases: [{ from: 0, traffic: [usual(ground, rate, { answerPatience: 60, patience: 25 })] }],
        acts: all.map((i) => set(onset, i, { heaviness })),
      });
      return {
        scenario,
        primary: 'cpu-bound',
        lenient: ['telemetry-gap'],
        onset,
        ends: null,
        replicas: [],
        quiet: false,
        without: { 'with light requests': { ...scenario, acts: [] } },
        perturbations: ['scrapes time out'],
      };
    },
    prove: (figures, draft, strength) => {
      const backlog = Math.max(...figures.outcome.fleet.replicas.map((one) => one.frontEnd.backlog(figures.to)));
      const timeout = Math.min(10, draft.scenario.watch.interval);
      if (backlog < timeout) return { verdict: 'more', books: { 'backlog at the end, s': backlog } };
      return proveHurt(
        strength,
        figures.late,
        [],
        { 'backlog at the end, s': backlog, 'scrape timeout, s': timeout },
        BADLY,
      );
    },
  },

  {
    ...cudaGraphCliff,
    id: 'composite-cliff-overload',
    group: 'composite',
    strengths: ['strong'],
    draft: (ground, _strength, pressure) => {
      const draft = cudaGraphCliff.draft(ground, 'strong', 1.04 * pressure);
      const more = (scenario: typeof draft.scenario) =>
        withEngine(scenario, (one) => ({
          ...one,
          graphPenalty: Math.max(0.75, one.graphPenalty),
          seats: Math.round(one.graphEdge * 1.5),
        }));
      const scenario = more(draft.scenario);
      return {
        ...draft,
        scenario,
        lenient: ['overload', 'decode-slowdown', 'seat-ceiling'],
        without: { 'with graphs for all batches': withEngine(scenario, (one) => ({ ...one, graphEdge: Infinity })) },
      };
    },
    prove: (figures, _draft, strength) =>
      proveHurt(
        strength,
        figures.late,
        [figures.beyondGraphs > 0.5],
        { 'slow share': figures.slow, 'step time beyond graphs': figures.beyondGraphs, waiting: figures.waiting() },
        BADLY,
      ),
  },

  {
    ...specDecodeCollapse,
    id: 'composite-speculation-overload',
    group: 'composite',
    strengths: ['strong'],
    draft: (ground, _strength, pressure) => {
      const draft = specDecodeCollapse.draft(ground, 'strong', 1);
      // Seats for the batch that speculation makes, not for the one without it.
      const seats = (scenario: typeof draft.scenario) => {
        const rate = (scenario.phases[0]?.traffic[0]?.rate as number) / ground.replicas;
        const output = scenario.phases[0]?.traffic[0]?.output.mean ?? 100;
        const needed = rate * output * ground.targets.perToken * 0.55;
        return withEngine(scenario, (one) => ({ ...one, seats: Math.max(2, Math.round(needed / pressure)) }));
      };
      return {
        ...draft,
        scenario: seats(draft.scenario),
        lenient: ['overload', 'decode-slowdown', 'seat-ceiling'],
        without: Object.fromEntries(
          Object.entries(draft.without ?? {}).map(([name, scenario]) => [name, scenario && seats(scenario)]),
        ),
      };
    },
    prove: (figures, draft, strength) => {
      const before = figures.over(draft.scenario.watch.from, figures.from).perDraft;
      return proveHurt(
        strength,
        figures.late,
        [figures.perDraft < 0.82 * before],
        {
          'tokens a draft before': before,
          'tokens a draft after': figures.perDraft,
          'slow share': figures.slow,
          waiting: figures.waiting(),
        },
        BADLY,
      );
    },
  },

  {
    ...prefixCacheCollapse,
    id: 'composite-prefix-overload',
    group: 'composite',
    strengths: ['strong'],
    draft: (ground, _strength, pressure) => prefixCacheCollapse.draft(ground, 'strong', 1.15 * pressure),
    prove: (figures, draft, strength) => {
      const before = figures.over(draft.scenario.watch.from + 30, figures.from).prefixHits;
      return proveHurt(
        strength,
        figures.late,
        [before > 0.45, figures.prefixHits < 0.05, figures.waiting() > 3],
        { 'hit share before': before, 'hit share after': figures.prefixHits, waiting: figures.waiting() },
        [0.6, 1.01],
      );
    },
  },
];
