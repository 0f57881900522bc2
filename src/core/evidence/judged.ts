import type { Grid } from '../base/grid.ts';
import { type Admission, admissionOf } from './admission.ts';
import type { Evidence } from './evidence.ts';
import { type Harm, harmOf, type Limits } from './harm.ts';
import { type Trace, tracesOf } from './trace.ts';

/** Evidence of one model with the scheduler's view worked out once, for all detectors. */
export interface Judged {
  readonly evidence: Evidence;
  readonly limits: Limits;
  /** True under the batch profile, where a backlog is the plan and waiting hurts nobody. */
  readonly backlogIsPlanned: boolean;
  readonly grid: Grid;
  /** Index judged at: the last grid time. */
  readonly end: number;
  readonly engines: readonly Engine[];
  /**
   * Seconds: the short window for gauges and queues, of three scrapes at least, and the long one for lengths and ratios, of four.
   * A rate holds four scrapes by itself, so that longer ones would only tell of the time before.
   */
  readonly fast: number;
  readonly main: number;
}

export interface Engine {
  readonly id: string;
  readonly trace: Trace;
  readonly admission: Admission;
  readonly harm: Harm;
}

/** @returns the judged view. Missing signals stay `null` lines; nothing throws. */
export function judgedOf(evidence: Evidence, limits: Limits, backlogIsPlanned: boolean): Judged {
  const scrape = Math.max(evidence.scrapeInterval ?? evidence.grid.step, evidence.grid.step);
  const fast = Math.max(40, 3 * scrape);
  const main = Math.max(120, 4 * scrape);
  const engines = tracesOf(evidence).map((trace) => ({
    id: trace.replica.id,
    trace,
    admission: admissionOf(trace, evidence.knobs['max-num-seqs'] ?? null),
    harm: harmOf(trace, limits, fast),
  }));
  return { evidence, limits, backlogIsPlanned, grid: evidence.grid, end: evidence.grid.count - 1, engines, fast, main };
}
