import { fleetLine } from '../../evidence/lines.ts';
import { drawing, idleAt } from '../drawing.ts';
import { panel } from '../panel.ts';
import { rateQuery } from '../queries.ts';

export const tokens = panel({
  id: 'tokens',
  title: 'Tokens',
  row: 'health',
  unit: 'tokens-per-second',
  measure: '',
  help: 'Output tokens written and prompt tokens taken in per second, cached ones included. Prompt tokens are booked when their prefill ends.',
  signals: ['output-tokens', 'prompt-tokens'],
  decides: {
    'output-tokens': 'whether the engine does useful work',
    'prompt-tokens': 'whether prompts grew or stopped',
  },
  build(evidence, _targets, replicas) {
    return drawing(
      tokens,
      evidence,
      {
        lead: 'output',
        lines: [
          {
            id: 'prompt',
            label: 'prompt',
            values: fleetLine(evidence, 'prompt-tokens', replicas) ?? [],
            style: 'second',
          },
          {
            id: 'output',
            label: 'output',
            values: fleetLine(evidence, 'output-tokens', replicas) ?? [],
            style: 'main',
          },
        ],
        note: `output and prompts, over ${evidence.window} s`,
        silence: 'no tokens',
        idle: idleAt(evidence, replicas),
        carriedBy: ['output-tokens', 'prompt-tokens'],
      },
      replicas,
    );
  },
  queries: (evidence) => [
    rateQuery(evidence, 'output-tokens', 'Output tokens per second'),
    rateQuery(evidence, 'prompt-tokens', 'Prompt tokens per second'),
  ],
});
