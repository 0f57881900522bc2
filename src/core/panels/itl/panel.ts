import { drawing, idleAt } from '../drawing.ts';
import { panel } from '../panel.ts';
import { percentilesOf } from '../percentiles.ts';
import { quantileQueries } from '../queries.ts';

export const itl = panel({
  id: 'itl',
  title: 'ITL',
  row: 'latency',
  unit: 'seconds',
  measure: '',
  help: 'Gap between two outputs of one request (TBT), over the last minute. The target is for the mean of a request, so compare it with the thin line: a few steps that carry a prefill are longer on a calm engine too.',
  signals: ['itl'],
  decides: { itl: 'whether answers stutter' },
  build(evidence, targets, replicas) {
    // No limit on the bands: the target is not meant for single steps (pathologies.md §14b.10).
    const read = percentilesOf(evidence, 'itl', 'steps', null, replicas);
    return drawing(
      itl,
      evidence,
      {
        lead: 'mean',
        bands: read?.bands ?? [],
        lines: read ? [{ ...read.mean, style: 'main' }] : [],
        readouts: read ? [read.observed] : [],
        thresholds: [{ label: 'target', value: targets.tbt, tone: 'target' }],
        note: 'p50 p95 p99 of steps; line: mean',
        silence: 'no tokens',
        idle: idleAt(evidence, replicas),
      },
      replicas,
    );
  },
  queries: (evidence) => quantileQueries(evidence, 'itl'),
});
