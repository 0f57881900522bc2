import { all, below } from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** Load at which a replica is clearly wasted, and the time in which the usual peak shows; both from README.md. */
const LOAD = 0.15;
const HOURS = 6 * 3600;
/** Running requests that hardly fill a step; the textbook's number for its batch. */
const BATCH = 8;

export const alert: Alert = {
  pathology: 'gpu-underutilization',
  coarser: 'Seats are not known, so the size of the batch stands in; time spent reading prompts is counted as running.',
  rules: ({ ask }) => [
    {
      name: 'gpu-underutilization',
      severity: 'info',
      holds: HOURS,
      summary: '{{ $labels.instance }} held at most {{ $value | humanizePercentage }} of its KV cache for six hours',
      condition: all(
        below(ask.level('kv-cache-usage', 0.95, 3600), LOAD),
        below(ask.level('running', 0.95, 3600), BATCH),
        below(ask.level('waiting', 0.95, 3600), 1),
      ),
    },
  ],
};
