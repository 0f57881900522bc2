import { above, all, literal, minus, onTarget, plus, product } from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** Time outside the engine against the target for a first token: the middle of the detector's 0.1 to 0.6. */
const FRONT = 0.3;
/** Its part of the whole wait for a first token: the middle of a tenth to three tenths. */
const OF_THE_WAIT = 0.2;
/** Seconds a scrape takes of an event loop that is late; a healthy one answers in some 10 ms. */
const SCRAPE = 0.3;

export const alert: Alert = {
  pathology: 'cpu-bound',
  coarser:
    'Only the front end, with slow scrapes as the witness; an engine held up needs SM activity or throttling beside it.',
  rules: ({ ask, limits }) => {
    const outside = minus(ask.mean('e2e', 120), plus(ask.mean('queue-time', 120), ask.mean('inference-time', 120)));
    return [
      {
        name: 'cpu-bound',
        severity: 'warning',
        holds: 30,
        summary:
          '{{ $labels.instance }}: requests spend {{ $value | humanizeDuration }} outside the engine, and the server is slow to answer its scrapes',
        condition: onTarget(
          all(
            above(outside, FRONT * limits.ttft),
            above(outside, product(literal(OF_THE_WAIT), ask.mean('ttft', 120))),
          ),
          above(ask.over('avg', 'scrape-duration', 60), SCRAPE),
        ),
      },
    ];
  },
};
