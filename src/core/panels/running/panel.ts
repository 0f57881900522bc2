import { maxOf } from '../../base/statistics.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { fleetHistogram, fleetLine, histogramMean } from '../../evidence/lines.ts';
import { chosen, drawing, maskedBy } from '../drawing.ts';
import { panel } from '../panel.ts';
import { gaugeQuery, meanQuery } from '../queries.ts';
import { worstReplica } from '../replicas.ts';

/** Tokens per step are drawn beside the batch only while that leaves the batch readable; beyond, they are told at the cursor. */
const READABLE = 4;

export const running = panel({
  id: 'running',
  title: 'Running',
  row: 'queue',
  unit: 'requests',
  measure: '',
  help: 'Requests in the batch, against the seats (max_num_seqs) where they are known. Tokens per step: one for each answer being written, the rest are prompts.',
  signals: ['running', 'step-tokens'],
  decides: {
    running: 'how full the batch is',
    'step-tokens': 'how much of a step goes into prompts',
  },
  build(evidence, _targets, replicas) {
    const batch = fleetLine(evidence, 'running', replicas);
    const sizes = fleetHistogram(evidence, 'batch-size', replicas);
    if (batch === null && sizes) {
      return drawing(
        { ...running, signals: ['batch-size'] },
        evidence,
        {
          lead: 'batch-size',
          lines: [
            { id: 'batch-size', label: '', values: maskedBy(histogramMean(sizes, 1), sizes.count), style: 'main' },
          ],
          note: 'mean of the decode batches: how many run now is not measured',
        },
        replicas,
      );
    }
    const seats = seatsOf(evidence, replicas);
    const histogram = fleetHistogram(evidence, 'step-tokens', replicas);
    const perStep = histogram ? maskedBy(histogramMean(histogram, 1), histogram.count) : [];
    const room = READABLE * Math.max(maxOf(batch ?? []) ?? 0, seats ?? 0);
    const readable = (maxOf(perStep) ?? 0) <= room;
    return drawing(
      running,
      evidence,
      {
        lead: 'running',
        lines: [
          ...(readable
            ? [
                {
                  id: 'step-tokens',
                  label: 'tokens a step',
                  values: perStep,
                  style: 'second' as const,
                  unit: 'count' as const,
                },
              ]
            : []),
          ...worstReplica(evidence, 'running', replicas),
          {
            id: 'running',
            label: readable && perStep.length > 0 ? 'running' : '',
            values: batch ?? [],
            style: 'main',
            stepped: true,
          },
        ],
        readouts: readable ? [] : [{ label: 'tokens a step', values: perStep, unit: 'count' }],
        thresholds: seats === null ? [] : [{ label: 'seats', value: seats, tone: 'limit' }],
        note:
          seats === null
            ? 'seat cap not known: no metric carries it'
            : `against ${seats} seats${readable ? ', and tokens per step' : ''}`,
      },
      replicas,
    );
  },
  queries: (evidence) => [
    ...(evidence.readings['batch-size']?.histograms.length
      ? [meanQuery(evidence, 'batch-size', 'Mean decode batch')]
      : []),
    gaugeQuery(evidence, 'running', 'Running'),
    meanQuery(evidence, 'step-tokens', 'Tokens per step'),
  ],
});

/** Seats of all engines: as told, else as the engines state them; `null` if neither. */
function seatsOf(evidence: Evidence, replicas?: readonly string[]): number | null {
  const perEngine = evidence.knobs['max-num-seqs'];
  if (perEngine !== undefined) return perEngine * Math.max(1, chosen(evidence, replicas).length);
  return fleetLine(evidence, 'seats', replicas)?.findLast((value) => value !== null) ?? null;
}
