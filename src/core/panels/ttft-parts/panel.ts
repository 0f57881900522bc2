import type { Values } from '../../base/grid.ts';
import { fleetHistogram, histogramMean } from '../../evidence/lines.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { SignalId } from '../../signals/index.ts';
import { drawing, idleAt, maskedBy, newest, trailingSteps } from '../drawing.ts';
import { panel } from '../panel.ts';
import { PERCENTILE_SECONDS } from '../percentiles.ts';
import { meanQuery } from '../queries.ts';

/**
 * Means add up, quantiles do not. Queue, prefill and front end are known when a request finishes, TTFT when its first token
 * leaves; what TTFT has more than the parts is drawn as not yet in finishes (pathologies.md §9).
 */
export const ttftParts = panel({
  id: 'ttft-parts',
  title: 'Where TTFT goes',
  row: 'latency',
  unit: 'seconds',
  measure: 'mean',
  help: 'Mean queue, prefill and front-end time of finished requests, stacked; dashes are the mean TTFT of first tokens. The hatched rest has reached first tokens but not yet finishes.',
  signals: ['ttft', 'queue-time', 'prefill-time', 'e2e', 'inference-time'],
  decides: {
    ttft: 'how long users wait for a first token',
    'queue-time': 'whether the wait is spent in the queue',
    'prefill-time': 'whether the wait is spent computing prompts',
    e2e: 'whether the front end adds to the wait',
    'inference-time': 'whether the front end adds to the wait',
  },
  build(evidence, _targets, replicas) {
    const steps = trailingSteps(evidence, PERCENTILE_SECONDS);
    const meanOf = (id: SignalId) => meanLine(evidence, id, steps, replicas);
    const ttft = meanOf('ttft');
    const queue = meanOf('queue-time');
    const prefill = meanOf('prefill-time');
    const e2e = meanOf('e2e');
    const inference = meanOf('inference-time');
    const at = (values: Values | null, i: number): number | null => values?.[i] ?? null;
    const times = Array.from({ length: evidence.grid.count }, (_, i) => i);
    const front = times.map((i) => {
      const parts = [at(e2e, i), at(queue, i), at(inference, i)];
      return parts.includes(null)
        ? null
        : Math.max(0, (parts[0] as number) - (parts[1] as number) - (parts[2] as number));
    });
    const rest = times.map((i) => {
      const whole = at(ttft, i);
      if (whole === null || (!queue && !prefill)) return null;
      const known = (at(queue, i) ?? 0) + (at(prefill, i) ?? 0) + (front[i] ?? 0);
      return Math.max(0, whole - known);
    });
    return drawing(
      ttftParts,
      evidence,
      {
        lead: largest([
          ['queue', queue],
          ['prefill', prefill],
          ['front', front],
          ['rest', rest],
        ]),
        stacks: [
          { id: 'prefill', label: 'prefill', values: prefill ?? [], style: 'second' },
          { id: 'front', label: 'front end', values: front, style: 'thin' },
          { id: 'queue', label: 'queue', values: queue ?? [], style: 'main' },
          { id: 'rest', label: 'not yet in finishes', values: rest, style: 'hatched' },
        ],
        lines: ttft ? [{ id: 'ttft', label: 'mean TTFT', values: ttft, style: 'dashed' }] : [],
        note: 'parts at finish; dashes: at first token',
        silence: 'no first tokens',
        idle: idleAt(evidence, replicas),
        carriedBy: ['ttft', 'queue-time', 'prefill-time'],
      },
      replicas,
    );
  },
  queries: (evidence) => [
    meanQuery(evidence, 'queue-time', 'Mean queue time'),
    meanQuery(evidence, 'prefill-time', 'Mean prefill time'),
    meanQuery(evidence, 'e2e', 'Mean E2E; less queue and inference it is the front end'),
    meanQuery(evidence, 'inference-time', 'Mean inference time'),
    meanQuery(evidence, 'ttft', 'Mean TTFT'),
  ],
});

function meanLine(evidence: Evidence, id: SignalId, steps: number, replicas?: readonly string[]): Values | null {
  const histogram = fleetHistogram(evidence, id, replicas);
  return histogram ? maskedBy(histogramMean(histogram, steps), histogram.count) : null;
}

/** The part that is largest now is told beside the title. */
function largest(parts: readonly (readonly [string, Values | null])[]): string {
  let best = '';
  let most = -1;
  for (const [id, values] of parts) {
    const now = newest(values) ?? -1;
    if (now > most) {
      most = now;
      best = id;
    }
  }
  return best;
}
