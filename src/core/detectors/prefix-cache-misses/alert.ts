import {
  above,
  againstModel,
  all,
  below,
  minus,
  ofModel,
  onTarget,
  ratio,
  product,
  literal,
} from '../../promql/condition.ts';
import type { Alert } from '../alert.ts';

/** Shortfall at which the detector scores in full. */
const SHORTFALL = 0.4;
/** Seconds: it is how things always were, so a rule has time. */
const WINDOW = 1800;
/** Prompts a replica needs in the window to be compared. */
const PROMPTS = 25;

export const alert: Alert = {
  pathology: 'prefix-cache-misses',
  coarser: 'Why the cache finds nothing is decided by seven checks in the detector; a rule sees the shortfall alone.',
  rules: ({ ask, knobs }) => {
    const rate = ratio(ask.rate('prefix-cache-hits', WINDOW), ask.rate('prefix-cache-queries', WINDOW));
    const shared = knobs['shared-prefix-tokens'];
    const enough = above(ask.increase('ttft', WINDOW), PROMPTS);
    return [
      {
        name: 'prefix-cache-misses-scattered',
        fires: 'scattered',
        severity: 'warning' as const,
        holds: 120,
        summary:
          '{{ $labels.instance }} finds {{ $value | humanizePercentage }} less of its prompts in the prefix cache than its best peer',
        condition: all(
          above({ text: `(${againstModel('-', rate, ofModel('max', rate)).text}) * -1`, joined: true }, SHORTFALL),
          enough,
        ),
      },
      {
        name: 'prefix-cache-misses-switched-off',
        fires: 'off',
        severity: 'info' as const,
        holds: 120,
        summary: '{{ $labels.instance }} runs with prefix caching switched off',
        // Info series carry no model_name.
        condition: onTarget(ask.labelled('cache-config', 'enable_prefix_caching', '~[Ff]alse'), enough),
      },
      ...(shared === undefined
        ? []
        : [
            {
              name: 'prefix-cache-misses-structural',
              severity: 'warning' as const,
              holds: 120,
              summary: `{{ $labels.instance }} finds {{ $value | humanizePercentage }} of its prompts in the prefix cache although ${shared} tokens are shared`,
              condition: all(
                below(
                  rate,
                  minus(
                    product(literal(shared), ratio(literal(1), ask.mean('prompt-length', WINDOW))),
                    literal(SHORTFALL),
                  ),
                ),
                enough,
              ),
            },
          ]),
    ];
  },
};
