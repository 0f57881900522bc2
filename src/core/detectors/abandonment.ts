import { type Grid, stepsIn, type Values } from '../base/grid.ts';
import { remember } from '../base/remember.ts';
import { known, shareInterval } from '../base/statistics.ts';
import type { Engine, Judged } from '../evidence/judged.ts';
import { partsOf, replicaLine, smooth } from '../evidence/lines.ts';

/** Requests that ended over a stretch, and those of them whose client did not stay. */
export interface Ended {
  readonly ended: number;
  readonly given: number;
}

/**
 * Requests that clients gave up, where no counter has them: `finished_reason="abort"` stays 0 (#31503), and a dropped stream is
 * an HTTP 2xx. Two ways to see them: by `http`, answers that ended less requests that finished, which has the queued ones too;
 * by `balance`, first tokens − finishes − growth of what decodes (pathologies.md §4 P15), which needs no HTTP counter.
 */
export interface Abandonment {
  readonly by: 'http' | 'balance';
  /** Over the `seconds` that end at index `i`, back to the last gap at most; `null` where nothing is known. */
  readonly over: (i: number, seconds: number) => Ended | null;
  /** Attempts that ended per second, and those given up, as rates over the evidence's window. */
  readonly ended: Values;
  readonly given: Values;
}

/** All engines behind one port: HTTP answers are counted for them together. */
export function behindOnePort(judged: Judged, engine: Engine): readonly Engine[] {
  return judged.engines.filter((e) => e.trace.replica.instance === engine.trace.replica.instance);
}

/** @returns `null` where neither way has its signals. */
export function abandonmentOf(judged: Judged, engines: readonly Engine[]): Abandonment | null {
  return abandonmentKept(
    judged,
    engines.map(({ id }) => id).join('\n'),
    () => byHttp(judged, engines) ?? byBalance(judged, engines),
  );
}

const abandonmentKept = remember<Judged, string, Abandonment | null>();

function sum(lines: readonly (Values | null)[], count: number): Values | null {
  const there = lines.filter((l): l is Values => l !== null);
  if (there.length === 0) return null;
  return Array.from({ length: count }, (_, i) => {
    let total: number | null = null;
    for (const line of there) {
      const v = line[i] ?? null;
      if (v !== null) total = (total ?? 0) + v;
    }
    return total;
  });
}

/** HTTP answers of these engines per second whose status begins with a digit, e.g. `2`; `null` without the counter. */
export function answersOf(judged: Judged, engines: readonly Engine[], digit: string): Values | null {
  const parts = partsOf(judged.evidence, 'http-requests').filter((p) => p.startsWith(digit));
  return sum(
    engines.flatMap((e) => parts.map((p) => replicaLine(judged.evidence, 'http-requests', e.id, p))),
    judged.grid.count,
  );
}

/** Grid steps back from each index, itself included, over which all these lines are known without a gap. */
function unbroken(lines: readonly Values[], count: number): readonly number[] {
  let run = 0;
  return Array.from({ length: count }, (_, i) => {
    run = lines.every((line) => (line[i] ?? null) !== null) ? run + 1 : 0;
    return run;
  });
}

const total = (line: Values, i: number, n: number): number => {
  let all = 0;
  for (let j = i - n + 1; j <= i; j++) all += line[j] ?? 0;
  return all;
};

function byHttp(judged: Judged, engines: readonly Engine[]): Abandonment | null {
  const { grid } = judged;
  const counted = answersOf(judged, engines, '2');
  const finished = sum(
    engines.map((e) => e.trace.finishes),
    grid.count,
  );
  if (!counted || !finished) return null;
  const ended = withoutFlashes(counted, finished, stepsIn(grid, judged.evidence.window));
  const runs = unbroken([ended, finished], grid.count);
  return {
    by: 'http',
    ended,
    given: ended.map((e, i) =>
      e === null || (finished[i] ?? null) === null ? null : Math.max(0, e - (finished[i] as number)),
    ),
    over: (i, seconds) => {
      const n = Math.min(stepsIn(grid, seconds), runs[i] ?? 0);
      if (n === 0) return null;
      const all = total(ended, i, n) * grid.step;
      return { ended: all, given: Math.max(0, all - total(finished, i, n) * grid.step) };
    },
  };
}

