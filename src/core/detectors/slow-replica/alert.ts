import { above, againstModel, all, below, literal, ofModel, onModel, product, ratio } from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** Step time against the fastest of the model; the detector scores in full from 1.57. */
const RATIO = 1.5;
/** Output here against the mean: at most this much more work, since a hot replica is slower for a reason. */
const WORK = 1.2;
const PREEMPTED = 0.2;

export const alert: Alert = {
  pathology: 'slow-replica',
  coarser:
    'Steps are compared at about equal output, not with what the same work takes on the peers; one replica alone has no peers.',
  rules: ({ ask }) => {
    const step = ask.mean('itl', 60);
    const output = ask.rate('output-tokens', 60);
    return [
      {
        name: 'slow-replica',
        severity: 'warning',
        holds: 30,
        summary:
          '{{ $labels.instance }} takes {{ $value | humanizeDuration }} a step, half as long again as its peers and more, for no more work',
        condition: onModel(
          all(
            againstModel('>', step, product(literal(RATIO), ofModel({ quantile: 0.25 }, step))),
            againstModel('<', output, product(literal(WORK), ofModel('avg', output))),
            above(output, 0),
            below(ratio(ask.increase('preemptions', 120), ask.increase('finished', 120)), PREEMPTED),
          ),
          above(ofModel('count', output), 1),
        ),
      },
    ];
  },
};
