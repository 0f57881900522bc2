import { above, all, atLeast, below, literal, plus, ratio } from '../../promql/condition.ts';
import { type Alert, KV_FULL } from '../alert.ts';

/** Deferred against all that wait: the middle of the detector's 0.3 to 0.7. */
const SHARE = 0.5;
/** Waiting against running. */
const PRESSURE = 0.3;

export const alert: Alert = {
  pathology: 'deferred-admission',
  coarser: 'Requests whose KV is still to come count as deferred, too; before 0.20 nothing tells.',
  rules: ({ ask }) => {
    const deferred = { part: 'deferred' };
    return [
      {
        name: 'deferred-admission',
        severity: 'warning',
        holds: 30,
        summary:
          '{{ $labels.instance }} skips {{ $value | humanizePercentage }} of the waiting requests for their adapter or grammar, with seats and memory free',
        condition: all(
          above(ratio(ask.over('avg', 'waiting-by-reason', 60, deferred), ask.over('avg', 'waiting', 60)), SHARE),
          atLeast(ask.over('min', 'waiting-by-reason', 60, deferred), 1),
          above(ratio(ask.over('avg', 'waiting', 60), plus(ask.over('avg', 'running', 60), literal(1))), PRESSURE),
          below(ask.over('avg', 'kv-cache-usage', 60), KV_FULL),
        ),
      },
    ];
  },
};
