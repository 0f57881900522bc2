import type { Evidence } from '../../evidence/evidence.ts';
import { fleetHistogram, histogramMean } from '../../evidence/lines.ts';
import type { SignalId } from '../../signals/index.ts';
import { drawing, idleAt, maskedBy, trailingSteps } from '../drawing.ts';
import { panel } from '../panel.ts';
import { PERCENTILE_SECONDS } from '../percentiles.ts';
import { meanQuery } from '../queries.ts';

export const lengths = panel({
  id: 'lengths',
  title: 'Request length',
  row: 'cache',
  unit: 'tokens',
  measure: 'mean',
  help: 'Mean tokens of the prompts and the answers that finished in the last minute. A change of traffic shows here, one answer late.',
  signals: ['output-length', 'prompt-length'],
  decides: {
    'output-length': 'whether answers grew',
    'prompt-length': 'whether prompts grew',
  },
  build(evidence, _targets, replicas) {
    return drawing(
      lengths,
      evidence,
      {
        lead: 'answer',
        lines: [
          { id: 'prompt', label: 'prompt', values: meanLength(evidence, 'prompt-length', replicas), style: 'second' },
          { id: 'answer', label: 'answer', values: meanLength(evidence, 'output-length', replicas), style: 'main' },
        ],
        note: 'of requests finished in the last minute',
        silence: 'nothing finished',
        idle: idleAt(evidence, replicas),
        carriedBy: ['output-length', 'prompt-length'],
      },
      replicas,
    );
  },
  queries: (evidence) => [
    meanQuery(evidence, 'output-length', 'Mean answer length'),
    meanQuery(evidence, 'prompt-length', 'Mean prompt length'),
  ],
});

function meanLength(evidence: Evidence, id: SignalId, replicas?: readonly string[]): (number | null)[] {
  const histogram = fleetHistogram(evidence, id, replicas);
  if (!histogram) return [];
  return maskedBy(histogramMean(histogram, trailingSteps(evidence, PERCENTILE_SECONDS)), histogram.count);
}
