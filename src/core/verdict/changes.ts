import { stepsIn, timeAt, type Values } from '../base/grid.ts';
import { mean } from '../base/statistics.ts';
import { departedAt } from '../evidence/departed.ts';
import type { Judged } from '../evidence/judged.ts';
import { replicaLine } from '../evidence/lines.ts';
import { standsFor } from '../evidence/stand-in.ts';

/** What happened to a fleet within the window that is no trouble by itself. Times in unix seconds. */
export interface Changes {
  /** Replicas whose process began anew, each with the time of its last start. */
  readonly restarts: readonly { readonly replica: string; readonly at: number; readonly times: number }[];
  /** Most replicas away at the same grid time while others were there. */
  readonly awayAtOnce: number;
  /** Replicas that left with nothing to do, and when they were last seen. */
  readonly departures: readonly { readonly replica: string; readonly at: number }[];
  /** Replicas that joined within the window, and when. */
  readonly arrivals: readonly { readonly replica: string; readonly at: number }[];
  /** Running requests of the first and the last quarter of the window, where they tell a ramp; `null` where it is flat. */
  readonly ramp: { readonly from: number; readonly to: number } | null;
}

/** Ratio of traffic at the ends of the window from which it is a ramp, and how many requests it must amount to. */
const RAMP = 1.5;
const RAMP_REQUESTS = 2;

/** @returns the changes of one model's fleet. Lines that are not there tell none. */
export function changesOf(judged: Judged): Changes {
  const { engines, evidence, grid, end } = judged;
  const restarts = engines.flatMap(({ id }) => {
    const starts = [
      ...new Set((replicaLine(evidence, 'process-start', id) ?? []).filter((v): v is number => v !== null)),
    ];
    return starts.length > 1 ? [{ replica: id, at: Math.max(...starts), times: starts.length - 1 }] : [];
  });
  const seen = (i: number) => engines.map(({ trace }) => (trace.running?.[i] ?? null) !== null);
  const first = engines.map(({ trace }) => trace.running?.findIndex((v) => v !== null) ?? -1);
  let awayAtOnce = 0;
  for (let i = 0; i <= end; i++) {
    const away = seen(i).filter((there, k) => !there && i > (first[k] ?? 0) && (first[k] ?? -1) >= 0).length;
    if (away < engines.length) awayAtOnce = Math.max(awayAtOnce, away);
  }
  return {
    restarts,
    awayAtOnce,
    departures: engines.flatMap((engine) => {
      const at = departedAt(judged, engine);
      return at === null ? [] : [{ replica: engine.id, at: timeAt(grid, at) }];
    }),
    arrivals: engines.flatMap((engine, k) =>
      (first[k] ?? -1) > stepsIn(grid, 60) ? [{ replica: engine.id, at: timeAt(grid, first[k] as number) }] : [],
    ),
    ramp: rampOf(
      Array.from({ length: grid.count }, (_, i) =>
        sum(engines.map(({ trace }) => times(trace.running?.[i] ?? null, standsFor(trace.replica)))),
      ),
      judged,
    ),
  };
}

function rampOf(running: Values, { grid }: Judged): Changes['ramp'] {
  const quarter = Math.floor(running.length / 4);
  // Five minutes at least: a shorter window shows chance, not a ramp.
  if (quarter * grid.step < 75) return null;
  const parts = [0, 1, 2, 3].map((k) => mean(running.slice(k * quarter, (k + 1) * quarter)));
  if (parts.some((p) => p === null)) return null;
  const [a, b, c, d] = parts as [number, number, number, number];
  const rises = a <= b * 1.05 && b <= c * 1.05 && c <= d * 1.05;
  const falls = a >= b * 0.95 && b >= c * 0.95 && c >= d * 0.95;
  const ratio = Math.max(a, d) / Math.max(Math.min(a, d), 0.5);
  return (rises || falls) && ratio >= RAMP && Math.abs(d - a) >= RAMP_REQUESTS ? { from: a, to: d } : null;
}

function times(value: number | null, factor: number): number | null {
  return value === null ? null : value * factor;
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((v): v is number => v !== null);
  return known.length === 0 ? null : known.reduce((x, y) => x + y, 0);
}
