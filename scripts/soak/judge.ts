import type { Run, Tick } from './run.ts';
import type { Held } from './tab.ts';

/** Growth of what a tab holds: the mean of its last hour over that of its first, less one. */
export type Growth = Readonly<Record<'heap' | 'workers' | 'resident' | 'nodes' | 'listeners', number>>;

/** @param settle seconds at the start that do not count: the first draw of everything */
export function growthOf({ weighed }: Run, settle: number): Growth {
  const from = (weighed[0]?.now ?? 0) + settle;
  const counted = weighed.filter(({ now }) => now >= from);
  const part = Math.max(1, Math.floor(counted.length / 24));
  const of = (what: keyof Growth) => {
    const mean = (list: readonly Held[]) => list.reduce((sum, one) => sum + one[what], 0) / list.length;
    return mean(counted.slice(-part)) / mean(counted.slice(0, part)) - 1;
  };
  return {
    heap: of('heap'),
    workers: of('workers'),
    resident: of('resident'),
    nodes: of('nodes'),
    listeners: of('listeners'),
  };
}

/** Ticks that asked for nothing, although the tab was in sight. */
export function missed({ ticks }: Run): number {
  return ticks.filter(({ reads }) => reads === 0).length;
}

/** Where a run with faults says something else than one without. */
export interface Verdicts {
  /** Ticks with a read nobody spoilt, and those of them that show another verdict of the same moment. */
  readonly compared: number;
  readonly different: readonly Tick[];
  /** Ticks that show health which the other run did not see at that moment. */
  readonly wrongHealthy: readonly Tick[];
  /** Ticks with an old verdict that is not said to be old. */
  readonly passedForNew: readonly Tick[];
}

/** @param every seconds between reads */
export function compare(clean: Run, faulty: Run, every: number): Verdicts {
  const known = new Map(clean.ticks.map(({ shown }) => [shown.at, shown]));
  const at = ({ shown }: Tick) => known.get(shown.at);
  const unspoilt = faulty.ticks.filter((tick) => tick.fault === null && at(tick) !== undefined);
  return {
    compared: unspoilt.length,
    different: unspoilt.filter((tick) => {
      const same = at(tick);
      return same?.status !== tick.shown.status || same.primary !== tick.shown.primary;
    }),
    wrongHealthy: faulty.ticks.filter(
      (tick) => tick.shown.status === 'healthy' && !tick.shown.failing && (at(tick)?.status ?? 'healthy') !== 'healthy',
    ),
    passedForNew: faulty.ticks.filter(({ shown, now }) => !shown.failing && now - (shown.at ?? 0) >= 2 * every),
  };
}
