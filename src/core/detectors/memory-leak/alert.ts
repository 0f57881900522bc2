import {
  above,
  all,
  below,
  equals,
  literal,
  minus,
  NOW,
  product,
  ratio,
  unlessOnTarget,
} from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** Usage that stays with nothing running; the detector asks for it at two rests in a row, the rule for a time. */
const RESIDUE = 0.005;
const HOURS = 6 * 3600;
const DAY = 86_400;
/** Growth a day against the level: the middle of the detector's 2 to 12 %. */
const PER_DAY = 0.05;
/** Seconds of uptime before growth counts. */
const WARM = HOURS + 2 * 3600;

export const alert: Alert = {
  pathology: 'memory-leak',
  coarser:
    'The balance of a pool that never rests takes more than one expression; memory of GPUs and containers is left out, since those exporters speak of everybody’s, and no label joins them to an engine everywhere.',
  rules: ({ ask }) => [
    {
      name: 'memory-leak-kv-blocks',
      fires: 'rests',
      severity: 'warning',
      holds: 30,
      summary: '{{ $labels.instance }} runs nothing and still holds {{ $value | humanizePercentage }} of its KV blocks',
      condition: all(
        above(ask.over('min', 'kv-cache-usage', 60), RESIDUE),
        equals(ask.over('max', 'running', 60), 0),
        equals(ask.over('max', 'waiting', 60), 0),
      ),
    },
    {
      name: 'memory-leak-host',
      severity: 'warning',
      holds: 1800,
      fires: 'host',
      summary:
        '{{ $labels.instance }}: memory of the server process grows by {{ $value | humanizePercentage }} of itself a day',
      condition: unlessOnTarget(
        above(
          ratio(product(ask.slope('process-memory', HOURS), literal(DAY)), ask.over('avg', 'process-memory', HOURS)),
          PER_DAY,
        ),
        below(minus(NOW, ask.gauge('process-start')), WARM),
      ),
    },
  ],
};
