import { BlockPool } from './block-pool.ts';
import { book, type EngineBook, type Refusal } from './books.ts';
import type { FrontEnd } from './front-end.ts';
import type { FinishedReason, Metrics } from './metrics.ts';
import type { Random } from './random.ts';
import type { Request } from './request.ts';
import type { EngineSettings } from './settings.ts';

/** Seconds until an engine that could do nothing looks again. */
const IDLE_LOOK = 0.05;

/**
 * One engine core: the V1 scheduler loop over seats, blocks and token budget. Running requests are served first, then waiting
 * ones in order; a running request that gets no block pushes out the one admitted last.
 */
export class Engine {
  readonly pool: BlockPool;
  readonly running: Request[] = [];
  readonly waiting: Request[] = [];
  /** When the step under way ends; Infinity while there is nothing to do. */
  nextAt = Infinity;
  /** Times the step time: a throttled GPU. */
  slowness = 1;
  /** Times the CPU work between steps: a throttled container. */
  gapFactor = 1;
  /** Chance that the model takes a drafted token, given that it took the one before. */
  acceptance = 0.7;
  /** Share of requests whose blocks are partly kept for ever, and how many blocks each time. */
  leakShare = 0;
  leakBlocks = 0;
  leaked = 0;
  frozenUntil = 0;
  /** Integrals for the sensors: seconds with a kernel running, and the same weighted by how full the SMs were. */
  gpuSeconds = 0;
  smSeconds = 0;
  /** Asks for blocks of remote prompts; set where prompts come from elsewhere. */
  onAllocated: ((request: Request, at: number) => void) | null = null;
  private residentTokens = 0;
  private stepStart = 0;
  private stepTime = 0;
  private lastEnd = -1;
  private refusal: Refusal | null = null;
  /** Requests in the batch, by adapter. */
  private readonly slots = new Map<number, number>();
  private decodeTokens = 0;
  /** Whether anybody has ever been passed over. */
  private defers = false;

  readonly settings: EngineSettings;
  private readonly metrics: Metrics;
  private readonly frontEnd: FrontEnd;
  private readonly books: EngineBook;
  private readonly random: Random;
  /** Unix seconds do not matter in here: time is seconds since the start of the episode. */
  private readonly oldIterationCount: boolean;

  constructor(
    settings: EngineSettings,
    metrics: Metrics,
    frontEnd: FrontEnd,
    books: EngineBook,
    random: Random,
    oldIterationCount: boolean,
  ) {
    this.settings = settings;
    this.metrics = metrics;
    this.frontEnd = frontEnd;
    this.books = books;
    this.random = random;
    this.oldIterationCount = oldIterationCount;
    this.pool = new BlockPool(settings.blocks, settings.blockSize, settings.prefixCaching);
  }

  /** A prepared request reaches the engine. */
  enqueue(request: Request, now: number): void {
    request.queuedAt = now;
    this.waiting.push(request);
    this.wake(now);
  }

  /** Starts the loop if it stands still. */
  wake(now: number): void {
    if (this.nextAt !== Infinity && this.stepTime > 0) return;
    if (now < this.frozenUntil) {
      this.nextAt = this.frozenUntil;
      this.stepTime = 0;
      return;
    }
    this.begin(now);
  }

  /** No step ends before `until`. */
  freeze(until: number): void {
    this.frozenUntil = until;
    if (this.nextAt !== Infinity) this.nextAt = Math.max(this.nextAt, until);
  }

  /** Adapters in the batch and of the queue, for `lora_requests_info`. */
  adapters(): { readonly running: readonly number[]; readonly waiting: readonly number[] } {
    const waiting = new Set<number>();
    for (const { job } of this.waiting) if (job.adapter >= 0) waiting.add(job.adapter);
    return { running: [...this.slots.keys()].sort((a, b) => a - b), waiting: [...waiting].sort((a, b) => a - b) };
  }

  /** A client has gone: what is left of its request is thrown away. */
  abort(request: Request, now: number): void {
    if (request.done) return;
    request.done = true;
    const inRunning = this.running.indexOf(request);
    if (inRunning >= 0) {
      this.running.splice(inRunning, 1);
      this.leave(request);
    } else {
      const inWaiting = this.waiting.indexOf(request);
      if (inWaiting >= 0) this.waiting.splice(inWaiting, 1);
    }
    this.pool.release(request, request.job.returns);
    if (now >= this.frozenUntil) this.showGauges();
  }

  /** Every request that is in here, for when the process dies. */
  all(): Request[] {
    return [...this.running, ...this.waiting];
  }

  /** The step under way ends; tokens are handed out and the next step begins. */
  step(): void {
    const now = this.nextAt;
    if (this.stepTime > 0) this.finishStep(now);
    this.begin(now);
  }

