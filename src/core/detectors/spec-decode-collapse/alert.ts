import { above, all, below, literal, minus, product, ratio } from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** Tokens a step against before, and the time a running request waits for a token against before; from README.md. */
const FALL = 0.75;
const SLOWER = 1.25;
const REQUESTS = 10;

export const alert: Alert = {
  pathology: 'spec-decode-collapse',
  coarser: 'What was is the mean of half an hour, not its upper quartile; which kind it is takes the drafts.',
  rules: ({ ask }) => {
    const gain = (seconds: number, offset?: number) => {
      const where = offset === undefined ? {} : { offset };
      const output = ask.rate('output-tokens', seconds, where);
      return ratio(output, minus(output, ask.rate('spec-accepted-tokens', seconds, where)));
    };
    const pace = (seconds: number, offset?: number) => {
      const where = offset === undefined ? {} : { offset };
      return ratio(ask.total('itl', seconds, where), ask.rate('output-tokens', seconds, where));
    };
    return [
      {
        name: 'spec-decode-collapse',
        severity: 'warning',
        holds: 15,
        summary:
          '{{ $labels.instance }} gets {{ $value | printf "%.1f" }} tokens a step out of speculation, much less than before',
        condition: all(
          below(gain(60), product(literal(FALL), gain(1800, 120))),
          above(pace(60), product(literal(SLOWER), pace(1800, 120))),
          above(ask.increase('ttft', 120), REQUESTS),
        ),
      },
    ];
  },
};
