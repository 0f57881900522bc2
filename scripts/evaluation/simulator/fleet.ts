import { Agenda } from './agenda.ts';
import { Link, type LinkSettings } from './link.ts';
import { Random } from './random.ts';
import { Replica, type ReplicaPlan } from './replica.ts';
import type { Job, Request, RequestListener } from './request.ts';
import { type Policy, Router } from './router.ts';

/** Seconds from a first try on a dead replica until the router no longer sends to it. */
const NOTICE = 4;

export interface FleetPlan {
  readonly seed: number;
  /** Seconds the episode lasts. */
  readonly seconds: number;
  readonly replicas: readonly ReplicaPlan[];
  readonly policy: Policy;
  /** How KV goes from prefill to decode replicas; unused where every replica does both. */
  readonly link?: LinkSettings;
}

/** Replicas behind a gateway, on one clock: seconds since the start of the episode. */
export class Fleet {
  readonly agenda = new Agenda();
  readonly replicas: readonly Replica[];
  readonly router: Router;
  readonly links: readonly Link[];
  /** What the gateway has counted: attempts that came, and those that failed. */
  gatewayRequests = 0;
  gatewayErrors = 0;
  now = 0;
  private readonly entries: readonly Replica[];
  private readonly decoders: readonly Replica[];

  readonly plan: FleetPlan;

  constructor(plan: FleetPlan) {
    this.plan = plan;
    this.replicas = plan.replicas.map(
      (one, i) => new Replica(i, one, plan.seconds, this.agenda, new Random(plan.seed, `replica ${i}`)),
    );
    this.router = new Router(plan.policy, new Random(plan.seed, 'router'));
    this.entries = this.replicas.filter((replica) => replica.plan.role !== 'decode');
    this.decoders = this.replicas.filter((replica) => replica.plan.role === 'decode');
    const link = plan.link ?? {
      latency: 0.003,
      bytesPerSecond: 20e9,
      bytesPerToken: 131072,
      failShare: 0,
      timeout: 30,
    };
    this.links = this.decoders.map(
      (replica) => new Link(replica, link, this.agenda, new Random(plan.seed, `link ${replica.number}`)),
    );
  }

  /**
   * Sends one attempt at a job.
   * @returns what aborts it, or `null` if it has failed at once (the listener has been told)
   */
  send(job: Job, now: number, listener: RequestListener): ((at: number) => void) | null {
    this.gatewayRequests += 1;
    return this.decoders.length > 0
      ? this.sendSplit(job, now, listener)
      : this.sendTo(this.entries, job, now, listener);
  }

  /** Runs everything until the end of the episode. */
  run(): void {
    const { agenda, replicas } = this;
    const end = this.plan.seconds;
    for (;;) {
      let next: Replica | null = null;
      let at = Infinity;
      for (const replica of replicas) {
        if (replica.engine.nextAt < at) {
          at = replica.engine.nextAt;
          next = replica;
        }
      }
      const due = agenda.nextAt;
      if (Math.min(due, at) > end) return;
      if (due <= at) {
        this.now = due;
        agenda.runNext();
      } else if (next !== null) {
        this.now = at;
        next.engine.step();
      }
    }
  }

  private sendTo(
    replicas: readonly Replica[],
    job: Job,
    now: number,
    listener: RequestListener,
  ): ((at: number) => void) | null {
    const replica = this.router.pick(replicas, job);
    if (replica === null || !replica.up) {
      if (replica !== null) this.unlist(replica, now);
      this.gatewayErrors += 1;
      this.agenda.add(now + 0.05, (at) => listener.failed(null, at, 'died'));
      return null;
    }
    return this.attempt(replica, job, job.outputTokens, now, listener, () => undefined);
  }

  private attempt(
    replica: Replica,
    job: Job,
    outputTokens: number,
    now: number,
    listener: RequestListener,
    prepare: (request: Request) => void,
  ): ((at: number) => void) | null {
    replica.inFlight += 1;
    const over = (): void => {
      replica.inFlight -= 1;
    };
    const request = replica.accept(job, outputTokens, now, {
      firstToken: (one, at) => listener.firstToken(one, at),
      finished: (one, at) => {
        over();
        listener.finished(one, at);
      },
      failed: (one, at, why) => {
        over();
        this.gatewayErrors += 1;
        if (why === 'died') this.unlist(replica, at);
        listener.failed(one, at, why);
      },
    });
    if (request === null) {
      over();
      this.gatewayErrors += 1;
      this.agenda.add(now + 0.01, (at) => listener.failed(null, at, 'refused'));
      return null;
    }
    prepare(request);
    const { life } = replica;
    return (at) => {
      if (request.done) return;
      over();
      if (!replica.up || replica.life !== life) return;
      const { metrics } = replica;
      replica.engine.abort(request, at);
      request.done = true;
      // The response had begun: a stream that its client drops counts as a success.
      metrics.answered('2xx', at - request.arrivedAt);
    };
  }

  /** A prompt goes to a prefill replica, its KV to a decode replica, which gives the answer. */
  private sendSplit(job: Job, now: number, listener: RequestListener): ((at: number) => void) | null {
    let stop: ((at: number) => void) | null = null;
    let stopped = false;
    stop = this.sendTo(this.entries, { ...job, outputTokens: 1 }, now, {
      firstToken: () => undefined,
      failed: (one, at, why) => listener.failed(one, at, why),
      finished: (first, at) => {
        if (stopped) return;
        const decoder = this.router.pick(this.decoders, job);
        if (decoder === null || !decoder.up || first === null) {
          listener.failed(null, at, 'died');
          return;
        }
        stop = this.attempt(decoder, job, job.outputTokens, at, listener, (request) => {
          request.remote = 'unallocated';
        });
      },
    });
    return (at) => {
      stopped = true;
      stop?.(at);
    };
  }

  private unlist(replica: Replica, now: number): void {
    const { life } = replica;
    this.agenda.add(now + NOTICE, () => {
      if (!replica.up && replica.life === life) replica.listed = false;
    });
  }
}
