import type { Targets } from '../simulator/clients.ts';
import type { Version } from '../simulator/dialect.ts';
import { type Lengths, lognormal, mixture, uniform } from '../simulator/lengths.ts';
import { type Watch, WATCH_DEFAULTS } from '../simulator/recorder.ts';
import { Random } from '../simulator/random.ts';
import type { ReplicaPlan } from '../simulator/replica.ts';
import type { Policy } from '../simulator/router.ts';
import type { Act, Scenario } from '../simulator/scenario.ts';
import { ENGINE_DEFAULTS, type EngineSettings, FRONT_END_DEFAULTS, type Pace } from '../simulator/settings.ts';
import type { Phase, Traffic } from '../simulator/traffic.ts';

export type Profile = 'chat' | 'batch' | 'rag' | 'agentic' | 'code-completion';
export type HardwareName = '8b-1gpu' | '70b-4gpu' | '405b-8gpu' | 'moe-8gpu';

/** Targets of the profiles, see reference/pathologies.md §8. */
export const TARGETS: Readonly<Record<Profile, Targets>> = {
  chat: { firstToken: 0.5, perToken: 0.05 },
  'code-completion': { firstToken: 0.2, perToken: 0.03 },
  batch: { firstToken: 5, perToken: 0.1 },
  rag: { firstToken: 1, perToken: 0.08 },
  agentic: { firstToken: 2, perToken: 0.1 },
};

interface Hardware {
  readonly pace: Pace;
  readonly gpus: number;
  readonly profiles: readonly Profile[];
  readonly seats: readonly number[];
  readonly budgets: readonly number[];
  /** Tokens of KV cache, from and to. */
  readonly pool: readonly [number, number];
  readonly model: string;
}

export const HARDWARE: Readonly<Record<HardwareName, Hardware>> = {
  '8b-1gpu': {
    pace: { alpha: 0.01, beta: 0.00003, gamma: 1e-8 },
    gpus: 1,
    profiles: ['chat', 'code-completion', 'rag', 'agentic', 'batch'],
    seats: [128, 256, 256, 512],
    budgets: [2048, 2048, 4096, 8192],
    pool: [120_000, 450_000],
    model: 'llama-3.1-8b',
  },
  '70b-4gpu': {
    pace: { alpha: 0.025, beta: 0.000125, gamma: 5e-8 },
    gpus: 4,
    profiles: ['chat', 'rag', 'agentic', 'batch'],
    seats: [128, 256, 256],
    budgets: [2048, 2048, 4096],
    pool: [200_000, 600_000],
    model: 'llama-3.3-70b',
  },
  '405b-8gpu': {
    pace: { alpha: 0.042, beta: 0.00022, gamma: 8e-8 },
    gpus: 8,
    profiles: ['agentic', 'batch', 'rag'],
    seats: [64, 128, 256],
    budgets: [2048, 4096],
    pool: [150_000, 400_000],
    model: 'llama-3.1-405b',
  },
  'moe-8gpu': {
    pace: { alpha: 0.018, beta: 0.00004, gamma: 1e-8 },
    gpus: 8,
    profiles: ['chat', 'rag', 'agentic', 'batch'],
    seats: [1024],
    budgets: [8192, 16384],
    pool: [1_000_000, 2_500_000],
    model: 'qwen3-235b-a22b',
  },
};

/** What a class needs of the ground it stands on. */
export interface Wish {
  readonly hardware?: readonly HardwareName[];
  readonly profiles?: readonly Profile[];
  readonly replicas?: readonly number[];
  /** Seconds of calm and of trouble, from and to. */
  readonly calm?: readonly [number, number];
  readonly trouble?: readonly [number, number];
  /** Seconds between scrapes to choose from. */
  readonly intervals?: readonly number[];
  readonly policies?: readonly Policy[];
  /** Signals without which nobody could tell: they are not taken away. */
  readonly needs?: readonly ('gpu' | 'container' | 'gateway' | 'by-reason' | 'modern')[];
  /** Share of incidents that end before the episode does. */
  readonly recovers?: number;
  readonly versions?: readonly Version[];
}

/** Where and with what a story plays: everything that is drawn before the trouble is. */
export interface Ground {
  readonly random: Random;
  readonly seed: number;
  readonly hardware: HardwareName;
  readonly profile: Profile;
  readonly targets: Targets;
  readonly engine: EngineSettings;
  readonly gpus: number;
  readonly model: string;
  readonly replicas: number;
  readonly policy: Policy;
  readonly version: Version;
  readonly watch: Watch;
  readonly perturbations: readonly string[];
  /** Seconds: when the trouble begins, when its cause ends (or `null`), how long all lasts. */
  readonly onset: number;
  readonly ends: number | null;
  readonly seconds: number;
  readonly prompt: Lengths;
  readonly output: Lengths;
  /** Per replica, of the usual requests: a calm number a second. */
  readonly calmRate: number;
  /** How many of them a second an engine could do if nothing but its speed mattered. */
  readonly most: number;
}

