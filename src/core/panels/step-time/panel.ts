import { type Values, stepsIn } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { fleetHistogram, fleetLine, histogramMean, replicaLine } from '../../evidence/lines.ts';
import { chosen, drawing, maskedBy } from '../drawing.ts';
import { panel } from '../panel.ts';
import { meanQuery, rateQuery } from '../queries.ts';

export const stepTime = panel({
  id: 'step-time',
  title: 'Step time',
  row: 'health',
  unit: 'seconds',
  measure: 'mean',
  help: 'Seconds per engine step that gave output, while requests were running all the time. Unchanged step time means the engine is as fast as before and the trouble is elsewhere.',
  signals: ['step-tokens', 'running'],
  decides: {
    'step-tokens': 'a slow engine from a full one',
    running: 'a slow step from an idle engine',
  },
  build(evidence, _targets, replicas) {
    const histogram = fleetHistogram(evidence, 'step-tokens', replicas);
    const perStep = histogram ? maskedBy(histogramMean(histogram, 1), histogram.count) : [];
    return drawing(
      stepTime,
      evidence,
      {
        lead: 'step',
        lines: [{ id: 'step', label: '', values: stepTimes(evidence, replicas), style: 'main' }],
        readouts: [
          { label: 'steps', values: histogram?.count ?? [], unit: 'steps-per-second' },
          { label: 'tokens a step', values: perStep, unit: 'count' },
        ],
        note: `mean over ${evidence.window} s of a busy batch`,
        silence: 'no steps',
        idle: rested(histogram?.count ?? null, evidence, replicas),
      },
      replicas,
    );
  },
  queries: (evidence) => [
    rateQuery(evidence, 'step-tokens', 'Engine steps per second; its inverse is the step time'),
    meanQuery(evidence, 'step-tokens', 'Tokens per step'),
  ],
});

/**
 * Mean step time: engines that were busy through the whole rate window ÷ their steps per second. An engine that rested part
 * of the window would look slow, so it is left out; one that is busy without stepping is left to the gap and its reason.
 */
export function stepTimes(evidence: Evidence, replicas?: readonly string[]): Values {
  const window = stepsIn(evidence.grid, evidence.window);
  const engines = chosen(evidence, replicas).flatMap((id) => {
    const histogram = evidence.readings['step-tokens']?.histograms.find((h) => h.replica === id);
    return histogram ? [{ steps: histogram.count, running: replicaLine(evidence, 'running', id) }] : [];
  });
  return Array.from({ length: evidence.grid.count }, (_, i) => {
    let busy = 0;
    let rate = 0;
    for (const { steps, running } of engines) {
      const perSecond = steps[i] ?? null;
      if (perSecond === null || perSecond <= 0) continue;
      let always = true;
      for (let j = Math.max(0, i - window); j <= i; j++) if (running?.[j] === 0) always = false;
      if (!always) continue;
      busy++;
      rate += perSecond;
    }
    return busy === 0 ? null : busy / rate;
  });
}

/** A batch that was empty for a while explains itself; one that holds requests and does not step is a gap to mark. */
function rested(steps: Values | null, evidence: Evidence, replicas?: readonly string[]): boolean[] {
  const running = fleetLine(evidence, 'running', replicas);
  return Array.from({ length: evidence.grid.count }, (_, i) => (steps?.[i] ?? 1) > 0 || (running?.[i] ?? 0) === 0);
}
