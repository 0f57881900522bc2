import { above, all, any, unless } from '../../promql/condition.ts';
import { type Alert, memoryFull, newcomersWait, queueStands, seatsTaken } from '../alert.ts';

/** A newcomer's wait against the target for a first token: twice it, the middle of the detector's 0.5 to 4. */
const TIMES_TARGET = 2;

export const alert: Alert = {
  pathology: 'overload',
  coarser:
    'Giants, starvation and skipped requests are not taken off, and an engine filled by prompts without a queue is not seen.',
  rules: (scope) => {
    if (scope.planned) return 'under the batch profile a backlog is the plan';
    return [
      {
        name: 'overload',
        severity: 'critical',
        holds: 30,
        summary:
          '{{ $labels.instance }}: who arrives now waits {{ $value | humanizeDuration }}, with seats and memory free',
        condition: unless(
          all(above(newcomersWait(scope.ask), TIMES_TARGET * scope.limits.ttft), queueStands(scope.ask)),
          any(memoryFull(scope), seatsTaken(scope)),
        ),
      },
    ];
  },
};
