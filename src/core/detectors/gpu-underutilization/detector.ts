import type { Values } from '../../base/grid.ts';
import { all, fall } from '../../base/score.ts';
import { sayCount, sayDuration, sayShare, sig } from '../../base/say.ts';
import { maxOf, mean, quantile } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { smooth } from '../../evidence/lines.ts';
import { countOf, standsFor } from '../../evidence/stand-in.ts';
import { type Stretch, stretchOf } from '../../evidence/stretch.ts';
import type { Detector, Fact, Remedy } from '../detector.ts';
import { cannotTell, confidenceOf, detected, fact, missingOf, ruledOut, scopeOf } from '../finding.ts';
import { TARGET_LOAD } from '../../knobs/sizing.ts';
import { gaugeOf, rateOf } from '../trace-back.ts';

/** A cost finding needs the usual peak in the window (P03). */
const MIN_HOURS = 6;
/** Load at its 95th percentile from "clearly wasted" to "used". */
const LOAD = [0.15, 0.4] as const;
/** Load the fleet is sized for: what a failure or a burst adds on top must still fit. */
const SIZED_FOR = 0.7;

/** Shorter windows say it provisionally: seconds they must have, load they may reach, and what that is worth at best. */
const PROVISIONAL_SECONDS = 1200;
const PROVISIONAL_LOAD = 0.15;
const PROVISIONAL_CAP = 0.55;
/** Finished requests without which a fleet is idle, not underused; and the mean of running requests. */
const SERVED = 20;
const AT_WORK = 0.02;
/** Share of the scrapes of a short window in which a queue may stand. */
const WAITED = 0.02;
/** Waiting at once that make a queue in a single scrape; fewer must be seen twice in a row, since a request seen between its arrival and the next step waits, too. */
const QUEUE = 3;
/** Load of the last third ÷ that of the first from which traffic is on its way up. */
const CLIMBING = 1.4;
/** Highest confidence without SM activity. */
const NO_GPU_CAP = 0.75;

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
    const loads = judged.engines.map((e) => loadLine(judged, e));
    const peak = maxOf(loads.map((line) => quantile(line, 0.95)));
    const noGpu = judged.evidence.readings['gpu-sm-active']?.state !== 'present';
    if (peak === null) return cannotTell(this, this.needs, 'No sample in this window.');
    if (waited >= 2) return ruledOut(this, `up to ${sig(waited)} requests wait, so the engine is not short of work`);
    if (peak >= LOAD[1]) return ruledOut(this, `load reaches ${sig(peak)} in its busiest twentieth`);
    const seconds = judged.grid.count * judged.grid.step;
    const now = stretchOf(judged.engines, judged.grid, 0, judged.end);
    const short = seconds < MIN_HOURS * 3600;
    const served = Math.max(now.finished, now.started);
    const counted = now.finishes !== null || now.firstTokens !== null;
    if ((counted && served < SERVED) || (now.running ?? 0) < AT_WORK) {
      return ruledOut(
        this,
        `idle rather than underused: ${counted ? sayCount(served, 'request') : `${sig(now.running ?? 0)} running`} in ${sayDuration(seconds)}`,
      );
    }
    if (short) {
      const open = openOf(judged, loads, peak, seconds);
      if (open !== null)
        return cannotTell(
          this,
          noGpu ? ['gpu-sm-active'] : [],
          `Needs ${MIN_HOURS} h that include the usual peak; this window has ${sayDuration(seconds)}. ${open}`,
        );
    }
    const score = all(fall(peak, ...LOAD), fall(waited, 0.5, 2));
    if (score < 0.5) return ruledOut(this, `load reaches ${sig(peak)} in its busiest twentieth`);
    const n = countOf(judged.engines);
    const anybody = judged.engines.some((e) => (maxOf(e.trace.waiting ?? []) ?? 0) >= 1);
    const cap = Math.min(short ? PROVISIONAL_CAP : 0.95, noGpu ? NO_GPU_CAP : 0.95);
    return detected(this, {
      score,
      confidence: confidenceOf(score, 1, noGpu ? 0.75 : 1, 1, cap),
      severity: 'info',
      scope: scopeOf(judged, judged.engines),
      since: null,
      strength: loads[0]?.map((l) => (l === null ? null : fall(l, ...LOAD))) ?? [],
      lede: `Over ${sayDuration(seconds)} the ${n === 1 ? 'replica was' : `${n} replicas were`} at most ${sayShare(peak)} used, and ${anybody ? 'no queue stood' : 'nobody waited'}.${
        short
          ? ` That is what this window shows; look at a range that includes the usual peak before ${n === 1 ? 'you change anything' : 'removing replicas'}.`
          : ''
      }`,
      facts: factsOf(judged, loads, peak, now, seconds),
      remedies: [sizeOf(judged.engines, loads, peak, short)],
      willNotHelp: [{ title: 'Raising --max-num-seqs', why: 'nobody waits for a seat' }],
      missing: noGpu ? ['gpu-sm-active'] : [],
    });
  },
};

