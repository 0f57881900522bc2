import { above, all, atLeast, literal, product } from '../../promql/condition.ts';
import { type Alert, givenUp, newcomersWait } from '../alert.ts';

/** Share of attempts that never finish: the upper end of the detector's 5 to 30 %. */
const GIVEN_UP = 0.3;
/** Attempts against the half hour before. */
const MORE = 1.5;

export const alert: Alert = {
  pathology: 'retry-storm',
  coarser:
    'That the same requests come again is read off the prefix cache by the detector; a rule sees more attempts, and most of them given up.',
  rules: ({ ask, limits }) => [
    {
      name: 'retry-storm',
      severity: 'critical',
      holds: 45,
      summary:
        '{{ $labels.instance }}: {{ $value | humanizePercentage }} of the attempts are given up, and more come than before',
      condition: all(
        above(givenUp(ask, 120), GIVEN_UP),
        above(newcomersWait(ask), limits.ttft),
        atLeast(
          ask.rate('prefix-cache-queries', 60),
          product(literal(MORE), ask.usual('prefix-cache-queries', 1800, { offset: 120 })),
        ),
      ),
    },
  ],
};
