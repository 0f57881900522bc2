import type { Agenda } from './agenda.ts';
import { EngineBook } from './books.ts';
import type { Version } from './dialect.ts';
import { Engine } from './engine.ts';
import { FrontEnd } from './front-end.ts';
import { boundsOf } from './histogram.ts';
import { Metrics } from './metrics.ts';
import type { Random } from './random.ts';
import { type Job, Request, type RequestListener } from './request.ts';
import type { EngineSettings, FrontEndSettings } from './settings.ts';

/** How a replica is built and where it runs. */
export interface ReplicaPlan {
  readonly engine: EngineSettings;
  readonly frontEnd: FrontEndSettings;
  readonly version: Version;
  readonly model: string;
  readonly gpus: number;
  readonly role: 'both' | 'prefill' | 'decode';
  /** Seconds of the episode at which its process started (negative: before), or Infinity if it is not started at all. */
  readonly startedAt: number;
}

/** One server process with its engine, over as many lives as it has. */
export class Replica {
  metrics!: Metrics;
  frontEnd!: FrontEnd;
  engine!: Engine;
  up = false;
  /** Whether the router sends to it. */
  listed = false;
  inFlight = 0;
  /** Seconds of the episode at which this life began. */
  startedAt: number;
  life = 0;
  /** Lives ended by force so far, and how the last one ended. */
  restarts = 0;
  lastEnd: 'OOMKilled' | 'Error' | 'Completed' | null = null;
  awake = true;
  /** Gone for good: no longer a target. */
  removed = false;
  /** Share of a core for the API server and times the CPU work of the engine; survive a restart. */
  share = 1;
  gapFactor = 1;
  slowness = 1;
  acceptance = 0.7;
  leakShare = 0;
  leakBlocks = 0;
  heaviness = 1;
  /** Share of requests that end with an error before their first token. */
  errorShare = 0;
  /** Host memory: bytes now held beyond the usual, bytes a second lost, and the limit. */
  hostLeak = 0;
  hostLeakRate = 0;
  readonly hostBase: number;
  readonly hostLimit: number;
  /** GPU memory outside the KV pool, likewise, in MiB. */
  gpuLeak = 0;
  gpuLeakRate = 0;
  readonly book: EngineBook;
  /** What earlier lives have counted, for the balance of the books. */
  readonly earlier: Metrics[] = [];
  onAllocated: ((request: Request, at: number) => void) | null = null;

  readonly number: number;
  readonly plan: ReplicaPlan;
  private readonly agenda: Agenda;
  private readonly random: Random;

  constructor(number: number, plan: ReplicaPlan, seconds: number, agenda: Agenda, random: Random) {
    this.number = number;
    this.plan = plan;
    this.agenda = agenda;
    this.random = random;
    this.book = new EngineBook(seconds);
    this.startedAt = plan.startedAt;
    this.hostBase = 6e9 + plan.gpus * 3e9;
    this.hostLimit = this.hostBase * 2.2;
    this.start(plan.startedAt);
    if (plan.startedAt === Infinity) {
      this.up = false;
      this.listed = false;
    }
  }

  /** Server processes answer and are given requests; everything is counted from zero. */
  start(now: number): void {
    const { plan } = this;
    if (this.life > 0) this.earlier.push(this.metrics);
    const early = plan.version === '0.8';
    this.metrics = new Metrics(boundsOf(early, plan.engine.maxModelLen));
    this.frontEnd = new FrontEnd(plan.frontEnd);
    this.frontEnd.restart(now);
    this.engine = new Engine(plan.engine, this.metrics, this.frontEnd, this.book, this.random, plan.version !== '0.32');
    this.engine.onAllocated = (request, at) => this.onAllocated?.(request, at);
    this.apply();
    this.startedAt = now;
    this.life += 1;
    this.up = true;
    this.listed = true;
    this.hostLeak = 0;
    this.gpuLeak = 0;
  }

  /** Puts what acts have set on the replica into its engine and front end. */
  apply(): void {
    this.engine.slowness = this.slowness;
    this.engine.gapFactor = this.gapFactor;
    this.engine.acceptance = this.acceptance;
    this.engine.leakShare = this.leakShare;
    this.engine.leakBlocks = this.leakBlocks;
    this.frontEnd.share = this.share;
    this.frontEnd.heaviness = this.heaviness;
  }

  /** The process is gone with everything in it. */
  die(now: number, how: 'OOMKilled' | 'Error' | 'Completed'): void {
    if (!this.up) return;
    this.up = false;
    if (how !== 'Completed') this.restarts += 1;
    this.lastEnd = how;
    for (const request of this.engine.all()) {
      request.done = true;
      request.listener.failed(request, now, 'died');
    }
    this.engine.nextAt = Infinity;
    this.engine.running.length = 0;
    this.engine.waiting.length = 0;
  }

  /**
   * A request comes over the network.
   * @returns the attempt, or `null` if the server refuses it because of its queue limit
   */
  accept(job: Job, outputTokens: number, now: number, listener: RequestListener): Request | null {
    const { engine, frontEnd, metrics, life } = this;
    const limit = engine.settings.maxQueuedRequests;
    if (limit > 0 && engine.running.length + engine.waiting.length >= limit) {
      metrics.rejections += 1;
      metrics.answered('5xx', 0.005);
      return null;
    }
    const request = new Request(job, Math.max(1, Math.min(outputTokens, job.maxTokens)), now, listener);
    const ready = frontEnd.prepare(now, job.promptTokens, job.preparation);
    this.agenda.add(ready, (at) => {
      if (request.done) return;
      if (!this.up || this.life !== life) {
        request.done = true;
        listener.failed(request, at, 'died');
        return;
      }
      if (this.errorShare > 0 && this.random.chance(this.errorShare)) {
        request.done = true;
        metrics.finished.error += 1;
        metrics.answered('5xx', at - now);
        listener.failed(request, at, 'error');
        return;
      }
      if (job.grammar > 0) {
        this.grammarUntil = Math.max(this.grammarUntil, at) + job.grammar / this.share;
        request.grammarAt = this.grammarUntil;
        this.agenda.add(this.grammarUntil, (then) => {
          if (this.up && this.life === life && !request.done) engine.wake(then);
        });
      }
      engine.enqueue(request, at);
    });
    return request;
  }

  private grammarUntil = 0;
}
