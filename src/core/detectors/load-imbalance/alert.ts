import {
  above,
  againstModel,
  all,
  below,
  literal,
  ofModel,
  onModel,
  plus,
  product,
  ratio,
} from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** Running + waiting here against the median of the model: the middle of the detector's 1.4 to 2.5. */
const SKEW = 1.8;
/** More first tokens and growth than the mean share. A slow replica has a queue, too, but no larger share. */
const SHARE = 1.15;
/** A peer with room: nobody or hardly anybody waits there. */
const ROOM = 0.5;

export const alert: Alert = {
  pathology: 'load-imbalance',
  coarser:
    'The median includes the replica itself, so that of two replicas the skew is halved; the threshold allows for it.',
  rules: ({ ask }) => {
    const here = plus(ask.over('avg', 'running', 60), ask.over('avg', 'waiting', 60));
    const waiting = ask.over('avg', 'waiting', 60);
    return [
      {
        name: 'load-imbalance',
        severity: 'warning',
        holds: 30,
        summary:
          '{{ $labels.instance }} holds {{ $value | printf "%.0f" }} requests and queues while a peer of the same model has room',
        condition: onModel(
          all(
            againstModel('>', here, product(literal(SKEW), ofModel({ quantile: 0.25 }, here))),
            above(ratio(waiting, plus(ask.over('avg', 'running', 60), literal(1))), 0.1),
            againstModel(
              '>',
              ask.rate('prefix-cache-queries', 60),
              product(literal(SHARE), ofModel('avg', ask.rate('prefix-cache-queries', 60))),
            ),
          ),
          below(ofModel('min', waiting), ROOM),
        ),
      },
    ];
  },
};
