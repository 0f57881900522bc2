import { above, all, atLeast, literal, product, ratio, unless, any } from '../../promql/condition.ts';
import { type Alert, queueStands } from '../alert.ts';

/** Share of answers slower than the target: the middle of the detector's 0.2 to 0.5. */
const SLOW = 0.35;
/** Median gap against the target: everybody, not a few. */
const EVENLY = 0.75;
/** Running now against the hour before. */
const GROWN = 1.35;
const PREEMPTED = 0.1;

export const alert: Alert = {
  pathology: 'decode-slowdown',
  coarser:
    'The detector fits step times to the load; here a batch that grew stands in for it, and whatever has a queue or preempts is left to its own rule.',
  rules: ({ ask, limits, edge }) => [
    {
      name: 'decode-slowdown',
      severity: 'warning',
      holds: 45,
      summary:
        '{{ $labels.instance }}: {{ $value | humanizePercentage }} of the answers are slower than their target per token, evenly, in a batch that grew',
      condition: unless(
        all(
          above(ask.shareAbove('time-per-output-token', edge('time-per-output-token', limits.tbt), 60), SLOW),
          above(ask.quantile('itl', 0.5, 60), EVENLY * limits.tbt),
          atLeast(ask.over('avg', 'running', 60), product(literal(GROWN), ask.over('avg', 'running', 3600))),
        ),
        any(queueStands(ask), above(ratio(ask.increase('preemptions', 120), ask.increase('finished', 120)), PREEMPTED)),
      ),
    },
  ],
};
