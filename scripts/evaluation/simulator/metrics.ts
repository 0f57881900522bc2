import {
  type Bounds,
  COUNT_BOUNDS,
  Histogram,
  HTTP_BOUNDS,
  HTTP_FINE_BOUNDS,
  PREEMPTION_BOUNDS,
  TRANSFER_BOUNDS,
  TRANSFER_BYTES,
} from './histogram.ts';

export const FINISHED_REASONS = ['stop', 'length', 'abort', 'error', 'repetition'] as const;
export type FinishedReason = (typeof FINISHED_REASONS)[number];

/** What one server process has counted since it started: nothing but numbers, names are given when a page is written. */
export class Metrics {
  running = 0;
  waiting = 0;
  waitingDeferred = 0;
  cacheUsage = 0;
  prefixQueries = 0;
  prefixHits = 0;
  externalQueries = 0;
  externalHits = 0;
  preemptions = 0;
  promptTokens = 0;
  promptComputed = 0;
  promptCached = 0;
  promptExternal = 0;
  generationTokens = 0;
  drafts = 0;
  draftTokens = 0;
  acceptedTokens = 0;
  readonly acceptedByPosition: number[] = [];
  rejections = 0;
  transfersFailed = 0;
  notificationsFailed = 0;
  transfersExpired = 0;
  /** Tokens of prompts found in the cache at admission. */
  cachedAtAdmission = 0;
  readonly finished: Record<FinishedReason, number> = { stop: 0, length: 0, abort: 0, error: 0, repetition: 0 };
  /** By status class; a class that never was is no series. */
  readonly http = new Map<string, number>();
  readonly firstToken: Histogram;
  readonly betweenTokens: Histogram;
  readonly perOutputToken: Histogram;
  readonly e2e: Histogram;
  readonly queue: Histogram;
  readonly prefill: Histogram;
  readonly decode: Histogram;
  readonly inference: Histogram;
  readonly iteration: Histogram;
  readonly promptLength: Histogram;
  readonly outputLength: Histogram;
  readonly maxOutputLength: Histogram;
  readonly paramsMaxTokens: Histogram;
  readonly paramsN = new Histogram(COUNT_BOUNDS);
  readonly computedLength: Histogram;
  readonly requestPreemptions = new Histogram(PREEMPTION_BOUNDS);
  readonly httpDuration = new Histogram(HTTP_BOUNDS);
  readonly httpDurationFine = new Histogram(HTTP_FINE_BOUNDS);
  readonly transferTime = new Histogram(TRANSFER_BOUNDS);
  readonly transferPost = new Histogram([0.001, ...TRANSFER_BOUNDS]);
  readonly transferBytes = new Histogram(TRANSFER_BYTES);

  constructor(bounds: Bounds) {
    this.firstToken = new Histogram(bounds.firstToken);
    this.betweenTokens = new Histogram(bounds.betweenTokens);
    this.perOutputToken = new Histogram(bounds.betweenTokens);
    this.e2e = new Histogram(bounds.request);
    this.queue = new Histogram(bounds.request);
    this.prefill = new Histogram(bounds.request);
    this.decode = new Histogram(bounds.request);
    this.inference = new Histogram(bounds.request);
    this.iteration = new Histogram(bounds.iteration);
    this.promptLength = new Histogram(bounds.tokens);
    this.outputLength = new Histogram(bounds.tokens);
    this.maxOutputLength = new Histogram(bounds.tokens);
    this.paramsMaxTokens = new Histogram(bounds.tokens);
    this.computedLength = new Histogram(bounds.tokens);
  }

  /** A response has ended. @param duration seconds since the request came */
  answered(status: string, duration: number): void {
    this.http.set(status, (this.http.get(status) ?? 0) + 1);
    this.httpDuration.observe(duration);
    this.httpDurationFine.observe(duration);
  }
}
