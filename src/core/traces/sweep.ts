import { inOrder } from './builder.ts';
import { CATEGORIES, type Category } from './kernels.ts';
import type { Trace } from './trace.ts';

/**
 * Why a GPU stood still. `host-wait`: it had run dry before the host asked for anything more. `kernel-wait`: the next piece of work had
 * been asked for, and the GPU did not begin: the gap between two kernels, or a wait for another stream. `unexplained`: when it was asked
 * for is not in the profile.
 * Source: the idle breakdown of HolisticTraceAnalysis (hta/analyzers/breakdown_analysis.py), which looks at one stream at a time and splits
 * the second kind at 30 ns into two.
 */
export const IDLE_KINDS = ['host-wait', 'kernel-wait', 'unexplained'] as const;
export type IdleKind = (typeof IDLE_KINDS)[number];

/** What a moment of a GPU is; the order is that of the codes in `Stretches`. */
export const STATES = [...CATEGORIES, ...IDLE_KINDS] as const;
export type State = (typeof STATES)[number];

/**
 * What one GPU did, moment by moment, from its first kernel to the end of its last: stretches that touch and fill the whole time, so that
 * busy and idle add up to it. Where several kernels run at once the moment goes to one category, the first of attention, GEMM, other
 * compute, communication, memory that is running: communication is charged for what it keeps the GPU from computing, and no moment counts twice.
 */
export interface Stretches {
  readonly count: number;
  /** Whole nanoseconds; one more than `count`, the last being the end. */
  readonly edge: Float64Array;
  /** Index into `STATES`. */
  readonly state: Uint8Array;
  readonly overlap: Overlap;
}

/** Nanoseconds during which… */
export interface Overlap {
  /** …anything was communicated. */
  readonly communication: number;
  /** …anything was communicated while something was computed. */
  readonly hidden: number;
  /** …more than one kernel, copy or fill ran. */
  readonly concurrent: number;
}

const IDLE = CATEGORIES.length;
const COMPUTE: readonly Category[] = ['attention', 'gemm', 'other'];
const COMMUNICATION = CATEGORIES.indexOf('communication');

/** Work of one GPU, as columns; by start. */
interface Work {
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly category: Uint8Array;
  readonly launch: Float64Array;
}

function workOf(trace: Trace, device: number): Work {
  const { activities, kernels } = trace;
  const here: number[] = [];
  // What took no time kept nothing busy.
  for (let i = 0; i < activities.count; i++)
    if (activities.device[i] === device && (activities.end[i] as number) > (activities.start[i] as number))
      here.push(i);
  const categories = kernels.map(({ kind }) => CATEGORIES.indexOf(kind.category));
  return {
    start: Float64Array.from(here, (i) => activities.start[i] as number),
    end: Float64Array.from(here, (i) => activities.end[i] as number),
    category: Uint8Array.from(here, (i) => categories[activities.kernel[i] as number] as number),
    launch: Float64Array.from(here, (i) => activities.launch[i] as number),
  };
}

/** @returns no stretch for a GPU that did nothing */
export function stretchesOf(trace: Trace, device: number): Stretches {
  const work = workOf(trace, device);
  const count = work.start.length;
  const byEnd = inOrder(work.end, count);
  const running = new Int32Array(CATEGORIES.length);
  let all = 0;
  const edge = new Float64Array(2 * count + 1);
  const state = new Uint8Array(2 * count);
  let written = 0;
  const overlap = { communication: 0, hidden: 0, concurrent: 0 };

  let [begun, ended] = [0, 0];
  let at = work.start[0] ?? 0;
  while (ended < count) {
    const nextStart = begun < count ? (work.start[begun] as number) : Number.POSITIVE_INFINITY;
    const nextEnd = work.end[byEnd[ended] as number] as number;
    const next = Math.min(nextStart, nextEnd);
    if (next > at) {
      const code = all === 0 ? IDLE + IDLE_KINDS.indexOf(waitBefore(work, begun, at)) : running.findIndex((n) => n > 0);
      if (written > 0 && state[written - 1] === code && code < IDLE) edge[written] = next;
      else {
        edge[written] = at;
        state[written++] = code;
        edge[written] = next;
      }
      if ((running[COMMUNICATION] as number) > 0) {
        overlap.communication += next - at;
        if (COMPUTE.some((_, c) => (running[c] as number) > 0)) overlap.hidden += next - at;
      }
      if (all > 1) overlap.concurrent += next - at;
      at = next;
    }
    // Ends before starts, so that one thing after the other is not taken for two at once.
    if (nextEnd <= nextStart) {
      const category = work.category[byEnd[ended++] as number] as number;
      running[category] = (running[category] as number) - 1;
      all--;
    } else {
      const category = work.category[begun++] as number;
      running[category] = (running[category] as number) + 1;
      all++;
    }
  }
  return {
    count: written,
    edge: edge.slice(0, written === 0 ? 0 : written + 1),
    state: state.slice(0, written),
    overlap,
  };
}

/** Why the GPU stands still from `dry` on, told by what ends it: of several things that begin at once, the one asked for first. */
function waitBefore(work: Work, next: number, dry: number): IdleKind {
  let launch = Number.POSITIVE_INFINITY;
  for (let i = next; i < work.start.length && work.start[i] === work.start[next]; i++)
    if (!Number.isNaN(work.launch[i] as number)) launch = Math.min(launch, work.launch[i] as number);
  if (!Number.isFinite(launch)) return 'unexplained';
  return launch >= dry ? 'host-wait' : 'kernel-wait';
}

/** Nanoseconds by what they were; the sum is `wall` exactly. */
export interface Account {
  readonly wall: number;
  readonly states: Readonly<Record<State, number>>;
}

/** What a GPU did from `from` to `to`, nanoseconds; what lies outside its stretches is not counted. */
export function accountOf(
  stretches: Stretches,
  from = Number.NEGATIVE_INFINITY,
  to = Number.POSITIVE_INFINITY,
): Account {
  const sums = new Float64Array(STATES.length);
  let wall = 0;
  for (let i = firstIn(stretches, from); i < stretches.count; i++) {
    const begin = Math.max(from, stretches.edge[i] as number);
    const end = Math.min(to, stretches.edge[i + 1] as number);
    if (begin >= to) break;
    if (end <= begin) continue;
    const code = stretches.state[i] as number;
    sums[code] = (sums[code] as number) + end - begin;
    wall += end - begin;
  }
  return {
    wall,
    states: Object.fromEntries(STATES.map((id, i) => [id, sums[i] as number])) as Record<State, number>,
  };
}

/** Index of the stretch that holds `at`, or the first after it. */
export function firstIn(stretches: Stretches, at: number): number {
  let [low, high] = [0, stretches.count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stretches.edge[middle + 1] as number) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function idleOf({ states }: Account): number {
  return IDLE_KINDS.reduce((sum, kind) => sum + states[kind], 0);
}

export function busyOf({ states }: Account): number {
  return CATEGORIES.reduce((sum, category) => sum + states[category], 0);
}

export function addAccounts(accounts: readonly Account[]): Account {
  return {
    wall: accounts.reduce((sum, { wall }) => sum + wall, 0),
    states: Object.fromEntries(
      STATES.map((id) => [id, accounts.reduce((sum, { states }) => sum + states[id], 0)]),
    ) as Record<State, number>,
  };
}