  private begin(now: number): void {
    if (this.running.length === 0 && this.waiting.length === 0) {
      this.nextAt = Infinity;
      this.stepTime = 0;
      this.showGauges();
      return;
    }
    const tokens = this.schedule(now);
    if (tokens === 0) {
      // Nothing could be scheduled: the loop spins, and its statistics are still sent.
      this.nextAt = now + IDLE_LOOK;
      this.stepTime = 0;
      this.showGauges();
      if (this.refusal !== null) book(this.books.refused[this.refusal], now, IDLE_LOOK);
      this.bookGauges(now, IDLE_LOOK);
      book(this.books.stepTime, now, 0);
      return;
    }
    const { pace, gap, gapPerRequest, graphEdge, graphPenalty, speculation } = this.settings;
    const plain = pace.alpha + pace.gamma * this.residentTokens;
    let gpu = plain + pace.beta * tokens;
    if (speculation) gpu += pace.alpha * speculation.draftCost * speculation.tokens;
    if (this.decodeTokens > graphEdge) {
      gpu += graphPenalty * (plain + pace.beta * this.decodeTokens);
      book(this.books.edgeTime, now, gpu);
    }
    gpu *= this.slowness * (0.98 + 0.04 * this.random.next());
    const idle = (gap + gapPerRequest * this.running.length) * this.gapFactor;
    this.stepStart = now;
    this.stepTime = gpu + idle;
    this.nextAt = Math.max(now + this.stepTime, this.frozenUntil);
    this.gpuSeconds += gpu;
    this.smSeconds += gpu * (0.5 + 0.42 * Math.min(1, tokens / 1024));
    const books = this.books;
    book(books.stepTime, now, this.stepTime);
    book(books.steps, now, 1);
    book(books.tokens, now, tokens);
    book(books.gpuIdle, now, idle);
    if (this.refusal !== null) book(books.refused[this.refusal], now, this.stepTime);
    this.bookGauges(now, this.stepTime);
  }

  /** Fills the next step. @returns tokens scheduled */
  private schedule(now: number): number {
    const { settings, running, pool } = this;
    const { blockSize, longPrefillThreshold } = settings;
    const lookAhead = settings.speculation ? settings.speculation.tokens : 0;
    let budget = settings.budget;
    let preempted = false;
    this.decodeTokens = 0;
    const alone = running.length + this.waiting.length <= 1;
    const most = longPrefillThreshold > 0 && !alone ? longPrefillThreshold : Infinity;
    for (let i = 0; i < running.length; i += 1) {
      const request = running[i] as Request;
      const need = request.length - request.computed;
      const decoding = need === 1 && request.generated > 0;
      const wanted = decoding ? 1 + lookAhead : need < most ? need : most;
      const tokens = wanted < budget ? wanted : budget;
      if (tokens <= 0) {
        request.scheduled = 0;
        continue;
      }
      let missing = Math.ceil((request.computed + tokens) / blockSize) - request.blocks.length;
      let gone = false;
      while (missing > pool.free) {
        preempted = true;
        const victim = running.pop() as Request;
        this.preempt(victim, now);
        if (victim === request) {
          gone = true;
          break;
        }
      }
      if (gone) break;
      if (missing > 0) {
        pool.take(request, missing);
        missing = 0;
      }
      request.scheduled = tokens;
      budget -= tokens;
      if (decoding) this.decodeTokens += tokens;
    }
    budget = this.admit(now, budget, most, preempted);
    return settings.budget - budget;
  }

