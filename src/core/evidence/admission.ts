import type { Values } from '../base/grid.ts';
import { known } from '../base/statistics.ts';
import { countOver, meanOver, over, recent, type Trace } from './trace.ts';

/**
 * Why the request at the head of the queue is not admitted. One scheduler loop decides: running requests first, then
 * waiting ones until seats, free blocks or the token budget run out (pathologies.md F1, vllm/v1/core/sched/scheduler.py).
 * - silent: no step is made at all;
 * - deferred: skipped for adapters, remote KV or grammar, not for lack of capacity;
 * - memory: the next whole prompt does not fit the free blocks;
 * - seats: as many requests run as are allowed to;
 * - engine: none of these, so the steps' token budget, that is engine time, is what is missing.
 */
export type Binding = 'silent' | 'deferred' | 'memory' | 'seats' | 'engine';

export interface Seats {
  readonly count: number;
  /** Read off a flat top of `running` while requests wait, since no metric carries max_num_seqs. */
  readonly inferred: boolean;
}

export interface Admission {
  /** Per grid time: what binds while somebody waits; `null` while nobody does or it cannot be told. */
  readonly binding: readonly (Binding | null)[];
  /** The seat cap as known at the end of the window. */
  readonly seats: Seats | null;
  /** Mean prompt of recent first tokens in tokens, per grid time. */
  readonly nextPrompt: Values;
  /** Tokens held by one running request, per grid time. */
  readonly tokensPerRunning: Values;
}

/** Samples with somebody waiting that a flat top needs, and seconds they must span: one scrape proves nothing. */
const PLATEAU_SAMPLES = 5;
const PLATEAU_SECONDS = 40;
/** Measured on a real 0.32 with 8 seats: at N in 61–84 % of samples, at N or N − 1 in 93–97 % (pathologies.md §14b.6). */
const PLATEAU_SHARE = 0.85;
/** Of many seats several come free in one step: at the cap from this share of it on (pathologies.md P08). */
const PINNED = 0.98;
/** A queue for seats, not one or two that a large batch lets in with its next step (pathologies.md P08: W ≥ 0.05 N). */
const QUEUE_FOR_SEATS = 0.05;
const PLATEAU_LOOKBACK = 120;
/** With scrapes a minute apart three samples over two minutes must do, or a cap would show only after the incident. */
const PLATEAU_SLOW = { samples: 3, seconds: 120, lookback: 5 } as const;
/**
 * Free tokens up to this many next prompts count as "does not fit": the next whole prompt must fit beside the one whose
 * chunks are still being written (`--scheduler-reserve-full-isl`). Measured: admission stopped at usage 0.63–0.97 with
 * prompts of a fifth of the pool (pathologies.md §14b.5).
 */
const PROMPTS_THAT_MUST_FIT = 2;
/**
 * Where no prompt is measured the next one is taken to be like those that run, tokens written so far included; from the lowest
 * usage at which admission was seen to stop.
 */
const STOPS_FROM = 0.63;
/** Above this usage nothing fits, whatever the prompt. */
const FULL = 0.97;

/** @returns what admission looked like on this replica. @param seatCap max_num_seqs if the user told it */
export function admissionOf(trace: Trace, seatCap: number | null): Admission {
  const { grid } = trace;
  const n = grid.count;
  const nextPrompt = nextPromptOf(trace);
  const tokensPerRunning = Array.from({ length: n }, (_, i) => {
    const u = trace.usage?.[i] ?? null;
    const r = trace.running?.[i] ?? null;
    return u === null || r === null || r < 1 || trace.capacity === null ? null : (u * trace.capacity) / r;
  });
  const binding: (Binding | null)[] = [];
  let seats: Seats | null = seatCap === null ? null : { count: seatCap, inferred: false };
  for (let i = 0; i < n; i++) {
    const waiting = trace.waiting?.[i] ?? null;
    const running = trace.running?.[i] ?? null;
    const usage = trace.usage?.[i] ?? null;
    if (waiting === null || waiting < 1 || running === null) {
      binding.push(null);
      continue;
    }
    if (isSilent(trace, i)) {
      binding.push('silent');
      continue;
    }
    const deferred = trace.deferred?.[i] ?? 0;
    // A request once skipped is called deferred until it is admitted, also while only a seat or blocks are missing (F14).
    const pinned = seatCap !== null && running >= pinnedFrom(seatCap);
    if (deferred >= 0.5 * waiting && (usage ?? 0) < 0.9 && !pinned) {
      binding.push('deferred');
      continue;
    }
    if (memoryBinds(trace, i, usage, nextPrompt[i] ?? null, tokensPerRunning[i] ?? null)) {
      binding.push('memory');
      continue;
    }
    const top = seatCap === null ? plateauOf(trace, i) : null;
    if (top?.settled) {
      seats = { count: top.count, inferred: true };
      // What was left open until the top had lasted is known now.
      for (let j = i - 1; j >= 0 && binding[j] === null && onTop(trace, j, top.count); j--) binding[j] = 'seats';
    }
    if (seats !== null && running >= pinnedFrom(seats.count)) binding.push('seats');
    // A flat top that is still too short to prove a cap proves no lack of engine time either.
    else binding.push(top !== null && !top.settled ? null : 'engine');
  }
  return { binding, seats, nextPrompt, tokensPerRunning };
}

