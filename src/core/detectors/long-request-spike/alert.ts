import { above, all, any, literal, product, ratio } from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** A giant is eight times the median prompt, evidence/giants.ts; told where one finished request in a hundred is one. */
const TIMES_MEDIAN = 8;
/** Mean of the prompts that just began against the median of those that finished, and against the mean of the hour before. */
const MEAN = 1.5;
/** Share of late first tokens. */
const LATE = 0.1;
/** Long gaps against usual ones while a giant is read. */
const STRETCHED = 4;

export const alert: Alert = {
  pathology: 'long-request-spike',
  coarser:
    'Giants are told by the 99th percentile of lengths, or by a mean that leaves the median; their share of the prompt tokens takes all buckets at once.',
  rules: ({ ask, limits, edge }) => {
    const median = ask.quantile('prompt-length', 0.5, 180);
    const mean = ratio(ask.rate('prompt-tokens', 60), ask.rate('ttft', 60));
    const before = ratio(ask.rate('prompt-tokens', 3600, { offset: 180 }), ask.rate('ttft', 3600, { offset: 180 }));
    return [
      {
        name: 'long-request-spike',
        severity: 'warning',
        holds: 30,
        summary:
          '{{ $labels.instance }}: a few prompts are far longer than the usual one, {{ $value | printf "%.1f" }} times by the tail or the mean, and hold everybody up',
        condition: all(
          any(
            above(ratio(ask.quantile('prompt-length', 0.99, 180), median), TIMES_MEDIAN),
            all(above(ratio(mean, median), MEAN), above(mean, product(literal(MEAN), before))),
          ),
          any(
            above(ask.shareAbove('ttft', edge('ttft', limits.ttft), 60), LATE),
            all(
              above(ask.quantile('itl', 0.99, 120), product(literal(STRETCHED), ask.quantile('itl', 0.5, 120))),
              above(ask.quantile('itl', 0.99, 120), STRETCHED * limits.tbt),
            ),
          ),
        ),
      },
    ];
  },
};
