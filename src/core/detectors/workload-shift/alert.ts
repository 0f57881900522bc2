import { above, any, product, literal, all } from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** Mean length against half an hour ago: near where the detector scores in full, 1.75, since a rule's window mixes old and new. */
const LONGER = 1.5;
const REQUESTS = 25;

export const alert: Alert = {
  pathology: 'workload-shift',
  coarser: 'Means are compared, not the mix of lengths; shorter requests are no alert.',
  rules: ({ ask }) => {
    const longer = (id: 'prompt-length' | 'output-length') =>
      above(ask.mean(id, 60), product(literal(LONGER), ask.mean(id, 1800, { offset: 180 })));
    return [
      {
        name: 'workload-shift',
        severity: 'info',
        holds: 15,
        summary:
          '{{ $labels.instance }}: prompts or answers are {{ $value | printf "%.0f" }} tokens long, much longer than half an hour ago',
        condition: all(
          any(longer('prompt-length'), longer('output-length')),
          above(ask.increase('finished', 120), REQUESTS),
        ),
      },
    ];
  },
};
