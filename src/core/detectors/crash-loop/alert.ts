import { above, all, atLeast, below, equals, onTarget, plus } from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** Seconds in which a refused scrape fails: nobody listens. One that hangs runs into its time-out. */
const REFUSED_WITHIN = 0.3;
/** Starts of one process within half an hour that make a loop. */
const STARTS = 2;

export const alert: Alert = {
  pathology: 'crash-loop',
  coarser: 'One restart that is over, a rollout and the reason of an end are left to the detector.',
  rules: ({ ask }) => [
    {
      name: 'crash-loop-down',
      severity: 'critical',
      holds: 15,
      summary: '{{ $labels.instance }} ended with requests on it and refuses connections',
      condition: onTarget(
        all(equals(ask.gauge('up'), 0), below(ask.over('max', 'scrape-duration', 20), REFUSED_WITHIN)),
        above(plus(ask.over('last', 'running', 300), ask.over('last', 'waiting', 300)), 0),
      ),
    },
    {
      name: 'crash-loop',
      fires: 'loop',
      severity: 'critical',
      holds: 0,
      summary: '{{ $labels.instance }} began anew {{ $value | printf "%.0f" }} times within half an hour',
      condition: atLeast(ask.changes('process-start', 1800), STARTS),
    },
  ],
};
