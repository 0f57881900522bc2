import { drawing, idleAt } from '../drawing.ts';
import { panel } from '../panel.ts';
import { percentilesOf } from '../percentiles.ts';
import { quantileQueries } from '../queries.ts';

export const ttft = panel({
  id: 'ttft',
  title: 'TTFT',
  row: 'latency',
  unit: 'seconds',
  measure: '',
  help: 'Time from arrival to the first token, over the last minute. A percentile is drawn as the interval its bucket allows, both edges; the thin line is the mean.',
  signals: ['ttft'],
  decides: { ttft: 'how long users wait for a first token' },
  build(evidence, targets, replicas) {
    const read = percentilesOf(evidence, 'ttft', 'first tokens', targets.ttft, replicas);
    return drawing(
      ttft,
      evidence,
      {
        lead: 'p95',
        bands: read?.bands ?? [],
        lines: read ? [read.mean] : [],
        readouts: read ? [read.observed] : [],
        thresholds: [{ label: 'target', value: targets.ttft, tone: 'target' }],
        note: read?.caveat || 'p50 p95 p99 as buckets; line: mean',
        silence: 'no first tokens',
        idle: idleAt(evidence, replicas),
      },
      replicas,
    );
  },
  queries: (evidence) => quantileQueries(evidence, 'ttft'),
});
