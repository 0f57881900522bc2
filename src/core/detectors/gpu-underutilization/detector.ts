import type { Values } from '../../base/grid.ts';
import { all, fall } from '../../base/score.ts';
import { sayCount, sayDuration, sayShare, sig } from '../../base/say.ts';
import { maxOf, mean, quantile } from '../../base/statistics.ts';
import type { Engine } from '../../evidence/judged.ts';
import { stretchOf } from '../../evidence/stretch.ts';
import type { Detector } from '../detector.ts';
import { cannotTell, confidenceOf, detected, fact, missingOf, ruledOut, scopeOf } from '../finding.ts';
import { TARGET_LOAD } from '../sizing.ts';
import { gaugeOf, rateOf } from '../trace-back.ts';

/** A cost finding needs the usual peak in the window (P03). */
const MIN_HOURS = 6;
/** Load at its 95th percentile from "clearly wasted" to "used". */
const LOAD = [0.15, 0.4] as const;

export const gpuUnderutilization: Detector = {
  id: 'gpu-underutilization',
  title: 'GPU underutilization',
  mechanism:
    'The engine is paid for but not fed: little demand, too many replicas, or a choke before it. A matter of cost, not an incident.',
  needs: ['running', 'waiting', 'kv-cache-usage'],
  judge(judged) {
    const missing = missingOf(judged, this.needs);
    if (missing.length > 0) return cannotTell(this, missing, 'Scrape the scheduler gauges.');
    const waited = maxOf(judged.engines.map((e) => quantile(e.trace.waiting ?? [], 0.95))) ?? 0;
    const loads = judged.engines.map((e) => loadLine(e));
    const peak = maxOf(loads.map((line) => quantile(line, 0.95)));
    const noGpu = judged.evidence.readings['gpu-sm-active']?.state !== 'present';
    if (peak === null) return cannotTell(this, this.needs, 'No sample in this window.');
    if (waited >= 2) return ruledOut(this, `up to ${sig(waited)} requests wait, so the engine is not short of work`);
    if (peak >= LOAD[1]) return ruledOut(this, `load reaches ${sig(peak)} in its busiest twentieth`);
    const hours = (judged.grid.count * judged.grid.step) / 3600;
    if (hours < MIN_HOURS) {
      return cannotTell(
        this,
        noGpu ? ['gpu-sm-active'] : [],
        `Needs ${MIN_HOURS} h that include the usual peak; this window has ${sayDuration(hours * 3600)}. Busiest load so far ${sig(peak)}.`,
      );
    }
    const score = all(fall(peak, ...LOAD), fall(waited, 0.5, 2));
    if (score < 0.5) return ruledOut(this, `load reaches ${sig(peak)} in its busiest twentieth`);
    const now = stretchOf(judged.engines, judged.grid, 0, judged.end);
    const n = judged.engines.length;
    const total = loads.reduce((sum, line) => sum + (quantile(line, 0.95) ?? 0), 0);
    const to = Math.max(1, Math.ceil(total / 0.7));
    const sm = judged.evidence.readings['gpu-sm-active']?.lines.map((l) => mean(l.values)) ?? [];
    return detected(this, {
      score,
      confidence: confidenceOf(score, 1, noGpu ? 0.75 : 1, 1, noGpu ? 0.75 : 0.95),
      severity: 'info',
      scope: scopeOf(judged, judged.engines),
      since: null,
      strength: loads[0]?.map((l) => (l === null ? null : fall(l, ...LOAD))) ?? [],
      lede: `Over ${sayDuration(hours * 3600)} the ${n === 1 ? 'replica was' : `${n} replicas were`} at most ${sayShare(peak)} used, and nobody waited.`,
      facts: [
        fact({
          signal: 'running',
          says: `load at most ${sig(peak)} in ${sayDuration(hours * 3600)}`,
          figure: sig(peak),
          label: 'of capacity at the busiest twentieth',
          compared: `planned ${TARGET_LOAD}`,
          detail: 'the larger of seats used (against the most ever seen running) and KV cache used',
          observed: peak,
          expected: TARGET_LOAD,
          unit: 'ratio',
          query: gaugeOf(judged, judged.engines, 'kv-cache-usage'),
          trend: loads[0] ?? null,
        }),
        fact({
          signal: 'output-tokens',
          says: `${sig(now.output ?? 0)} output tokens/s on average`,
          figure: sig(now.output ?? 0),
          label: 'output tokens/s on average',
          compared: '',
          detail: `${sig(now.finishes ?? 0)} requests/s`,
          observed: now.output,
          expected: null,
          unit: 'tokens-per-second',
          query: rateOf(judged, judged.engines, 'output-tokens', 3600),
          trend: judged.engines[0]?.trace.output ?? null,
        }),
        ...(maxOf(sm) === null
          ? []
          : [
              fact({
                signal: 'gpu-sm-active',
                says: `SM activity ${sig(maxOf(sm) ?? 0)} on average`,
                figure: sig(maxOf(sm) ?? 0),
                label: 'SM activity on average',
                compared: 'well fed > 0.8',
                unit: 'ratio',
                observed: maxOf(sm),
                expected: 0.8,
              }),
            ]),
      ],
      remedies:
        to < n
          ? [
              {
                title: `Run ${sayCount(to, 'replica')} instead of ${n}`,
                knob: null,
                from: n,
                to,
                flag: null,
                why: 'The same traffic fits fewer engines.',
                steps: [{ sum: `sum of busiest loads ${sig(total)} ÷ 0.7`, result: sayCount(to, 'replica') }],
                expect: `Load ${sig(total / to)} at the peak.`,
                risk: 'Less slack for a burst; keep one spare if a cold start takes minutes.',
                verify: 'Targets hold through a full peak.',
                needsRestart: false,
              },
            ]
          : [
              {
                title: 'Check what chokes traffic before vLLM, or share the GPU',
                knob: null,
                from: null,
                to: null,
                flag: null,
                why: 'Compare requests in flight at the gateway with running + waiting here: fewer here means the limit is upstream. Otherwise a smaller GPU or batch traffic in the gaps saves money.',
                steps: [],
                expect: 'Either more work arrives, or less is paid for.',
                risk: 'None for latency while nobody waits.',
                verify: 'Targets hold through a full peak.',
                needsRestart: false,
              },
            ],
      willNotHelp: [{ title: 'Raising --max-num-seqs', why: 'nobody waits for a seat' }],
      missing: noGpu ? ['gpu-sm-active'] : [],
    });
  },
};

/** The larger of KV usage and of seats used against the cap, if it is known. */
function loadLine(engine: Engine): Values {
  const { trace, admission } = engine;
  const seats = admission.seats?.count ?? null;
  return Array.from({ length: trace.grid.count }, (_, i) => {
    const u = trace.usage?.[i] ?? null;
    const r = trace.running?.[i] ?? null;
    if (u === null && r === null) return null;
    return Math.max(u ?? 0, r !== null && seats !== null ? r / seats : 0);
  });
}
