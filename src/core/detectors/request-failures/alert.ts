import { above, all, atLeast, ratio } from '../../promql/condition.ts';
import { type Alert, givenUp } from '../alert.ts';

/** Share of failures that counts for certain: the upper end of the detector's ramps. */
const ERRORS = 0.02;
const HANG_UPS = 0.2;
const MIN_FAILURES = 5;

export const alert: Alert = {
  pathology: 'request-failures',
  coarser:
    'Hang-ups are first tokens that never became finished requests, without the growth of the batch and without what was usual before.',
  rules: ({ ask }) => [
    {
      name: 'request-failures-errors',
      fires: 'errors',
      severity: 'warning',
      holds: 30,
      summary: '{{ $labels.instance }} answers {{ $value | humanizePercentage }} of its requests with a server error',
      condition: all(
        above(ratio(ask.increase('http-requests', 300, { part: '~5.*' }), ask.increase('http-requests', 300)), ERRORS),
        atLeast(ask.increase('http-requests', 300, { part: '~5.*' }), MIN_FAILURES),
      ),
    },
    {
      name: 'request-failures-engine',
      fires: 'errors',
      severity: 'warning',
      holds: 30,
      summary:
        '{{ $labels.instance }}: {{ $value | humanizePercentage }} of the requests end with an error in the engine',
      condition: all(
        above(ratio(ask.increase('finished', 300, { part: 'error' }), ask.increase('finished', 300)), ERRORS),
        atLeast(ask.increase('finished', 300, { part: 'error' }), MIN_FAILURES),
      ),
    },
    {
      name: 'request-failures-hang-ups',
      severity: 'warning',
      holds: 60,
      summary:
        '{{ $labels.instance }}: {{ $value | humanizePercentage }} of the requests that got a first token never finish; their clients left',
      condition: all(above(givenUp(ask, 120), HANG_UPS), atLeast(ask.increase('ttft', 120), 4 * MIN_FAILURES)),
    },
  ],
};
