import { above, all, any, below, plus, product, literal, ratio } from '../../promql/condition.ts';
import { type Alert, KV_FULL } from '../alert.ts';

/** Steps a prompt is cut into: mean prefill time ÷ mean gap. The detector's ramp goes from 3 to 10. */
const CHUNKS = 5;
/** Share of the step's tokens that decodes take. */
const DECODES = 0.35;
/** Prefill alone uses up this share of the target for a first token. */
const OF_TARGET = 0.5;

export const alert: Alert = {
  pathology: 'prefill-starvation',
  coarser: 'Whether a step costs more with more tokens, which tells it from overload, takes a fit over the window.',
  rules: ({ ask, limits }) => [
    {
      name: 'prefill-starvation',
      severity: 'warning',
      holds: 30,
      summary:
        '{{ $labels.instance }} cuts a prompt into {{ $value | printf "%.0f" }} steps while answers take most of the token budget',
      condition: all(
        above(ratio(ask.mean('prefill-time', 120), ask.mean('itl', 120)), CHUNKS),
        above(ask.mean('prefill-time', 120), OF_TARGET * limits.ttft),
        above(
          ratio(
            ask.rate('output-tokens', 120),
            plus(
              ask.rate('output-tokens', 120),
              any(ask.rate('computed-prompt-tokens', 120), ask.rate('prompt-tokens', 120)),
            ),
          ),
          DECODES,
        ),
        below(ask.mean('itl', 120), product(literal(2), literal(limits.tbt))),
        below(ask.over('avg', 'kv-cache-usage', 60), KV_FULL),
      ),
    },
  ],
};
