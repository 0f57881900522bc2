import { REFUSALS, type Refusal, total } from '../simulator/books.ts';
import type { Outcome } from '../simulator/scenario.ts';

/** Figures of the books over a stretch of an episode. */
export class Figures {
  readonly outcome: Outcome;
  readonly from: number;
  readonly to: number;

  /** @param from seconds of the episode, like `to` */
  constructor(outcome: Outcome, from: number, to: number) {
    this.outcome = outcome;
    this.from = from;
    this.to = to;
  }

  over(from: number, to: number): Figures {
    return new Figures(this.outcome, from, to);
  }

  /** Share of the requests whose first token came later than the target. */
  get late(): number {
    const { jobs, late } = this.outcome.clients.book;
    const target = this.outcome.scenario.targets.firstToken;
    return ratio(total(late, this.from + target, this.to), total(jobs, this.from, this.to - target));
  }

  /** Share of the answers that came slower, per token, than the target. */
  get slow(): number {
    const { answers, slow } = this.outcome.clients.book;
    return ratio(total(slow, this.from, this.to), total(answers, this.from, this.to));
  }

  /** Either of them, the worse one. */
  get hurt(): number {
    return Math.max(this.late, this.slow);
  }

  get jobs(): number {
    return total(this.outcome.clients.book.jobs, this.from, this.to);
  }

  get attempts(): number {
    return total(this.outcome.clients.book.attempts, this.from, this.to);
  }

  /** Share of attempts that their client gave up, or that failed. */
  get lost(): number {
    const { aborted, failed } = this.outcome.clients.book;
    return ratio(total(aborted, this.from, this.to) + total(failed, this.from, this.to), this.attempts);
  }

  get firstToken(): number {
    const { firstTokens, firstTokenTime } = this.outcome.clients.book;
    return ratio(total(firstTokenTime, this.from, this.to), total(firstTokens, this.from, this.to));
  }

  get perToken(): number {
    const { answers, perTokenTime } = this.outcome.clients.book;
    return ratio(total(perTokenTime, this.from, this.to), total(answers, this.from, this.to));
  }

  /** Share of step time in which the head of a queue was held by this. */
  refused(why: Refusal, replica?: number): number {
    return ratio(
      this.sum((book) => book.refused[why], replica),
      this.sum((book) => book.stepTime, replica) || 1,
    );
  }

  /** Of the time in which something held the head of a queue, the share in which it was this. */
  refusedBy(why: Refusal, replica?: number): number {
    const all = REFUSALS.reduce((sum, one) => sum + this.sum((book) => book.refused[one], replica), 0);
    return ratio(
      this.sum((book) => book.refused[why], replica),
      all,
    );
  }

  /** Share of the tokens computed that had been computed before. */
  get wasted(): number {
    return ratio(
      this.sum((book) => book.wasted),
      this.sum((book) => book.tokens),
    );
  }

  get preemptions(): number {
    return this.sum((book) => book.preemptions);
  }

  get finished(): number {
    return total(this.outcome.clients.book.finished, this.from, this.to);
  }

  /** Share of KV blocks in use while steps ran. */
  usage(replica?: number): number {
    return ratio(
      this.sum((book) => book.usage, replica),
      this.sum((book) => book.stepTime, replica),
    );
  }

  running(replica?: number): number {
    return ratio(
      this.sum((book) => book.running, replica),
      this.sum((book) => book.stepTime, replica),
    );
  }

  waiting(replica?: number): number {
    return ratio(
      this.sum((book) => book.waiting, replica),
      this.sum((book) => book.stepTime, replica),
    );
  }

  /** Mean number of requests in the batches of a replica, over all time. */
  meanRunning(replica: number): number {
    return this.sum((book) => book.running, replica) / Math.max(1, this.to - this.from);
  }

  /** Steps of one replica. */
  stepsOf(replica: number): number {
    return this.sum((book) => book.steps, replica);
  }

  /** Share of the time, over all replicas, in which a step ran. */
  get busy(): number {
    return this.sum((book) => book.stepTime) / Math.max(1, (this.to - this.from) * this.outcome.engines.length);
  }

  /** Tokens a step as a share of the budget. */
  get budgetUse(): number {
    const { budget } = (this.outcome.scenario.replicas[0] as Outcome['scenario']['replicas'][number]).engine;
    return ratio(
      this.sum((book) => book.tokens),
      this.sum((book) => book.steps) * budget,
    );
  }

  /** Share of the gaps between tokens that were longer than two plain steps. */
  get longGaps(): number {
    return ratio(
      this.sum((book) => book.longGaps),
      this.sum((book) => book.gaps),
    );
  }

  /** Share of step time in which the GPU had nothing to do. */
  get gpuIdle(): number {
    return ratio(
      this.sum((book) => book.gpuIdle),
      this.sum((book) => book.stepTime),
    );
  }

  /** Share of step time beyond the captured graphs. */
  get beyondGraphs(): number {
    return ratio(
      this.sum((book) => book.edgeTime),
      this.sum((book) => book.stepTime),
    );
  }

  get prefixHits(): number {
    return ratio(
      this.sum((book) => book.prefixHits),
      this.sum((book) => book.prefixQueries),
    );
  }

  /** Tokens a decoding request gained per step. */
  get perDraft(): number {
    return ratio(
      this.sum((book) => book.emitted),
      this.sum((book) => book.gaps),
    );
  }

  /** Output tokens a second. */
  get output(): number {
    return this.sum((book) => book.emitted) / Math.max(1, this.to - this.from);
  }

  /** First second from which people were hurt: of 10 seconds' requests or answers, a sixth and at least two. */
  hurtFrom(): number | null {
    const { jobs, late, answers, slow, failed, aborted } = this.outcome.clients.book;
    for (let at = Math.floor(this.from); at + 1 <= this.to; at += 1) {
      const window = (column: Float64Array) => total(column, Math.max(this.from, at - 9), at + 1);
      const bad = (part: Float64Array, all: Float64Array) => window(part) >= 2 && window(part) >= window(all) / 6;
      if (bad(late, jobs) || bad(slow, answers) || bad(failed, jobs) || bad(aborted, jobs)) return at;
    }
    return null;
  }

  /** First second from which on nobody was hurt for `span` seconds; `null` if it never ends. */
  clearFrom(span: number): number | null {
    for (let at = Math.ceil(this.from); at + span <= this.to; at += 1) {
      const { late, slow, jobs, answers, aborted, failed } = this.outcome.clients.book;
      const window = (column: Float64Array) => total(column, at, at + span);
      const bad = window(late) + window(slow) + window(failed) + window(aborted);
      if (bad <= 0.06 * (window(jobs) + window(answers))) return at;
    }
    return null;
  }

  /** Worst half minute: share of late or slow ones. */
  worst(span = 30): number {
    let worst = 0;
    for (let at = this.from; at + span <= this.to; at += 10) {
      const part = this.over(at, at + span);
      if (part.jobs >= 8) worst = Math.max(worst, part.late, part.slow);
    }
    return worst;
  }

  private sum(column: (book: Outcome['engines'][number]) => Float64Array, replica?: number): number {
    let sum = 0;
    this.outcome.engines.forEach((book, i) => {
      if (replica === undefined || replica === i) sum += total(column(book), this.from, this.to);
    });
    return sum;
  }
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
