import { book, ClientBook } from './books.ts';
import type { Fleet } from './fleet.ts';
import { Random } from './random.ts';
import type { Job } from './request.ts';
import type { Backlog, Phase, Traffic } from './traffic.ts';

/** By what the clients' book calls a first token late and an answer slow: seconds, seconds per token. */
export interface Targets {
  readonly firstToken: number;
  readonly perToken: number;
}

/** Answers shorter than this say nothing about time per token. */
const SHORTEST = 8;

/** Everybody who sends requests. What they send depends on the seed alone, not on how they are served (conversations excepted). */
export class Clients {
  readonly book: ClientBook;
  private nextIdentity = 1000;
  private jobs = 0;
  private readonly prefixes = new Map<string, number>();

  private readonly fleet: Fleet;
  private readonly targets: Targets;
  private readonly seed: number;

  constructor(fleet: Fleet, phases: readonly Phase[], targets: Targets, seed: number) {
    this.fleet = fleet;
    this.targets = targets;
    this.seed = seed;
    this.book = new ClientBook(fleet.plan.seconds);
    phases.forEach((phase, i) => {
      const until = phases[i + 1]?.from ?? fleet.plan.seconds;
      phase.traffic.forEach((traffic, j) =>
        this.open(traffic, phase.from, until, new Random(seed, `stream ${i} ${j}`)),
      );
      if (phase.backlog) this.pour(phase.backlog, phase.from, new Random(seed, `backlog ${i}`));
    });
  }

  /** Arrivals of a stream: a renewal process with gamma-like gaps. */
  private open(traffic: Traffic, from: number, until: number, random: Random): void {
    const { rate, burstiness = 1 } = traffic;
    const gap = (at: number): number => {
      const now = typeof rate === 'number' ? rate : rate(at);
      if (now <= 0) return 5;
      if (burstiness <= 1) return random.exponential(1 / now);
      // Two kinds of gaps, most of them short: the coefficient of variation is about `burstiness`.
      const short = 0.9;
      const ratio = 0.15;
      const mean = 1 / now;
      const long = (mean * (1 - short * ratio)) / (1 - short);
      return random.exponential(random.chance(short) ? mean * ratio : long);
    };
    // A rate that changes is looked at again after half a second without an arrival, which a Poisson process does not mind.
    const look = typeof rate === 'number' || burstiness > 1 ? Infinity : 0.5;
    const wait = (at: number): void => {
      const pause = gap(at);
      const next = at + Math.min(pause, look);
      if (next >= until) return;
      this.fleet.agenda.add(next, (then) => {
        if (pause <= look && (typeof rate === 'number' ? rate : rate(then)) > 0) this.begin(traffic, random, then);
        wait(then);
      });
    };
    wait(from);
  }

  private pour(backlog: Backlog, from: number, random: Random): void {
    let left = backlog.count;
    const traffic: Traffic = { rate: 0, prompt: backlog.prompt, output: backlog.output };
    const next = (at: number): void => {
      if (left <= 0) return;
      left -= 1;
      this.attempt(this.draw(traffic, random), traffic, random, at, at, 0, next);
    };
    this.fleet.agenda.add(from, (at) => {
      const atOnce = Math.min(left, backlog.atOnce ?? left);
      for (let i = 0; i < atOnce; i += 1) next(at);
    });
  }

  /** A conversation, or a single request. */
  private begin(traffic: Traffic, random: Random, at: number): void {
    const job = this.draw(traffic, random);
    const { turns } = traffic;
    if (!turns) {
      this.attempt(job, traffic, random, at, at, 0, () => undefined);
      return;
    }
    let left = 0;
    while (random.next() > 1 / turns.mean && left < 40) left += 1;
    const own = new Random(this.seed, `conversation ${job.content}`);
    const follow = (before: Job) => (then: number) => {
      if (left <= 0) return;
      left -= 1;
      const question = traffic.prompt.draw(own);
      const next: Job = {
        ...before,
        id: this.jobs++,
        promptTokens: before.promptTokens + before.outputTokens + question,
        outputTokens: traffic.output.draw(own),
      };
      this.fleet.agenda.add(then + own.exponential(turns.think), (when) =>
        this.attempt(next, traffic, own, when, when, 0, follow(next)),
      );
    };
    this.attempt(job, traffic, random, at, at, 0, follow(job));
  }

