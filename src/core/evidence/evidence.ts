import type { Grid, Values } from '../base/grid.ts';
import type { SignalId } from '../signals/index.ts';

/**
 * Evidence: everything measured about one scope over one window, on one time grid. Plain readonly JSON (gaps are `null`),
 * so that a snapshot is simply its text. Counters and histograms are rates per second over `window` seconds ending at each
 * grid time, with Prometheus' own extrapolation, so that every number can be had again from the query beside it.
 */
export interface Evidence {
  readonly grid: Grid;
  /** Length in seconds of the rate window behind every counter and histogram value. */
  readonly window: number;
  /** Seconds between scrapes as observed; `null` if unknown. */
  readonly scrapeInterval: number | null;
  readonly source: SourceInfo;
  /** PromQL matchers, `{}` if none. */
  readonly selector: string;
  readonly replicas: readonly Replica[];
  readonly readings: Readonly<Partial<Record<SignalId, Reading>>>;
  /** What the user told because metrics do not: `max-num-seqs` and so on, by knob id. */
  readonly knobs: Readonly<Record<string, number>>;
  /** Sentences for people: partial answers, server warnings, clock trouble. */
  readonly warnings: readonly string[];
  /** Of a fleet too large to look at one by one: which replicas were, and what stands for the others. */
  readonly coverage?: Coverage;
}

/** What was looked at of a large fleet, and why that. */
export interface Coverage {
  /** Engines in all. */
  readonly engines: number;
  /** Replicas that stand for themselves, each with the reason it was taken. */
  readonly each: readonly { readonly replica: string; readonly because: string }[];
  /** Replicas that are the mean of others. */
  readonly means: readonly {
    readonly replica: string;
    readonly engines: number;
    readonly because: string;
    /** Engines of it that were read where nothing adds up over a fleet; left out where all were. */
    readonly sampled?: number;
    /** Targets behind it; left out of the one that is all the others of its model. */
    readonly instances?: readonly string[];
  }[];
}

export interface SourceInfo {
  readonly kind: string;
  /** Where it came from, for the source bar: a URL without credentials, a file name. */
  readonly label: string;
  /** Server flavour if detected, e.g. `Prometheus 2.42.0`. */
  readonly flavour: string | null;
}

/** One engine: the unit that has seats, blocks and a token budget. A DP rank counts as one. */
export interface Replica {
  /** `instance`, with `/engine` appended where several engines share it. Unique per model. */
  readonly id: string;
  readonly instance: string;
  readonly engine: string;
  readonly model: string;
  /**
   * Where it is no engine but the mean of so many: gauges are their mean, rates and histograms their sum divided by this, so
   * that what holds of one engine can be judged on it, and sums over the fleet count it so many times.
   */
  readonly stands?: number;
}

/**
 * One signal as read.
 * present: found under its newest name; renamed: under an older or foreign one; partial: some replicas lack it;
 * absent: asked for and not there; failed: the question itself failed, see `problem`.
 */
export interface Reading {
  readonly signal: SignalId;
  readonly state: 'present' | 'renamed' | 'partial' | 'absent' | 'failed';
  /** Names found, in the order of preference. */
  readonly metrics: readonly string[];
  /** PromQL that gives these numbers; for histograms the bucket query. `null` if nothing was asked. */
  readonly query: string | null;
  readonly problem?: string;
  /** Gauges and counters: one line per replica (and per value of the signal's `by` label). */
  readonly lines: readonly Line[];
  /** Histograms. */
  readonly histograms: readonly Histogram[];
  /** Info signals: the labels of the newest sample per replica. */
  readonly labels: readonly InfoLabels[];
  /** Info signals: what the labels were before, oldest first; left out where they did not change within the window. */
  readonly earlier?: readonly EarlierLabels[];
}

export interface Line {
  readonly replica: string;
  /** Value of the signal's `by` label, `''` without one. */
  readonly part: string;
  readonly values: Values;
}

/** Rates of a cumulative histogram; `bounds` ascend and are finite, `count` stands for +Inf. */
export interface Histogram {
  readonly replica: string;
  readonly bounds: readonly number[];
  /** Per bound: observations per second at or below it. */
  readonly cumulative: readonly Values[];
  /** Observations per second. */
  readonly count: Values;
  /** Sum of observations per second, in the signal's unit. */
  readonly sum: Values;
}

export interface InfoLabels {
  readonly replica: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Labels that no longer hold. */
export interface EarlierLabels extends InfoLabels {
  /** Unix seconds of the first grid time that shows what came after them. */
  readonly until: number;
}
