import { fleetLine } from '../../evidence/lines.ts';
import { drawing } from '../drawing.ts';
import { panel } from '../panel.ts';
import { rateQuery } from '../queries.ts';

export const preemptions = panel({
  id: 'preemptions',
  title: 'Preemptions',
  row: 'queue',
  unit: 'per-second',
  measure: '',
  help: 'Running requests pushed out of the KV cache per second. Each one is computed again from its prompt. Without asynchronous scheduling it counts only when the victim resumes.',
  signals: ['preemptions'],
  decides: { preemptions: 'cache thrashing from an orderly queue' },
  build(evidence, _targets, replicas) {
    return drawing(
      preemptions,
      evidence,
      {
        lead: 'preemptions',
        lines: [
          {
            id: 'preemptions',
            label: '',
            values: fleetLine(evidence, 'preemptions', replicas) ?? [],
            style: 'main',
            area: true,
            accent: true,
          },
        ],
        note: 'each one recomputes a whole request',
      },
      replicas,
    );
  },
  queries: (evidence) => [rateQuery(evidence, 'preemptions', 'Preemptions per second')],
});
