import { headlineOf } from '../headline.ts';
import type { Moment, Watched } from '../moment.ts';
import { momentsIn } from '../phases.ts';
import type { Row } from './accuracy.ts';
import { USUAL } from './accuracy.ts';

/** An uninterrupted run of headlines in healthy time: one false alarm, however long it stood. */
export interface FalseAlarm {
  readonly episode: string;
  readonly kind: string;
  /** Unix seconds of the first and last moment it stood. */
  readonly from: number;
  readonly to: number;
  /** What it said, in the order said. */
  readonly said: readonly string[];
}

export interface Alarms {
  readonly hours: number;
  readonly alarms: readonly FalseAlarm[];
  /** Share of the healthy moments at which nothing could be told. */
  readonly unknown: number;
  /** Share of the healthy moments with an advice under a healthy status. */
  readonly advised: number;
}

/**
 * False headlines in healthy time: runs of consecutive moments whose status is degraded or critical. `unknown` ends a run and
 * counts apart, since saying that one cannot tell is no alarm.
 */
export function alarmsOf(all: readonly Watched[], every: number, row: Row = USUAL): Alarms {
  let [moments, unknown, advised] = [0, 0, 0];
  const alarms: FalseAlarm[] = [];
  for (const watched of all) {
    const healthy = momentsIn(watched, 'healthy', row(watched));
    moments += healthy.length;
    unknown += healthy.filter((moment) => moment.status === 'unknown').length;
    advised += healthy.filter((moment) => moment.status === 'healthy' && moment.findings.length > 0).length;
    for (const run of runsOf(healthy, (moment) => moment.status === 'degraded' || moment.status === 'critical')) {
      alarms.push({
        episode: watched.episode.id,
        kind: watched.episode.kind,
        from: run[0]?.at ?? 0,
        to: run[run.length - 1]?.at ?? 0,
        said: [...new Set(run.map((moment) => headlineOf(moment).id))],
      });
    }
  }
  return {
    hours: (moments * every) / 3600,
    alarms,
    unknown: moments === 0 ? 0 : unknown / moments,
    advised: moments === 0 ? 0 : advised / moments,
  };
}

/** @returns false alarms per healthy hour; `null` without any healthy time. */
export function perHour({ alarms, hours }: Pick<Alarms, 'alarms' | 'hours'>): number | null {
  return hours === 0 ? null : alarms.length / hours;
}

/** The uninterrupted runs of entries that pass. */
export function runsOf<T>(list: readonly T[], test: (one: T) => boolean): T[][] {
  const runs: T[][] = [];
  let run: T[] | null = null;
  for (const one of list) {
    if (!test(one)) {
      run = null;
      continue;
    }
    if (run === null) runs.push((run = []));
    run.push(one);
  }
  return runs;
}

/** Changes of the headline from its first appearance after the onset to the end of the trouble; that appearance not counted. */
export function flipsIn(moments: readonly Moment[]): number {
  const said = moments.map((moment) => headlineOf(moment).id);
  const first = said.findIndex((id) => id !== 'healthy');
  if (first < 0) return 0;
  return said.slice(first + 1).filter((id, i) => id !== said[first + i]).length;
}