/**
 * What a rate counts it counts at every grid time of its window. Ends without a finish at one grid time alone are no hang-ups: a
 * counter began anew and was there again before the other (an HTTP counter of a new process appears with its first answer).
 * @param window grid steps of a rate; with one nothing can be told, and all is left
 * @returns `ended` with such flashes taken off
 */
function withoutFlashes(ended: Values, finished: Values, window: number): Values {
  if (window < 2) return ended;
  const over = ended.map((e, i) => (e === null || (finished[i] ?? null) === null ? null : e - (finished[i] as number)));
  return ended.map((e, i) => {
    const here = over[i] ?? null;
    if (e === null || here === null || here <= 0) return e;
    const beside = known([over[i - 1] ?? null, over[i + 1] ?? null]);
    const flash = beside.length === 0 ? 0 : here - Math.max(0, ...beside);
    return flash > 1e-9 ? e - flash : e;
  });
}

/**
 * Share of the swing of `running` by which the balance may be off while a batch grows or empties: first tokens are counted at
 * once, the gaps that show who decodes only at the next token, and gauges once a scrape. Measured without any hang-up: 12 of a
 * batch that grew by 30, 28 of one that grew by 70.
 */
const BATCH_MARGIN = 0.5;

/**
 * The growth of what decodes is read off the gaps between tokens: their sum per second is the number of requests that decode,
 * over the same window as the rates. Where it and the gauge differ (a stall, prompts still being read) the larger growth
 * counts, and preempted requests count as still there, so that nobody is called gone who is not.
 */
function byBalance(judged: Judged, engines: readonly Engine[]): Abandonment | null {
  const { grid, evidence } = judged;
  const add = (pick: (e: Engine) => Values | null) => sum(engines.map(pick), grid.count);
  const first = add((e) => e.trace.firstTokens);
  const finished = add((e) => e.trace.finishes);
  const running = add((e) => e.trace.running);
  if (!first || !finished || !running) return null;
  const window = stepsIn(grid, evidence.window);
  const seated = smooth(running, window);
  const queued = smooth(add((e) => e.trace.waiting) ?? running.map(() => 0), window);
  const preempted = add((e) => e.trace.preemptions);
  const decoding = add((e) => e.trace.itl?.sum ?? null);
  const runs = unbroken([first, finished, running], grid.count);
  const count = (i: number, seconds: number, margin: number): Ended | null => {
    const n = Math.min(stepsIn(grid, seconds), runs[i] ?? 0);
    if (n < 2) return null;
    const grown = (line: Values) => (line[i] ?? 0) - (line[i - n + 1] ?? 0);
    const pushedOut = preempted && total(preempted, i, n) > 0 ? Math.max(0, grown(queued)) : 0;
    const growth = Math.max(grown(seated), decoding ? grown(decoding) : -Infinity) + pushedOut;
    const done = total(finished, i, n) * grid.step;
    const swing = margin * swingOf(running, i, n + window);
    const given = Math.max(0, total(first, i, n) * grid.step - done - growth - swing);
    return { ended: done + given, given };
  };
  const over = (i: number, seconds: number) => count(i, seconds, BATCH_MARGIN);
  const lines = first.map((_, i) => count(i, Math.max(evidence.window, 2 * grid.step), 0));
  return {
    by: 'balance',
    over,
    ended: lines.map((l, i) => (l === null ? null : l.ended / spanOf(grid, i, evidence.window))),
    given: lines.map((l, i) => (l === null ? null : l.given / spanOf(grid, i, evidence.window))),
  };
}