/** A family of length distributions about a mean. */
export function lengthsAbout(random: Random, mean: number, heavy = true): Lengths {
  const most = mean * 6;
  switch (random.whole(0, heavy ? 3 : 1)) {
    case 0:
      return uniform(mean * 0.5, mean * 1.5);
    case 1:
      return lognormal(mean, 0.35, most);
    case 2:
      return lognormal(mean, 0.7, most);
    default:
      return mixture([0.7, lognormal(mean * 0.6, 0.4, most)], [0.3, uniform(mean * 1.4, mean * 2.46)]);
  }
}

/** Requests a second that take all of an engine's time, of so many tokens to compute, to give, and to hold on average. */
export function mostRate(pace: Pace, computed: number, output: number, held: number): number {
  return 1 / (pace.beta * (computed + output) + pace.gamma * output * held);
}

/** Means of a run at a share of that rate: seconds a step, requests in the batch. */
export function runAt(pace: Pace, share: number, rate: number, output: number): { step: number; running: number } {
  const step = (pace.alpha + 0.0006) / (1 - share);
  return { step, running: rate * output * step };
}

/** @param attempt another number gives another draw of the same seed */
export function drawGround(seed: number, wish: Wish, attempt: number): Ground {
  const random = new Random(seed, `ground ${attempt}`);
  const names = (wish.hardware ?? (Object.keys(HARDWARE) as HardwareName[])).filter((name) =>
    HARDWARE[name].profiles.some((profile) => !wish.profiles || wish.profiles.includes(profile)),
  );
  const hardware = random.pick(names);
  const { pace, gpus, profiles, seats, budgets, pool, model } = HARDWARE[hardware];
  const profile = random.pick(profiles.filter((one) => !wish.profiles || wish.profiles.includes(one)));
  const targets = TARGETS[profile];
  const version = drawVersion(random, wish);
  const blockSize = random.pick([16, 16, 16, 32]);
  const tokens = random.spread(pool[0], pool[1]);
  const engine: EngineSettings = {
    ...ENGINE_DEFAULTS,
    pace: jittered(random, pace),
    seats: random.pick(seats),
    budget: random.pick(budgets),
    blockSize,
    blocks: Math.floor(tokens / blockSize),
    maxModelLen: random.pick([8192, 16384, 32768]),
  };
  const promptMost = Math.min(1500, (0.28 * targets.firstToken) / pace.beta, engine.maxModelLen / 8);
  const prompt = lengthsAbout(random, random.between(0.35, 1) * Math.max(150, promptMost));
  const output = lengthsAbout(random, random.between(...OUTPUTS[profile]));
  const held = prompt.mean + output.mean / 2;
  const most = mostRate(engine.pace, prompt.mean, output.mean, held);
  // Calm: well below the target of time per token, half of the seats, half of the memory.
  const bySpeed = most * Math.max(0.05, Math.min(0.45, 1 - pace.alpha / (0.72 * targets.perToken)));
  const step = pace.alpha / 0.6;
  const byMemory = (0.5 * tokens) / held / (output.mean * step);
  const bySeats = (0.5 * engine.seats) / (output.mean * step);
  const replicas = random.pick(wish.replicas ?? [1, 1, 2, 2, 3, 4]);
  const calmRate = Math.min(bySpeed, byMemory, bySeats, 24 / replicas) * random.between(0.5, 0.95);
  const calm = random.between(...(wish.calm ?? [200, 330]));
  const trouble = random.between(...(wish.trouble ?? [240, 420]));
  const recovers = random.chance(wish.recovers ?? 0.25);
  const onset = Math.round(calm);
  const watched = drawWatch(random, wish, version, replicas, calm + trouble);
  return {
    random,
    seed,
    hardware,
    profile,
    targets,
    engine,
    gpus,
    model,
    replicas,
    policy: random.pick(wish.policies ?? [{ kind: 'round-robin' }, { kind: 'least-loaded' }]),
    version,
    ...watched,
    onset,
    ends: recovers ? Math.round(onset + trouble) : null,
    seconds: Math.round(onset + trouble + (recovers ? 150 : 0)),
    prompt,
    output,
    calmRate,
    most,
  };
}

/** Pages an episode may have: more are tens of megabytes of text. */
const MOST_PAGES = 420;

const OUTPUTS: Readonly<Record<Profile, readonly [number, number]>> = {
  chat: [70, 150],
  'code-completion': [20, 60],
  batch: [150, 400],
  rag: [70, 140],
  agentic: [90, 200],
};