  /** Takes waiting requests in until something is missing. @returns what is left of the budget */
  private admit(now: number, budget: number, most: number, preempted: boolean): number {
    const { settings, running, waiting, pool } = this;
    this.refusal = null;
    if (waiting.length === 0) return budget;
    if (preempted) {
      this.refusal = 'preempting';
      return budget;
    }
    const reserve = running.length > 0 ? Math.floor(settings.watermark * pool.total) : 0;
    let at = 0;
    let skipped = 0;
    while (at < waiting.length) {
      if (running.length >= settings.seats) {
        this.refusal = 'seats';
        break;
      }
      if (budget <= 0) {
        this.refusal = 'budget';
        break;
      }
      const request = waiting[at] as Request;
      if (this.mustWait(request, now)) {
        request.deferred = true;
        this.defers = true;
        skipped += 1;
        at += 1;
        continue;
      }
      const fromRemote = request.remote === 'here';
      const first = Number.isNaN(request.scheduledAt);
      const hits = fromRemote ? 0 : pool.hits(request);
      const cached = fromRemote ? request.computed : hits * settings.blockSize;
      const need = request.length - cached;
      const tokens = Math.min(need, budget, most);
      if (!fromRemote) {
        const whole = pool.blocksFor(request.length) - hits + (hits > 0 ? pool.idleHits(request, hits) : 0);
        if (whole > pool.free - reserve) {
          this.refusal = 'blocks';
          break;
        }
        pool.reuse(request, hits);
      }
      const missing = pool.blocksFor(cached + tokens) - request.blocks.length;
      if (missing > pool.free - (fromRemote ? 0 : reserve)) {
        pool.release(request, true);
        this.refusal = 'blocks';
        break;
      }
      if (missing > 0) pool.take(request, missing);
      waiting.splice(at, 1);
      running.push(request);
      if (request.job.adapter >= 0) {
        this.slots.set(request.job.adapter, (this.slots.get(request.job.adapter) ?? 0) + 1);
      }
      request.computed = cached;
      this.residentTokens += cached;
      request.scheduled = tokens;
      budget -= tokens;
      if (first) {
        request.scheduledAt = now;
        request.cachedTokens = fromRemote ? 0 : cached;
        this.countAdmission(request, now);
      }
    }
    if (this.refusal === null && skipped > 0) this.refusal = 'deferred';
    return budget;
  }

  private countAdmission(request: Request, now: number): void {
    const { metrics, settings } = this;
    if (!settings.prefixCaching || request.remote === 'here') return;
    metrics.prefixQueries += request.job.promptTokens;
    metrics.prefixHits += request.cachedTokens;
    metrics.cachedAtAdmission += request.cachedTokens;
    book(this.books.prefixQueries, now, request.job.promptTokens);
    book(this.books.prefixHits, now, request.cachedTokens);
  }

  /** Whether it is skipped in this step: its adapter has no slot, its grammar is not compiled, its KV not here. */
  private mustWait(request: Request, now: number): boolean {
    if (request.remote === 'unallocated') {
      const blocks = this.pool.blocksFor(request.job.promptTokens);
      if (blocks <= this.pool.free && this.onAllocated) {
        this.pool.take(request, blocks);
        request.remote = 'moving';
        this.onAllocated(request, now);
      }
      return true;
    }
    if (request.remote === 'moving') return true;
    if (request.grammarAt > now) return true;
    const { adapter } = request.job;
    return adapter >= 0 && !this.slots.has(adapter) && this.slots.size >= this.settings.maxLoras;
  }

  private preempt(victim: Request, now: number): void {
    this.leave(victim);
    victim.computed = 0;
    victim.scheduled = 0;
    victim.preemptions += 1;
    victim.remote = 'none';
    this.pool.release(victim, true);
    this.waiting.unshift(victim);
    // With asynchronous scheduling the victim's token in flight is still delivered, and the event with it.
    this.metrics.preemptions += 1;
    book(this.books.preemptions, now, 1);
  }

  /** A request leaves the batch. */
  private leave(request: Request): void {
    this.residentTokens -= request.computed;
    const { adapter } = request.job;
    if (adapter < 0) return;
    const left = (this.slots.get(adapter) ?? 1) - 1;
    if (left <= 0) this.slots.delete(adapter);
    else this.slots.set(adapter, left);
  }