/** Largest less smallest of a line over the `n` steps up to `i`. */
function swingOf(line: Values, i: number, n: number): number {
  let least = Infinity;
  let most = -Infinity;
  for (let j = Math.max(0, i - n + 1); j <= i; j++) {
    const value = line[j] ?? null;
    if (value === null) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return most < least ? 0 : most - least;
}

function spanOf(grid: Grid, i: number, window: number): number {
  return Math.min(Math.max(window, 2 * grid.step), (i + 1) * grid.step);
}

/** Events a stretch needs before it says what is usual, and its least length in seconds. */
const USUAL_EVENTS = 20;
const USUAL_SECONDS = 60;

/**
 * The share that is usual here, at each grid time: the lowest upper bound that any earlier stretch of at least a minute and 20
 * requests allows. People stop answers they have read, and editors drop completions as their user types on: a level alone is no
 * trouble. @returns `null` where there is no such stretch before
 */
export function usualShare(judged: Judged, abandonment: Abandonment): Values {
  return usualKept(abandonment, judged, () => findUsualShare(judged, abandonment));
}

const usualKept = remember<Abandonment, Judged, Values>();

function findUsualShare(judged: Judged, abandonment: Abandonment): Values {
  const { grid } = judged;
  const lag = stepsIn(grid, judged.fast);
  const bounds: { at: number; upper: number }[] = [];
  let from = 0;
  const note = (i: number, seconds: number) => {
    const e = abandonment.over(i, seconds);
    if (e && e.ended >= USUAL_EVENTS) bounds.push({ at: i, upper: shareInterval(e.given, e.ended).high });
    return e !== null && e.ended >= USUAL_EVENTS;
  };
  for (let i = 0; i < grid.count; i++) {
    const seconds = (i - from + 1) * grid.step;
    if (seconds < USUAL_SECONDS) continue;
    if (note(i, seconds)) {
      note(i, (i + 1) * grid.step);
      from = i + 1;
    }
  }
  let best: number | null = null;
  let next = 0;
  return Array.from({ length: grid.count }, (_, i) => {
    for (; (bounds[next]?.at ?? Infinity) <= i - lag; next++)
      best = Math.min(best ?? Infinity, (bounds[next] as { upper: number }).upper);
    return best;
  });
}

/** Seconds of the longest stretch looked at, and the requests below which it is needed: what is over should soon read so. */
const LONGEST = 300;
const FEW = 40;

export interface Share {
  /** Share given up over the stretch that shows most, and the least it can be by chance. */
  readonly share: number;
  readonly least: number;
  readonly given: number;
  readonly ended: number;
  readonly seconds: number;
}

/**
 * The share given up at index `i`, over the stretch whose lower bound is highest. A longer stretch that the shorter one contradicts
 * tells of what is over, and does not count. @returns `null` where nothing ended
 */
export function shareAt(judged: Judged, abandonment: Abandonment, i: number): Share | null {
  return sharesKept(abandonment, i, () => findShare(judged, abandonment, i));
}

const sharesKept = remember<Abandonment, number, Share | null>();

function findShare(judged: Judged, abandonment: Abandonment, i: number): Share | null {
  let best: Share | null = null;
  let possible = 1;
  const few = (abandonment.over(i, judged.main)?.ended ?? 0) < FEW;
  for (const seconds of new Set([judged.fast, judged.main, ...(few ? [Math.max(LONGEST, judged.main)] : [])])) {
    const e = abandonment.over(i, seconds);
    if (!e || e.ended < 1) continue;
    const { low, high } = shareInterval(e.given, e.ended);
    if (low > possible) break;
    if (best === null || low > best.least) best = { share: e.given / e.ended, least: low, ...e, seconds };
    if (e.ended >= USUAL_EVENTS) possible = Math.min(possible, high);
  }
  return best;
}

/**
 * Seconds after which clients hang up, by Little's law: what is in the server is what finishes times its stay, plus what is
 * given up times the patience. @returns `null` where too little is given up to say
 */
export function patienceOf(
  inside: number | null,
  finishes: number | null,
  stay: number | null,
  given: number | null,
): number | null {
  if (inside === null || given === null || given <= 1e-3) return null;
  const patience = (inside - (finishes ?? 0) * (stay ?? 0)) / given;
  return patience > 0 ? patience : null;
}
