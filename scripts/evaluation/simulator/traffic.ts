import type { Lengths } from './lengths.ts';

/** One stream of requests. */
export interface Traffic {
  /** Requests (conversations, if they have turns) a second at a time of the episode. */
  readonly rate: number | ((at: number) => number);
  /** Coefficient of variation of the time between arrivals; 1 = Poisson, more = bursts. */
  readonly burstiness?: number;
  /** Own part of the prompt, without the shared prefix. */
  readonly prompt: Lengths;
  readonly output: Lengths;
  /** A prefix shared within each of `groups`; `broken`: it stands in the prompt but never matches. */
  readonly prefix?: { readonly tokens: number; readonly groups: number; readonly broken?: boolean };
  /** Conversations: mean number of turns, mean seconds between answer and next question. */
  readonly turns?: { readonly mean: number; readonly think: number };
  /** Seconds to a first token after which a client gives up; to the whole answer likewise. */
  readonly patience?: number;
  readonly answerPatience?: number;
  /** Attempts after the first, and the mean pause before each. */
  readonly retries?: { readonly most: number; readonly pause: number };
  /** Weights of the LoRA adapters. */
  readonly adapters?: readonly number[];
  /** Share of requests with a new grammar, and CPU seconds to compile one. */
  readonly grammar?: { readonly share: number; readonly seconds: number };
  /** CPU seconds of preparation in the API server. */
  readonly preparation?: number;
}

/** A heap of work: `count` requests, all at once or `atOnce` at a time. */
export interface Backlog {
  readonly count: number;
  readonly atOnce?: number;
  readonly prompt: Lengths;
  readonly output: Lengths;
}

/** What comes from `from` on, until the next phase: seconds of the episode. */
export interface Phase {
  readonly from: number;
  readonly traffic: readonly Traffic[];
  readonly backlog?: Backlog;
}
