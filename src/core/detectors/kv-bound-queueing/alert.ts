import { above, all, atLeast, literal, product, ratio, unless } from '../../promql/condition.ts';
import { type Alert, memoryFull, queueStands } from '../alert.ts';

/** Waiting against running: the lower part of the detector's 0.05 to 0.5. */
const QUEUE = 0.1;
/** Preemptions per finished request from which it is thrashing. */
const PREEMPTED = 0.3;

export const alert: Alert = {
  pathology: 'kv-bound-queueing',
  coarser:
    'Exported without a source it does not know the size of the pool and asks for a usage of 0.9, below which large prompts queue already.',
  rules: (scope) => {
    if (scope.planned) return 'under the batch profile a backlog is the plan';
    const { ask } = scope;
    return [
      {
        name: 'kv-bound-queueing',
        severity: 'warning',
        holds: 30,
        summary:
          '{{ $labels.instance }} holds {{ $value | humanizePercentage }} of its KV blocks, and requests wait for the next free ones',
        condition: unless(
          all(
            memoryFull(scope),
            queueStands(ask),
            atLeast(ask.over('avg', 'waiting', 60), product(literal(QUEUE), ask.over('avg', 'running', 60))),
          ),
          above(ratio(ask.increase('preemptions', 120), ask.increase('finished', 120)), PREEMPTED),
        ),
      },
    ];
  },
};
