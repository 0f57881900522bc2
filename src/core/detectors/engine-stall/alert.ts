import { all, atLeast, equals, plus } from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** Seconds without a token: the lower end of the detector's 25 to 50. */
const SILENCE = 30;

export const alert: Alert = {
  pathology: 'engine-stall',
  coarser: 'The aftermath is not told, nor whether everybody hung up and the gauges are left over.',
  rules: ({ ask }) => [
    {
      name: 'engine-stall',
      severity: 'critical',
      holds: 15,
      summary: '{{ $labels.instance }} has {{ $value | printf "%.0f" }} requests and gives no token',
      condition: all(
        atLeast(plus(ask.over('min', 'running', SILENCE), ask.over('min', 'waiting', SILENCE)), 1),
        equals(ask.rate('output-tokens', SILENCE), 0),
        equals(ask.rate('ttft', SILENCE), 0),
      ),
    },
  ],
};
