/** What a log line can say, as far as a verdict can use it. Times are unix seconds. */
import type { Settings } from './arguments.ts';

/** A statistics line: averages since the one before, and the scheduler's state at that moment. A cut line lacks its end. */
export interface Statistics {
  readonly kind: 'statistics';
  /** `0` for `Engine 000`; empty where the line names none (V0, or all engines of a server together). */
  readonly engine: string;
  /** Engines a line of `N Engines Aggregated` speaks for; else `null`. */
  readonly aggregated: number | null;
  /** Tokens per second. */
  readonly prompt: number;
  readonly output: number | null;
  readonly running: number | null;
  /** Queue: `Waiting` of V1 with what is deferred in it, `Pending` and `Swapped` of V0 together. */
  readonly waiting: number | null;
  readonly deferred: number | null;
  /** Since the line before; builds that can print it leave it out while it is 0. */
  readonly preemptions: number | null;
  /** Ratio. */
  readonly usage: number | null;
  /** Ratio over the last 1000 requests, not over the interval. */
  readonly hitRate: number | null;
  readonly dialect: 'v0' | 'v1';
}

/** Speculative decoding since the line before (V1), or since the start (V0). */
export interface Speculation {
  readonly kind: 'speculation';
  readonly cumulative: boolean;
  readonly accepted: number;
  readonly drafted: number;
  /** Tokens a step yields, the sampled one included; `null` where the line does not say. */
  readonly acceptanceLength: number | null;
  /** Share of drafts accepted up to each position. */
  readonly byPosition: readonly number[];
}

/** KV transfers between engines since the line before. Per tensor-parallel rank, as the metrics are. */
export interface Transfer {
  readonly kind: 'transfer';
  readonly count: number;
  /** Mean time of one, seconds. */
  readonly seconds: number;
  /** Mean size of one; `null` where the line does not say. */
  readonly bytes: number | null;
}

export type TroubleKind =
  | 'engine-died'
  | 'start-failed'
  | 'out-of-memory'
  | 'cache-too-small'
  | 'gpu-error'
  | 'workers-silent'
  | 'transfer'
  | 'killed'
  | 'port-taken'
  /** An exception nothing else is known of. */
  | 'error';

export type LogEvent =
  | Statistics
  | Speculation
  | Transfer
  /** A process began: only lines a server writes once in its life. */
  | { readonly kind: 'start'; readonly sign: 'version' | 'arguments' | 'process'; readonly pid: number | null }
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'settings'; readonly settings: Settings }
  /** Ends on purpose; what dies afterwards was told to. */
  | { readonly kind: 'shutdown' }
  | { readonly kind: 'cache-tokens'; readonly tokens: number }
  | { readonly kind: 'cache-blocks'; readonly blocks: number }
  | { readonly kind: 'answer'; readonly path: string; readonly status: number }
  | { readonly kind: 'aborted' }
  /** Preemptions of V0 since its start; only every fiftieth is written down. */
  | { readonly kind: 'preempted'; readonly total: number }
  | {
      readonly kind: 'trouble';
      readonly trouble: TroubleKind;
      /** In our words. */
      readonly says: string;
      /** As the log has it, cut where it is long. */
      readonly words: string;
    };
