import type { Agenda } from './agenda.ts';
import type { Random } from './random.ts';
import type { Replica } from './replica.ts';
import type { Request } from './request.ts';

/** The way KV takes into a decode replica. */
export interface LinkSettings {
  /** Seconds before the first byte. */
  readonly latency: number;
  readonly bytesPerSecond: number;
  readonly bytesPerToken: number;
  /** Share of transfers that never end, and the seconds after which that is noticed. */
  readonly failShare: number;
  readonly timeout: number;
}

/** Transfers into one decode replica share its network card: each gets through after those before it. */
export class Link {
  /** Transfers that are under way, and the longest that has been. */
  moving = 0;
  private busyUntil = 0;

  private readonly replica: Replica;
  settings: LinkSettings;
  private readonly agenda: Agenda;
  private readonly random: Random;

  constructor(replica: Replica, settings: LinkSettings, agenda: Agenda, random: Random) {
    this.replica = replica;
    this.settings = settings;
    this.agenda = agenda;
    this.random = random;
    replica.onAllocated = (request, at) => this.fetch(request, at);
  }

  private fetch(request: Request, now: number): void {
    const { settings, replica } = this;
    const { engine, metrics, life } = replica;
    const tokens = request.job.promptTokens;
    const bytes = tokens * settings.bytesPerToken;
    metrics.externalQueries += tokens;
    this.moving += 1;
    const alive = () => replica.up && replica.life === life && !request.done;
    if (this.random.chance(settings.failShare)) {
      this.agenda.add(now + settings.timeout, (at) => {
        this.moving -= 1;
        if (!alive()) return;
        metrics.transfersFailed += 1;
        metrics.finished.error += 1;
        metrics.answered('5xx', at - request.arrivedAt);
        engine.abort(request, at);
        request.listener.failed(request, at, 'error');
      });
      return;
    }
    const begins = Math.max(now, this.busyUntil);
    this.busyUntil = begins + bytes / settings.bytesPerSecond;
    const ends = this.busyUntil + settings.latency * this.random.between(0.8, 1.5);
    this.agenda.add(ends, (at) => {
      this.moving -= 1;
      if (!alive()) return;
      metrics.transferTime.observe(at - begins);
      metrics.transferPost.observe(0.0004 + 0.0006 * this.random.next());
      metrics.transferBytes.observe(bytes);
      metrics.externalHits += tokens - 1;
      request.remote = 'here';
      request.computed = tokens - 1;
      request.reached = tokens - 1;
      request.externalTokens = tokens - 1;
      engine.wake(at);
    });
  }
}
