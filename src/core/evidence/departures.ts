import { type Grid, timeAt, type Values } from '../base/grid.ts';
import { median } from '../base/statistics.ts';
import type { Judged } from './judged.ts';
import { replicaLine } from './lines.ts';
import { over, type Trace } from './trace.ts';

/**
 * How a replica looks while it is out of sight:
 * - refused: its scrapes fail within milliseconds, so nobody listens on the port: the process is gone;
 * - hung: they fail after a while, as with a server too busy to answer, a frozen host or a cut network;
 * - failed: they fail and nobody wrote down how fast;
 * - vanished: no scrape fails, samples just stop: the target left the configuration or the pipeline stopped.
 */
export type Absence = 'refused' | 'hung' | 'failed' | 'vanished';

/** One time a replica went out of sight, or began anew between two scrapes. */
export interface Departure {
  /** Grid index of the last sight of it, and the first without. */
  readonly last: number;
  readonly from: number;
  /** Grid index at which it was seen again; `null` while it is away. */
  readonly back: number | null;
  /** Unix seconds: between the last sample and the first failed scrape. */
  readonly at: number;
  /** Seconds out of sight: until it was seen again, or until now. */
  readonly seconds: number;
  readonly absence: Absence;
  /** Requests running and waiting on it at the last sight; `null` if not measured. */
  readonly load: number | null;
  /** First tokens per second in the two minutes before. */
  readonly flow: number;
  /** Another process answers since; `null` while it is away or where no start time is exported. */
  readonly restarted: boolean | null;
}

/**
 * Seconds within which a scrape that fails was refused. Measured on a killed server: 0.4 to 1.7 ms; a page that answers takes
 * 8 to 300 ms, and one that does not takes the scrape time-out, 1 s at the very least.
 */
const REFUSED_WITHIN = 0.3;
/** Start times jitter in the last digits of a float; a restart moves them by seconds. */
const SAME_START = 1;
const FLOW_SECONDS = 120;

/**
 * Every time this replica went out of sight within the window, in order. The start of the window is no departure.
 * @returns empty where it answered all the time
 */
export function departuresOf(judged: Judged, trace: Trace): Departure[] {
  const { grid, evidence } = judged;
  const starts = replicaLine(evidence, 'process-start', trace.replica.id);
  const durations = replicaLine(evidence, 'scrape-duration', trace.replica.id);
  const seen = (i: number) => (trace.running?.[i] ?? trace.usage?.[i] ?? null) !== null && trace.up?.[i] !== 0;
  const out: Departure[] = [];
  let last = -1;
  for (let i = 0; i < grid.count; i++) {
    if (!seen(i)) continue;
    const moved = last >= 0 && startMoved(starts, last, i);
    if (last >= 0 && (i - last > 1 || moved === true)) out.push(describe(last, i, moved));
    last = i;
  }
  if (last >= 0 && last < grid.count - 1) out.push(describe(last, null, null));
  return out;

  function describe(at: number, back: number | null, restarted: boolean | null): Departure {
    const until = back ?? judged.end;
    const sampled = timeAt(grid, at) - (trace.age?.[at] ?? 0);
    const running = trace.running?.[at] ?? null;
    return {
      last: at,
      from: at + 1,
      back,
      at: (sampled + timeAt(grid, at + 1)) / 2,
      seconds: timeAt(grid, until) - timeAt(grid, at),
      absence: absenceOf(trace.up, durations, at + 1, back ?? grid.count),
      load: running === null ? null : running + (trace.waiting?.[at] ?? 0),
      flow: over(trace.firstTokens, grid, at, FLOW_SECONDS) ?? 0,
      restarted,
    };
  }
}

/** @returns whether the process changed between two sights; `null` if no start time is told at both. */
function startMoved(starts: Values | null, a: number, b: number): boolean | null {
  const before = starts?.[a] ?? null;
  const after = starts?.[b] ?? null;
  return before === null || after === null ? null : after > before + SAME_START;
}

function absenceOf(up: Values | null, durations: Values | null, from: number, to: number): Absence {
  const down: number[] = [];
  for (let i = from; i < to; i++) if (up?.[i] === 0) down.push(i);
  // A restart between two scrapes leaves no failed one.
  if (down.length === 0) return 'vanished';
  const took = median(down.map((i) => durations?.[i] ?? null));
  if (took === null) return 'failed';
  return took <= REFUSED_WITHIN ? 'refused' : 'hung';
}

/**
 * Grid indices at which another process answers than before.
 * @param starts start times in unix seconds; gaps are skipped
 */
export function restartsIn(starts: Values | null): number[] {
  const at: number[] = [];
  let last: number | null = null;
  for (const [i, v] of (starts ?? []).entries()) {
    if (v === null) continue;
    if (last !== null && v > last + SAME_START) at.push(i);
    last = v;
  }
  return at;
}

/** Requests below which nothing runs. */
const NOTHING = 0.5;

/** Nothing ran and nothing waited on it when it was last seen: drained, scaled down, or idle anyway. Unknown is not empty. */
export function leftEmpty(departure: Departure): boolean {
  return departure.load !== null && departure.load < NOTHING;
}

/** Whether any of these engines was in sight all through a departure of another one. */
export function coveredBy(others: readonly Trace[], grid: Grid, departure: Departure): boolean {
  const until = departure.back ?? grid.count;
  return others.some((other) => {
    for (let i = departure.from; i < until; i++) if ((other.running?.[i] ?? null) === null) return false;
    return true;
  });
}

/** Seconds a replica that left empty may stay away before that is worth a word: large models take 5 to 11 min to start (#44881). */
const PATIENCE = 600;

/**
 * Being restarted, as far as anybody can see: its port is closed, nothing was on it when it went, others serve, and it has
 * not been away for longer than a start takes.
 */
export function isRestarting(judged: Judged, trace: Trace): boolean {
  const now = departuresOf(judged, trace).at(-1);
  if (!now || now.back !== null || now.absence !== 'refused' || !leftEmpty(now) || now.seconds > PATIENCE) return false;
  const others = judged.engines.map((e) => e.trace).filter((t) => t.replica.instance !== trace.replica.instance);
  return coveredBy(others, judged.grid, now);
}