  private draw(traffic: Traffic, random: Random): Job {
    const { prefix, grammar, adapters } = traffic;
    const own = traffic.prompt.draw(random);
    const output = traffic.output.draw(random);
    const group = prefix ? random.whole(0, prefix.groups - 1) : 0;
    const content = this.nextIdentity++;
    this.jobs += 1;
    return {
      id: this.jobs,
      promptTokens: own + (prefix?.tokens ?? 0),
      outputTokens: output,
      maxTokens: Math.max(output, random.chance(0.15) ? output : Math.ceil((output + 1) / 256) * 256),
      prefix: prefix && !prefix.broken ? this.prefixOf(`${prefix.tokens}/${group}`) : 0,
      prefixTokens: prefix?.tokens ?? 0,
      content,
      returns: traffic.turns !== undefined || (traffic.retries?.most ?? 0) > 0,
      adapter: adapters ? random.weighted(adapters) : -1,
      grammar: grammar && random.chance(grammar.share) ? grammar.seconds * random.between(0.5, 1.5) : 0,
      preparation: traffic.preparation ? random.exponential(traffic.preparation) : 0,
    };
  }

  private prefixOf(name: string): number {
    const known = this.prefixes.get(name);
    if (known !== undefined) return known;
    const identity = this.prefixes.size + 1;
    this.prefixes.set(name, identity);
    return identity;
  }

  /** @param born when the job was first sent @param tried attempts before this one */
  private attempt(
    job: Job,
    traffic: Traffic,
    random: Random,
    now: number,
    born: number,
    tried: number,
    answered: (at: number) => void,
  ): void {
    const { fleet, targets } = this;
    const books = this.book;
    book(books.attempts, now, 1);
    if (tried === 0) {
      book(books.jobs, now, 1);
      const late = born + targets.firstToken;
      fleet.agenda.add(late, () => {
        if (!state.first) book(books.late, late, 1);
      });
    }
    const state = { first: false, over: false };
    const again = (at: number): void => {
      const { retries } = traffic;
      if (!retries || tried >= retries.most) return;
      const pause = random.exponential(retries.pause);
      fleet.agenda.add(at + pause, (then) => this.attempt(job, traffic, random, then, born, tried + 1, answered));
    };
    const stop = fleet.send(job, now, {
      firstToken: (_request, at) => {
        if (state.over) return;
        state.first = true;
        book(books.firstTokens, at, 1);
        book(books.firstTokenTime, at, at - born);
      },
      finished: (request, at) => {
        if (state.over) return;
        state.over = true;
        book(books.finished, at, 1);
        const tokens = request.generated;
        if (tokens > SHORTEST) {
          const each = (request.lastTokenAt - request.firstTokenAt) / (tokens - 1);
          book(books.answers, at, 1);
          book(books.perTokenTime, at, each);
          if (each > targets.perToken) book(books.slow, at, 1);
        }
        answered(at);
      },
      failed: (_request, at) => {
        if (state.over) return;
        state.over = true;
        book(books.failed, at, 1);
        again(at);
      },
    });
    if (stop === null) return;
    const give = (at: number): void => {
      if (state.over) return;
      state.over = true;
      stop(at);
      book(books.aborted, at, 1);
      again(at);
    };
    if (traffic.patience !== undefined) {
      fleet.agenda.add(now + traffic.patience * random.between(0.9, 1.1), (at) => {
        if (!state.first) give(at);
      });
    }
    if (traffic.answerPatience !== undefined) {
      fleet.agenda.add(now + traffic.answerPatience * random.between(0.7, 1.3), give);
    }
  }
}
