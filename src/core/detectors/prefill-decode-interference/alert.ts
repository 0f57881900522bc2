import { above, all, below, ratio } from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** Share of gaps longer than four targets: the middle of the detector's 1.5 to 6 %. */
const LONG = 0.03;
const TIMES_TARGET = 4;
const PREEMPTED = 0.1;

export const alert: Alert = {
  pathology: 'prefill-decode-interference',
  coarser: 'Long gaps are not held against the number of steps that carried a prompt.',
  rules: ({ ask, limits, edge }) => [
    {
      name: 'prefill-decode-interference',
      severity: 'warning',
      holds: 60,
      summary:
        '{{ $labels.instance }}: {{ $value | humanizePercentage }} of the gaps between tokens are four targets and longer, the median is good',
      condition: all(
        above(ask.shareAbove('itl', edge('itl', TIMES_TARGET * limits.tbt), 120), LONG),
        below(ask.quantile('itl', 0.5, 120), limits.tbt),
        below(ratio(ask.increase('preemptions', 120), ask.increase('finished', 120)), PREEMPTED),
      ),
    },
  ],
};
