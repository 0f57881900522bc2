import { above, all, atLeast, ratio } from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** Preemptions per finished request: a healthy run of 19,801 requests had 0.074, see README.md. */
const PER_FINISHED = 0.1;
const MIN_PREEMPTIONS = 3;
const POOL = 0.85;

export const alert: Alert = {
  pathology: 'kv-cache-thrashing',
  coarser: 'Recomputed time is not counted, and every preemption weighs the same.',
  rules: ({ ask }) => [
    {
      name: 'kv-cache-thrashing',
      severity: 'critical',
      holds: 15,
      summary:
        '{{ $labels.instance }} preempts {{ $value | printf "%.2f" }} times per finished request: running answers are thrown away and begun again',
      condition: all(
        above(ratio(ask.increase('preemptions', 120), ask.increase('finished', 120)), PER_FINISHED),
        atLeast(ask.increase('preemptions', 120), MIN_PREEMPTIONS),
        above(ask.over('max', 'kv-cache-usage', 300), POOL),
      ),
    },
  ],
};
