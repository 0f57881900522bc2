import { equals, onTarget, atLeast } from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** Seconds within which a target must have been an engine, so that `up` of other jobs is none of ours. */
const WAS_ENGINE = 3600;

export const alert: Alert = {
  pathology: 'telemetry-gap',
  coarser:
    'A target that left the configuration is told only once the last one has; missing series are left to the detector.',
  rules: ({ ask }) => [
    {
      name: 'telemetry-gap-target-down',
      severity: 'warning',
      holds: 60,
      summary: '{{ $labels.instance }} is not scraped any more: nothing is known of it, which is not healthy',
      condition: onTarget(equals(ask.gauge('up'), 0), atLeast(ask.over('count', 'running', WAS_ENGINE), 1)),
    },
    {
      name: 'telemetry-gap-no-series',
      fires: 'noSeries',
      severity: 'critical',
      holds: 120,
      summary: 'No vLLM engine is in scope: nothing can be told, which is not healthy',
      condition: ask.absent('running'),
    },
  ],
};
