import { above, all, below, minus, literal, ratio } from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** What the hit rate must have been, and how far it must fall, from README.md. */
const WAS = 0.2;
const DROP = 0.25;
const PROMPTS = 10;

export const alert: Alert = {
  pathology: 'prefix-cache-collapse',
  coarser: 'What is usual is the hour that ended two minutes ago; prompts that changed in length are not excluded.',
  rules: ({ ask }) => {
    const now = ratio(ask.rate('prefix-cache-hits', 60), ask.rate('prefix-cache-queries', 60));
    const before = ratio(
      ask.rate('prefix-cache-hits', 3600, { offset: 120 }),
      ask.rate('prefix-cache-queries', 3600, { offset: 120 }),
    );
    return [
      {
        name: 'prefix-cache-collapse',
        severity: 'warning',
        holds: 15,
        summary:
          '{{ $labels.instance }} finds {{ $value | humanizePercentage }} of its prompts in the prefix cache, far less than an hour ago',
        condition: all(
          below(now, minus(before, literal(DROP))),
          above(before, WAS),
          above(ask.increase('ttft', 60), PROMPTS),
        ),
      },
    ];
  },
};
