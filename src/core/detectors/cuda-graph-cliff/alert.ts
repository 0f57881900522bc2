import { above } from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

export const alert: Alert = {
  pathology: 'cuda-graph-cliff',
  coarser: 'Whether steps really jump at the edge takes a fit; the rule says that the batch is beyond it.',
  rules: ({ ask, knobs }) => {
    const edge = knobs['max-cudagraph-capture-size'];
    if (edge === undefined)
      return 'the largest captured batch is in no metric: give --knob max-cudagraph-capture-size=N';
    return [
      {
        name: 'cuda-graph-cliff',
        severity: 'warning',
        holds: 60,
        summary: `{{ $labels.instance }} runs {{ $value | printf "%.0f" }} at once, beyond the largest captured batch of ${edge}`,
        condition: above(ask.level('running', 0.3, 60), edge),
      },
    ];
  },
};
