/** A prompt, and what a client wants to have of it: the same on every attempt. */
export interface Job {
  readonly id: number;
  readonly promptTokens: number;
  /** What the model will answer before it stops by itself or by max_tokens. */
  readonly outputTokens: number;
  readonly maxTokens: number;
  /** Identity of the shared prefix, 0 = none, and its length in tokens. */
  readonly prefix: number;
  readonly prefixTokens: number;
  /** Identity of everything after the shared prefix; turns of a conversation have the same, as each continues the last. */
  readonly content: number;
  /** Whether the own part may come again: a conversation, or a client that retries. */
  readonly returns: boolean;
  /** Index of the LoRA adapter, -1 = base model. */
  readonly adapter: number;
  /** CPU seconds its grammar takes to compile, 0 = none. */
  readonly grammar: number;
  /** CPU seconds to prepare it in the API server beyond the usual: images, huge templates. */
  readonly preparation: number;
}

/** One attempt at a job in one engine, and all the scheduler knows of it. */
export class Request {
  /** Tokens that must be computed before the next one can be given: prompt and answer so far. */
  length: number;
  /** Tokens whose KV is there. */
  computed = 0;
  /** Tokens it has ever computed here: what comes again after a preemption is waste. */
  reached = 0;
  generated = 0;
  readonly blocks: number[] = [];
  /** Blocks whose content has been made findable. */
  registered = 0;
  cachedTokens = 0;
  externalTokens = 0;
  preemptions = 0;
  /** Tokens in the step under way. */
  scheduled = 0;
  /** Once skipped over, until admitted. */
  deferred = false;
  done = false;
  /** API server time of arrival, engine times of the rest. */
  queuedAt = NaN;
  scheduledAt = NaN;
  firstTokenAt = NaN;
  lastTokenAt = NaN;
  grammarAt = 0;
  /** Remote KV: none, or on its way, or here. */
  remote: 'none' | 'unallocated' | 'moving' | 'here' = 'none';
  /** Keeps its blocks when it is over, until another engine has fetched them. */
  parks = false;

  readonly job: Job;
  readonly outputTokens: number;
  readonly arrivedAt: number;
  readonly listener: RequestListener;

  constructor(job: Job, outputTokens: number, arrivedAt: number, listener: RequestListener) {
    this.job = job;
    this.length = job.promptTokens;
    this.outputTokens = outputTokens;
    this.arrivedAt = arrivedAt;
    this.listener = listener;
  }
}

/** Who is told what becomes of a request. Times are those at which the API server knows. */
export interface RequestListener {
  firstToken(request: Request, at: number): void;
  finished(request: Request, at: number): void;
  /** Refused, or lost with the process. */
  failed(request: Request | null, at: number, why: 'refused' | 'died' | 'error'): void;
}