/** No step and no token within the rate window that ends here, while requests run or wait. */
export function isSilent(trace: Trace, i: number): boolean {
  const steps = trace.steps?.[i] ?? null;
  const output = trace.output?.[i] ?? null;
  if (steps === null && output === null) return false;
  return (steps ?? 0) === 0 && (output ?? 0) === 0 && (trace.firstTokens?.[i] ?? 0) === 0;
}

function memoryBinds(
  trace: Trace,
  i: number,
  usage: number | null,
  prompt: number | null,
  held: number | null,
): boolean {
  if (usage === null) return false;
  if (usage >= FULL) return true;
  if (usage >= 0.92 && (trace.capacity === null || prompt === null)) return true;
  if (trace.capacity === null) return false;
  const free = (1 - usage) * trace.capacity;
  if (prompt === null) return usage >= STOPS_FROM && free <= PROMPTS_THAT_MUST_FIT * (held ?? 0);
  const preempting = (trace.preemptions?.[i] ?? 0) > 0;
  // A preempted request returns with everything it had written so far.
  const need = Math.max(prompt, preempting ? (held ?? 0) : 0);
  return free <= PROMPTS_THAT_MUST_FIT * need;
}

/** The flat top of `running` while requests wait; `settled` once it has lasted; `null` where running floats. */
function plateauOf(trace: Trace, i: number): { count: number; settled: boolean } | null {
  const { grid } = trace;
  const lookback = Math.max(PLATEAU_LOOKBACK, PLATEAU_SLOW.lookback * grid.step);
  const waiting = recent(trace.waiting, grid, i, lookback);
  const running = recent(trace.running, grid, i, lookback);
  const while_: number[] = [];
  for (let k = 0; k < running.length; k++) {
    const r = running[k] ?? null;
    if (r !== null && (waiting[k] ?? 0) >= Math.max(1, QUEUE_FOR_SEATS * r)) while_.push(r);
  }
  const top = known(trace.running?.slice(0, i + 1) ?? []).reduce((a, b) => Math.max(a, b), 0);
  if (top < 1 || while_.length === 0) return null;
  const at = while_.filter((r) => r >= pinnedFrom(top)).length / while_.length;
  if (at < PLATEAU_SHARE) return null;
  const span = while_.length * grid.step;
  return {
    count: top,
    settled:
      (while_.length >= PLATEAU_SAMPLES && span >= PLATEAU_SECONDS) ||
      (while_.length >= PLATEAU_SLOW.samples && span >= PLATEAU_SLOW.seconds),
  };
}

/** Whether somebody waits at index `i` while as many run as a cap allows, or one fewer. */
function onTop(trace: Trace, i: number, count: number): boolean {
  return (trace.waiting?.[i] ?? 0) >= 1 && (trace.running?.[i] ?? 0) >= pinnedFrom(count);
}

/** Requests running from which all of `count` seats are taken as far as a gauge can tell. */
function pinnedFrom(count: number): number {
  return count < 4 ? count : Math.min(count - 1, PINNED * count);
}

/** First tokens that make a mean prompt worth quoting. */
const PROMPTS_FOR_A_MEAN = 4;

/** Mean prompt of the most recent first tokens, carried forward through silence; else of finished requests. The shortest stretch with enough of them counts, since the queue holds what arrives now, not what came two minutes ago. */
function nextPromptOf(trace: Trace): Values {
  const out: (number | null)[] = [];
  let last: number | null = null;
  for (let i = 0; i < trace.grid.count; i++) {
    const recentMean = [30, 60, 120].map((seconds) => meanPrompt(trace, i, seconds)).find((m) => m !== null) ?? null;
    if (recentMean !== null) last = recentMean;
    else if (last === null) last = meanOver(trace.promptLength, trace.grid, i, 600);
    out.push(last);
  }
  return out;
}

function meanPrompt(trace: Trace, i: number, seconds: number): number | null {
  const prompt = over(trace.prompt, trace.grid, i, seconds);
  const first = countOver(trace.firstTokens, trace.grid, i, seconds);
  const span = Math.min(seconds, (i + 1) * trace.grid.step);
  return prompt !== null && first !== null && first >= PROMPTS_FOR_A_MEAN ? (prompt * span) / first : null;
}

/**
 * Samples with somebody waiting that make a queue: a request seen between its arrival and the next step waits, too. Where
 * scrapes are far apart two are enough for a queue that is more than such passers-by.
 */
const WAITED_SAMPLES = 3;
const QUEUED = 5;

/**
 * Share of the grid times with somebody waiting, within the trailing `seconds`, at which `binding` was what bound; 0 if nobody
 * waited in at least a third of them, or too few did to be a queue.
 */
export function bindingShare(trace: Trace, admission: Admission, i: number, seconds: number, binding: Binding): number {
  const from = Math.max(0, i - Math.max(1, Math.round(seconds / trace.grid.step)) + 1);
  let waited = 0;
  let bound = 0;
  let queued = 0;
  for (let j = from; j <= i; j++) {
    const b = admission.binding[j] ?? null;
    if (b === null) continue;
    waited++;
    queued += trace.waiting?.[j] ?? 0;
    if (b === binding) bound++;
  }
  const span = i - from + 1;
  const queue = waited >= Math.min(WAITED_SAMPLES, span) || (waited >= WAITED_SAMPLES - 1 && queued >= QUEUED);
  return !queue || waited < span / 3 ? 0 : bound / waited;
}
