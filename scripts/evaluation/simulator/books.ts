/** Why the head of the queue was not admitted. */
export const REFUSALS = ['seats', 'blocks', 'budget', 'deferred', 'preempting'] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What an engine did, per second of the episode: sums over the steps that began in it. */
export class EngineBook {
  /** Seconds of step time with a queue, by what held its head. */
  readonly refused: Record<Refusal, Float64Array>;
  readonly stepTime: Float64Array;
  readonly steps: Float64Array;
  readonly tokens: Float64Array;
  readonly wasted: Float64Array;
  readonly preemptions: Float64Array;
  /** Integrals over step time. */
  readonly usage: Float64Array;
  readonly running: Float64Array;
  readonly waiting: Float64Array;
  /** Step time, per decoding request, that was longer than twice a plain decode step. */
  readonly longGaps: Float64Array;
  readonly gaps: Float64Array;
  /** Time between steps in which the GPU had nothing to do. */
  readonly gpuIdle: Float64Array;
  readonly edgeTime: Float64Array;
  readonly emitted: Float64Array;
  readonly drafts: Float64Array;
  readonly prefixQueries: Float64Array;
  readonly prefixHits: Float64Array;

  constructor(seconds: number) {
    const column = () => new Float64Array(seconds + 1);
    this.refused = {
      seats: column(),
      blocks: column(),
      budget: column(),
      deferred: column(),
      preempting: column(),
    };
    this.stepTime = column();
    this.steps = column();
    this.tokens = column();
    this.wasted = column();
    this.preemptions = column();
    this.usage = column();
    this.running = column();
    this.waiting = column();
    this.longGaps = column();
    this.gaps = column();
    this.gpuIdle = column();
    this.edgeTime = column();
    this.emitted = column();
    this.drafts = column();
    this.prefixQueries = column();
    this.prefixHits = column();
  }
}

/** What the clients lived through, per second of the episode. */
export class ClientBook {
  /** Jobs sent for the first time, and attempts at them. */
  readonly jobs: Float64Array;
  readonly attempts: Float64Array;
  readonly firstTokens: Float64Array;
  /** Jobs, at the second at which their first token became late. */
  readonly late: Float64Array;
  /** Answers that ended, and those of them slower per token than the target; more than 8 tokens long. */
  readonly answers: Float64Array;
  readonly slow: Float64Array;
  readonly finished: Float64Array;
  readonly aborted: Float64Array;
  readonly failed: Float64Array;
  /** Sums over first tokens, for means. */
  readonly firstTokenTime: Float64Array;
  readonly perTokenTime: Float64Array;

  constructor(seconds: number) {
    const column = () => new Float64Array(seconds + 1);
    this.jobs = column();
    this.attempts = column();
    this.firstTokens = column();
    this.late = column();
    this.answers = column();
    this.slow = column();
    this.finished = column();
    this.aborted = column();
    this.failed = column();
    this.firstTokenTime = column();
    this.perTokenTime = column();
  }
}

/** Sum over the seconds from `from` to `to`. */
export function total(column: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = Math.max(0, Math.floor(from)); i < Math.min(column.length, Math.floor(to)); i += 1) {
    sum += column[i] as number;
  }
  return sum;
}

/** Adds to the second `at` is in; before the start and after the end nothing is kept. */
export function book(column: Float64Array, at: number, amount: number): void {
  if (at >= 0 && at < column.length) column[Math.floor(at)] = (column[Math.floor(at)] as number) + amount;
}
