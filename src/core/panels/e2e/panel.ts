import { drawing, idleAt } from '../drawing.ts';
import { panel } from '../panel.ts';
import { percentilesOf } from '../percentiles.ts';
import { quantileQueries } from '../queries.ts';

export const e2e = panel({
  id: 'e2e',
  title: 'E2E',
  row: 'latency',
  unit: 'seconds',
  measure: '',
  help: 'Time from arrival to the last token. Only finished requests are in it, so it shows an incident one answer late, and those that never finish not at all.',
  signals: ['e2e'],
  decides: { e2e: 'how long a whole answer takes' },
  build(evidence, targets, replicas) {
    const read = percentilesOf(evidence, 'e2e', 'finished', targets.e2e, replicas);
    return drawing(
      e2e,
      evidence,
      {
        lead: 'p95',
        bands: read?.bands ?? [],
        lines: read ? [read.mean] : [],
        readouts: read ? [read.observed] : [],
        thresholds: [{ label: 'target', value: targets.e2e, tone: 'target' }],
        note: 'finished requests only, so it shows late',
        silence: 'nothing finished',
        idle: idleAt(evidence, replicas),
      },
      replicas,
    );
  },
  queries: (evidence) => quantileQueries(evidence, 'e2e'),
});