function jittered(random: Random, pace: Pace): Pace {
  return {
    alpha: pace.alpha * random.between(0.92, 1.08),
    beta: pace.beta * random.between(0.9, 1.1),
    gamma: pace.gamma * random.between(0.8, 1.2),
  };
}

function drawVersion(random: Random, wish: Wish): Version {
  if (wish.versions) return random.pick(wish.versions);
  if (wish.needs?.includes('by-reason') || wish.needs?.includes('modern')) return '0.32';
  return (['0.32', '0.11', '0.9', '0.8'] as const)[random.weighted([0.76, 0.1, 0.08, 0.06])] as Version;
}

function drawWatch(
  random: Random,
  wish: Wish,
  version: Version,
  replicas: number,
  seconds: number,
): { readonly watch: Watch; readonly perturbations: readonly string[] } {
  const needs = new Set(wish.needs ?? []);
  const usual = replicas >= 4 ? [10, 15, 15, 30] : [5, 5, 10, 15, 15, 30, 60];
  const wished = random.pick(wish.intervals ?? usual);
  // A large fleet over a long time is scraped less often, as such fleets are.
  const affordable = (replicas * seconds) / MOST_PAGES;
  const interval = [5, 10, 15, 30, 60].find((one) => one >= wished && one >= affordable) ?? 60;
  const without = (name: 'gpu' | 'container' | 'gateway' | 'by-reason', chance: number): boolean =>
    random.chance(chance) && !needs.has(name);
  const lost = random.chance(0.35) ? random.between(0.005, 0.05) : 0;
  const site: Watch['site'] = needs.has('container')
    ? 'kubernetes'
    : ((['plain', 'kubernetes', 'hosts'] as const)[random.weighted([0.25, 0.5, 0.25])] ?? 'plain');
  const noGpu = without('gpu', 0.4);
  const noProfiling = random.chance(0.4) && !needs.has('gpu');
  const watch: Watch = {
    ...WATCH_DEFAULTS,
    from: Math.round(random.between(20, 45)),
    interval,
    lost,
    gpu: noGpu ? 'none' : noProfiling ? 'default' : 'profiling',
    container: !without('container', 0.4) && site === 'kubernetes',
    gateway: !without('gateway', 0.55),
    byReason: !without('by-reason', 0.12),
    separator: random.chance(0.07) ? '_' : ':',
    lean: !random.chance(0.15),
    process: !random.chance(0.12),
    site,
  };
  const perturbations = [`${interval} s`, ...(version === '0.32' ? [] : [`${version} names`])];
  if (lost > 0) perturbations.push('lost scrapes');
  if (watch.gpu === 'none') perturbations.push('no dcgm');
  else if (watch.gpu === 'default') perturbations.push('no sm active');
  if (!watch.container) perturbations.push('no cadvisor');
  if (!watch.gateway) perturbations.push('no gateway');
  if (!watch.byReason && version === '0.32') perturbations.push('no by-reason');
  if (watch.separator === '_') perturbations.push('vllm_ prefix');
  if (!watch.process) perturbations.push('no process metrics');
  return { watch, perturbations };
}

/** Replicas all alike. */
export function plansOf(ground: Ground, changes: Partial<ReplicaPlan> = {}): ReplicaPlan[] {
  return Array.from({ length: ground.replicas }, (_, i) => ({
    engine: ground.engine,
    frontEnd: FRONT_END_DEFAULTS,
    version: ground.version,
    model: ground.model,
    gpus: ground.gpus,
    role: 'both' as const,
    startedAt: -Math.round(20_000 + 3_000 * i + (ground.seed % 977)),
    ...changes,
  }));
}

/** The usual requests at a rate per replica. */
export function usual(ground: Ground, rate: number, changes: Partial<Traffic> = {}): Traffic {
  return { rate: rate * ground.replicas, prompt: ground.prompt, output: ground.output, ...changes };
}

/** A story on this ground. */
export function tell(
  ground: Ground,
  story: { readonly phases: readonly Phase[]; readonly acts?: readonly Act[] } & Partial<Scenario>,
): Scenario {
  const { phases, acts = [], ...rest } = story;
  return {
    seed: ground.seed,
    seconds: ground.seconds,
    replicas: plansOf(ground),
    policy: ground.policy,
    targets: ground.targets,
    watch: ground.watch,
    epoch: 1_790_000_000 + (ground.seed % 1000) * 7919,
    phases,
    acts,
    ...rest,
  };
}

/** Other engine settings for every replica of a story: what would have been without the cause. */
export function withEngine(scenario: Scenario, change: (engine: EngineSettings) => EngineSettings): Scenario {
  return { ...scenario, replicas: scenario.replicas.map((plan) => ({ ...plan, engine: change(plan.engine) })) };
}