/** What a short window leaves open: a sentence; `null` where its load is clearly low throughout. */
function openOf(judged: Judged, loads: readonly Values[], peak: number, seconds: number): string | null {
  const busiest = `Busiest load so far ${sig(peak)}.`;
  if (seconds < PROVISIONAL_SECONDS || peak > PROVISIONAL_LOAD) return busiest;
  const waits = maxOf(judged.engines.map((e) => queuedShare(e.trace.waiting ?? []))) ?? 0;
  if (waits > WAITED) return `${busiest} A queue stood in ${sayShare(waits)} of scrapes.`;
  const third = Math.floor(judged.grid.count / 3);
  const total = (from: number, to: number) => loads.reduce((sum, line) => sum + (mean(line.slice(from, to)) ?? 0), 0);
  const first = total(0, third);
  const last = total(judged.grid.count - third, judged.grid.count);
  // Twice more the same climb, and the load is no longer low.
  if (last > CLIMBING * first && peak * (last / first) ** 2 >= LOAD[0])
    return `${busiest} It climbs: ${sig(first)} in the first third, ${sig(last)} in the last.`;
  return null;
}

function queuedShare(waiting: Values): number | null {
  const seen = waiting.filter((w) => w !== null).length;
  const queued = waiting.filter((w, i) => (w ?? 0) >= QUEUE || ((w ?? 0) >= 1 && (waiting[i - 1] ?? 0) >= 1)).length;
  return seen === 0 ? null : queued / seen;
}

/**
 * How much of an engine is used: the largest of KV usage, of seats used against the cap where it is known, and of prompts in
 * prefill on average, which is the share of time it reads while prompts are read one after the other.
 */
function loadLine(judged: Judged, engine: Engine): Values {
  const { trace, admission } = engine;
  const seats = admission.seats?.count ?? null;
  const reading = trace.prefillTime
    ? smooth(trace.prefillTime.sum, Math.max(1, Math.round(judged.main / judged.grid.step)))
    : null;
  return Array.from({ length: trace.grid.count }, (_, i) => {
    const u = trace.usage?.[i] ?? null;
    const r = trace.running?.[i] ?? null;
    if (u === null && r === null) return null;
    return Math.max(u ?? 0, r !== null && seats !== null ? r / seats : 0, Math.min(1, reading?.[i] ?? 0));
  });
}

function factsOf(judged: Judged, loads: readonly Values[], peak: number, now: Stretch, seconds: number): Fact[] {
  const sm = judged.evidence.readings['gpu-sm-active']?.lines.map((l) => mean(l.values)) ?? [];
  return [
    fact({
      signal: 'running',
      says: `load at most ${sig(peak)} in ${sayDuration(seconds)}`,
      figure: sig(peak),
      label: 'of capacity at the busiest twentieth',
      compared: `planned ${TARGET_LOAD}`,
      detail: 'the largest of seats used (where their number is known), KV cache used, and time spent reading prompts',
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
      detail: `${sig(now.finishes ?? 0)} requests/s, ${sig(now.running ?? 0)} running`,
      observed: now.output,
      expected: null,
      unit: 'tokens-per-second',
      query: rateOf(judged, judged.engines, 'output-tokens', Math.min(3600, Math.round(seconds))),
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
  ];
}

/** Replicas for the sum of the busiest loads; for one that is left, what else could be done. */
function sizeOf(engines: readonly Engine[], loads: readonly Values[], peak: number, short: boolean): Remedy {
  const n = countOf(engines);
  const busiest = loads.map((line) => quantile(line, 0.95) ?? 0);
  const total = busiest.reduce((sum, load, k) => sum + load * standsFor((engines[k] as Engine).trace.replica), 0);
  const to = Math.max(1, Math.ceil(total / SIZED_FOR));
  if (to >= n)
    return {
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
    };
  const even = busiest.every((load) => Math.abs(load - peak) < 0.005);
  return {
    title: `Run ${sayCount(to, 'replica')} instead of ${n}${short ? ', if the usual peak agrees' : ''}`,
    knob: null,
    from: n,
    to,
    flag: null,
    why: 'The same traffic fits fewer engines.',
    steps: [
      {
        sum: even
          ? `${n} replicas × ${sig(peak)} at the busiest twentieth`
          : `${busiest.length <= 6 ? busiest.map((load) => sig(load)).join(' + ') : `busiest twentieth of ${n} replicas, added up`}`,
        result: `${sig(total)} replicas' worth of load`,
      },
      { sum: `${sig(total)} ÷ ${SIZED_FOR}, rounded up`, result: sayCount(to, 'replica') },
    ],
    expect: `Load ${sig(total / to)} at the peak of this window.`,
    risk: 'Less slack for a burst; keep one spare if a cold start takes minutes.',
    verify: 'Targets hold through a full peak.',
    needsRestart: false,
  };
}
