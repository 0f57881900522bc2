import { timeAt } from '../base/grid.ts';
import type { Evidence } from './evidence.ts';

/** Something somebody or something else did, at one time. */
export interface Happened {
  /** Unix seconds of the first grid time that shows it. */
  readonly at: number;
  /** Deployment or alert, by name. */
  readonly name: string;
}

/** Changes of deployments within the window: each time the generation counts up. Empty without kube-state-metrics. */
export function deploysIn(evidence: Evidence): Happened[] {
  return (evidence.readings.deploys?.lines ?? []).flatMap(({ part, values }) => {
    let last: number | null = null;
    return values.flatMap((value, i) => {
      if (value === null) return [];
      const counted = last !== null && value > last;
      last = value;
      return counted ? [{ at: timeAt(evidence.grid, i), name: part }] : [];
    });
  });
}

/** Alerts of the server's own rules that began to fire within the window; one that fired from the first sample on is no event. */
export function alertsIn(evidence: Evidence): Happened[] {
  const { grid } = evidence;
  return (evidence.readings['alerts-firing']?.lines ?? []).flatMap(({ part, values }) => {
    // While it does not fire the series is not there at all.
    const at = values.findIndex((value, i) => value !== null && value > 0 && i > 0 && (values[i - 1] ?? null) === null);
    return at < 0 ? [] : [{ at: timeAt(grid, at), name: part }];
  });
}
