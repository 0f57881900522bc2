import { fleetHistogram, histogramMean } from '../../evidence/lines.ts';
import { drawing, idleAt, maskedBy, trailingSteps } from '../drawing.ts';
import { panel } from '../panel.ts';
import { PERCENTILE_SECONDS } from '../percentiles.ts';
import { meanQuery } from '../queries.ts';

export const queueTime = panel({
  id: 'queue-time',
  title: 'Queue time',
  row: 'queue',
  unit: 'seconds',
  measure: 'mean',
  help: 'Mean time in the queue of the requests that finished in the last minute. It lags by one answer, and those still waiting are not in it. Its buckets start at 0.3 s, so the mean is drawn.',
  signals: ['queue-time'],
  decides: { 'queue-time': 'whether users wait for a seat or for their prompt' },
  build(evidence, _targets, replicas) {
    const histogram = fleetHistogram(evidence, 'queue-time', replicas);
    const mean = histogram
      ? maskedBy(histogramMean(histogram, trailingSteps(evidence, PERCENTILE_SECONDS)), histogram.count)
      : [];
    return drawing(
      queueTime,
      evidence,
      {
        lead: 'mean',
        lines: [{ id: 'mean', label: '', values: mean, style: 'main', area: true }],
        note: 'of finished requests, so it lags',
        silence: 'nothing finished',
        idle: idleAt(evidence, replicas),
      },
      replicas,
    );
  },
  queries: (evidence) => [meanQuery(evidence, 'queue-time', 'Mean queue time')],
});
