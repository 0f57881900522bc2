import { above, all, atLeast, below, literal, product } from '../../promql/condition.ts';
import { type Alert, KV_FULL, queueStands, seatsTaken } from '../alert.ts';

/** Waiting against seats: the detector's ramp begins at 0.03 and is full at 0.4. */
const QUEUE = 0.1;

export const alert: Alert = {
  pathology: 'seat-ceiling',
  coarser: 'Without --knob max-num-seqs the cap is taken to be the most that ran within an hour.',
  rules: (scope) => {
    if (scope.planned) return 'under the batch profile a backlog is the plan';
    return [
      {
        name: 'seat-ceiling',
        severity: 'warning',
        holds: 30,
        summary:
          '{{ $labels.instance }}: all seats are taken at {{ $value | printf "%.0f" }} running, memory is free, and requests queue',
        condition: all(
          seatsTaken(scope),
          queueStands(scope.ask),
          atLeast(scope.ask.over('avg', 'waiting', 60), product(literal(QUEUE), scope.ask.over('avg', 'running', 60))),
          below(scope.ask.over('max', 'kv-cache-usage', 60), KV_FULL),
          above(scope.ask.over('count', 'running', 120), 5),
        ),
      },
    ];
  },
};