  private finishStep(now: number): void {
    const { running, metrics, settings, books } = this;
    const { speculation } = settings;
    const usualGap = now - this.lastEnd;
    let usual = 0;
    let gaps = 0;
    let emitted = 0;
    let promptsDone = 0;
    let wasted = 0;
    let drafts = 0;
    // A first token and the end need the time at which the API server has handed them out: known when all are counted.
    const firsts: Request[] = [];
    let kept = 0;
    const ended: Request[] = [];
    for (let i = 0; i < running.length; i += 1) {
      const request = running[i] as Request;
      const { scheduled } = request;
      running[kept] = request;
      kept += 1;
      if (scheduled === 0) continue;
      request.scheduled = 0;
      const { length } = request;
      const decoding = request.generated > 0 && request.computed === length - 1;
      let gained = decoding ? 1 : scheduled;
      let tokens = 1;
      if (decoding && speculation) {
        let accepted = 0;
        while (accepted < speculation.tokens && this.random.next() < this.acceptance) {
          metrics.acceptedByPosition[accepted] = (metrics.acceptedByPosition[accepted] ?? 0) + 1;
          accepted += 1;
        }
        drafts += 1;
        metrics.acceptedTokens += accepted;
        gained += accepted;
        tokens += accepted;
      }
      request.computed += gained;
      this.residentTokens += gained;
      if (request.reached > request.computed - gained) {
        wasted += Math.min(gained, request.reached - (request.computed - gained));
      }
      if (request.computed > request.reached) request.reached = request.computed;
      if (!decoding) {
        this.pool.registerPrefix(request);
        if (request.computed < length) continue;
      }
      const left = request.outputTokens - request.generated;
      if (tokens > left) tokens = left;
      if (request.generated === 0) {
        promptsDone += this.oldIterationCount
          ? request.job.promptTokens
          : request.job.promptTokens - request.cachedTokens - request.externalTokens;
        firsts.push(request);
      } else {
        gaps += 1;
        if (request.lastTokenAt === this.lastEnd) usual += 1;
        else metrics.betweenTokens.observe(now - request.lastTokenAt);
      }
      request.generated += tokens;
      request.length += tokens;
      request.lastTokenAt = now;
      emitted += tokens;
      if (request.generated >= request.outputTokens) {
        ended.push(request);
        kept -= 1;
      }
    }
    running.length = kept;
    if (usual > 0) metrics.betweenTokens.observe(usualGap, usual);
    if (drafts > 0 && speculation) {
      metrics.drafts += drafts;
      metrics.draftTokens += drafts * speculation.tokens;
    }
    this.lastEnd = now;
    metrics.generationTokens += emitted;
    if (emitted > 0) metrics.iteration.observe(emitted + promptsDone);
    book(books.wasted, this.stepStart, wasted);
    book(books.gaps, this.stepStart, gaps);
    book(books.emitted, this.stepStart, emitted);
    book(books.drafts, this.stepStart, drafts);
    if (usualGap > 2 * (settings.pace.alpha + settings.pace.beta * gaps)) book(books.longGaps, this.stepStart, usual);
    const at = emitted > 0 ? this.frontEnd.deliver(now, emitted) : now;
    for (const request of firsts) this.firstToken(request, now, at);
    for (const request of ended) this.end(request, now, at);
    this.showGauges();
  }

  private firstToken(request: Request, now: number, at: number): void {
    const { metrics } = this;
    request.firstTokenAt = now;
    metrics.firstToken.observe(at - request.arrivedAt);
    metrics.promptTokens += request.job.promptTokens;
    metrics.promptCached += request.cachedTokens + request.externalTokens;
    metrics.promptExternal += request.externalTokens;
    metrics.promptComputed += request.job.promptTokens - request.cachedTokens - request.externalTokens;
    request.listener.firstToken(request, at);
  }

  private end(request: Request, now: number, at: number): void {
    const { metrics } = this;
    const { job } = request;
    request.done = true;
    this.leave(request);
    if (!request.parks) this.giveBack(request);
    const reason: FinishedReason = request.outputTokens >= job.maxTokens ? 'length' : 'stop';
    metrics.finished[reason] += 1;
    const decode = now - request.firstTokenAt;
    metrics.e2e.observe(at - request.arrivedAt);
    metrics.queue.observe(request.scheduledAt - request.queuedAt);
    metrics.prefill.observe(request.firstTokenAt - request.scheduledAt);
    metrics.decode.observe(decode);
    metrics.inference.observe(now - request.scheduledAt);
    metrics.perOutputToken.observe(request.generated > 1 ? decode / (request.generated - 1) : 0);
    metrics.promptLength.observe(job.promptTokens);
    metrics.outputLength.observe(request.generated);
    metrics.maxOutputLength.observe(request.generated);
    metrics.paramsMaxTokens.observe(job.maxTokens);
    metrics.paramsN.observe(1);
    metrics.computedLength.observe(job.promptTokens - request.cachedTokens);
    metrics.requestPreemptions.observe(request.preemptions);
    metrics.answered('2xx', at - request.arrivedAt);
    request.listener.finished(request, at);
  }

  /** Frees the blocks of an ended request; a leak keeps some. */
  giveBack(request: Request): void {
    const leaks = this.leakShare > 0 && this.random.chance(this.leakShare);
    const keep = leaks ? Math.min(this.leakBlocks, request.blocks.length) : 0;
    this.leaked += keep;
    this.pool.release(request, request.job.returns, keep);
  }

  /** What the engine last told its API server. */
  private showGauges(): void {
    const { metrics, waiting } = this;
    metrics.running = this.running.length;
    metrics.waiting = waiting.length;
    if (this.defers) {
      let deferred = 0;
      for (const request of waiting) if (request.deferred && request.preemptions === 0) deferred += 1;
      metrics.waitingDeferred = deferred;
    }
    metrics.cacheUsage = this.pool.usage;
  }

  private bookGauges(now: number, time: number): void {
    book(this.books.usage, now, this.pool.usage * time);
    book(this.books.running, now, this.running.length * time);
    book(this.books.waiting, now, this.waiting.length * time);
  }
}
