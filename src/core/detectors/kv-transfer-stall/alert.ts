import { above, all, any, atLeast, ratio } from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** Share of failed transfers, and the time of one against the target for a first token; upper ends of the detector's ramps. */
const FAILED = 0.1;
const LATE = 1;
const MIN_FAILURES = 3;
/** Requests skipped over running while their KV is to come. */
const PARKED = 0.3;

export const alert: Alert = {
  pathology: 'kv-transfer-stall',
  coarser: 'A transfer is held against the target for a first token, not against what it used to take.',
  rules: ({ ask, limits }) => [
    {
      name: 'kv-transfer-stall',
      severity: 'critical',
      holds: 30,
      summary:
        '{{ $labels.instance }}: requests stand while their KV is to come; a transfer takes {{ $value | humanizeDuration }}',
      condition: all(
        above(ask.mean('kv-transfer-time', 60), LATE * limits.ttft),
        above(ratio(ask.over('avg', 'waiting', 60), ask.over('avg', 'running', 60)), PARKED),
      ),
    },
    {
      name: 'kv-transfer-stall-failing',
      fires: 'failing',
      severity: 'critical',
      holds: 30,
      summary: '{{ $labels.instance }}: {{ $value | humanizePercentage }} of the KV transfers fail',
      condition: all(
        above(ratio(ask.increase('kv-transfer-failures', 120), ask.increase('kv-transfer-time', 120)), FAILED),
        any(atLeast(ask.increase('kv-transfer-failures', 120), MIN_FAILURES)),
      ),
    },
  ],
};
