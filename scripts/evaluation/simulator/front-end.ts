import type { FrontEndSettings } from './settings.ts';

/** Backlog, in seconds, from which the deliveries of several steps are handed on as one. */
const COALESCE = 0.5;

/**
 * The API server: one event loop that prepares prompts, hands out tokens and answers scrapes, in the order in which they come.
 * `share` is the part of a core it is given; below 1 everything takes longer.
 */
export class FrontEnd {
  share = 1;
  /** Work, times, of a prompt: heavier templates, images. */
  heaviness = 1;
  /** CPU seconds used since the process started. */
  cpu = 0;
  private busyUntil = 0;

  private readonly settings: FrontEndSettings;

  constructor(settings: FrontEndSettings) {
    this.settings = settings;
  }

  /** Seconds until it gets round to something that comes now. */
  backlog(now: number): number {
    return Math.max(0, this.busyUntil - now);
  }

  /** When a prompt is ready for the engine. @param extra CPU seconds beyond the usual */
  prepare(now: number, promptTokens: number, extra: number): number {
    const { perRequest, perPromptToken } = this.settings;
    return this.work(now, (perRequest + perPromptToken * promptTokens) * this.heaviness + extra);
  }

  /** When the tokens of a step have been handed out. */
  deliver(now: number, tokens: number): number {
    const { perBatch, perToken } = this.settings;
    const work = perBatch + perToken * tokens;
    return this.work(now, this.backlog(now) > COALESCE ? work * 0.15 : work);
  }

  /** When a page is written. */
  page(now: number): number {
    return this.work(now, 0.006);
  }

  restart(now: number): void {
    this.busyUntil = now;
    this.cpu = 6;
  }

  private work(now: number, seconds: number): number {
    this.cpu += seconds;
    this.busyUntil = Math.max(now, this.busyUntil) + seconds / this.share;
    return this.busyUntil;
  }
}
