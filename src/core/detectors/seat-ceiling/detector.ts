import type { Values } from '../../base/grid.ts';
import { all, fall, ramp } from '../../base/score.ts';
import { sayCount, sayDuration, sayShare, sig } from '../../base/say.ts';
import { fitLine, maxOf, shareOf } from '../../base/statistics.ts';
import { bindingShare } from '../../evidence/admission.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { countOf } from '../../evidence/stand-in.ts';
import { momentsOf, type Stretch } from '../../evidence/stretch.ts';
import { over, recent } from '../../evidence/trace.ts';
import type { Detector, Finding, Remedy } from '../detector.ts';
import { confidenceOf, detected, fact, sayDrain, severityOf, untold } from '../finding.ts';
import { replicasFor, residentSpread, roundSeats, safeSeats } from '../../knobs/sizing.ts';
import { type Signature, study } from '../study.ts';
import { changedOf, hurtsOf } from '../story.ts';
import { gaugeOf } from '../trace-back.ts';

export const seatCeiling: Detector = {
  id: 'seat-ceiling',
  title: 'max_num_seqs ceiling',
  mechanism:
    'All seats the scheduler may fill are taken while memory and engine time are left, so requests queue for a number in a config file.',
  needs: ['running', 'waiting', 'kv-cache-usage'],
  judge(judged) {
    return study(this, judged, SIGNATURE, ({ sighting, engines, one, split, then, now, standing }) => {
      const seats = one.admission.seats;
      // Without the pool's size memory may bind; without first tokens of each replica it may be their share of arrivals.
      const apart = untold(judged, judged.engines.length > 1 ? ['cache-config', 'ttft'] : ['cache-config']);
      const n = seats?.count ?? 0;
      return detected(this, {
        ...standing,
        confidence: confidenceOf(sighting.score, sighting.persistence, 1, seats?.inferred ? 0.93 : 1, apart.cap),
        severity: severityOf(judged, engines, false),
        lede: `${sayCount(now.waitingLast ?? 0, 'request')} wait for one of ${n} seats${countOf(engines) > 1 ? ' a replica' : ''}, with the KV cache at ${sig(now.usage ?? 0)}.${sayDrain(judged, engines)}`,
        facts: factsOf(judged, engines, then, now, split),
        story: {
          changed: changedOf(then, now),
          broke: {
            at: standing.since,
            title: `All ${n} seats taken`,
            says: `${sig(now.running ?? 0)} running, KV cache at most ${sig(now.usageMax ?? 0)}`,
          },
          hurts: hurtsOf(judged, engines, now),
        },
        remedies: remediesOf(judged, engines, now, split),
        missing: apart.missing,
        willNotHelp: [
          { title: 'More KV cache', why: `${sayShare(1 - (now.usageMax ?? 0))} of it is free at the busiest moment` },
          { title: 'A larger token budget', why: 'requests wait for a seat, not for prompt tokens' },
        ],
      });
    });
  },
};

const SIGNATURE: Signature = {
  ask: 'Scrape vllm:num_requests_running, vllm:num_requests_waiting and vllm:kv_cache_usage_perc.',
  strength: strengthOf,
  early: earlySign,
  whyNot,
};

/** Pinned at the cap, somebody waits, memory free: pathologies.md P08 with the cap read off a flat top where it is not told. */
function strengthOf(judged: Judged, engine: Engine): Values {
  const { trace, admission } = engine;
  const { grid } = judged;
  return Array.from({ length: grid.count }, (_, i) => {
    const running = over(trace.running, grid, i, judged.fast);
    const waiting = over(trace.waiting, grid, i, judged.fast);
    if (running === null || waiting === null || over(trace.usage, grid, i, judged.fast) === null) return null;
    const bound = bindingShare(trace, admission, i, judged.fast, 'seats');
    if (bound === 0) return 0;
    const n = Math.max(1, admission.seats?.count ?? running);
    // A seat cap never pins running while the pool is full: then it is memory that decides.
    const usage = maxOf(recent(trace.usage, grid, i, judged.fast)) ?? 1;
    return all(ramp(bound, 0.5, 0.9), ramp(waiting / n, 0.03, 0.4), fall(usage, 0.9, 0.99));
  });
}

function earlySign(judged: Judged, engine: Engine): Values {
  const { trace, admission } = engine;
  const n = admission.seats?.count ?? Number.POSITIVE_INFINITY;
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const r = trace.running?.[i] ?? null;
    const w = trace.waiting?.[i] ?? null;
    if (r === null || w === null) return null;
    return w >= 1 && r >= n - 1 ? 1 : 0;
  });
}

function factsOf(
  judged: Judged,
  engines: readonly Engine[],
  then: Stretch,
  now: Stretch,
  split: number,
): Finding['facts'] {
  const one = engines[0] as Engine;
  const seats = one.admission.seats;
  const n = seats?.count ?? 0;
  const pinned = shareOf(one.trace.running?.slice(split) ?? [], (r) => r >= n - 1) ?? 0;
  return [
    fact({
      signal: 'running',
      says: `running ${sig((now.running ?? 0) / countOf(engines))} of ${n} seats, pinned in ${sayShare(pinned)} of scrapes`,
      figure: `${sig(Math.round((now.running ?? 0) / countOf(engines)))} of ${n}`,
      label: seats?.inferred ? 'seats taken; the cap is read off the flat top' : 'seats taken',
      compared: then.running === null ? '' : `before ${sig(then.running / countOf(engines))}`,
      detail: `at the cap in ${sayShare(pinned)} of scrapes since`,
      observed: now.running,
      expected: then.running,
      unit: 'requests',
      query: gaugeOf(judged, engines, 'running'),
      trend: one.trace.running,
      limit: n,
    }),
    fact({
      signal: 'kv-cache-usage',
      says: `KV cache at ${sig(now.usage ?? 0)}, at most ${sig(now.usageMax ?? 0)}`,
      figure: sig(now.usage ?? 0),
      label: 'of the KV cache is held: memory is free',
      compared: 'full at 1',
      detail: `at most ${sig(now.usageMax ?? 0)} since`,
      observed: now.usage,
      expected: 1,
      unit: 'ratio',
      query: gaugeOf(judged, engines, 'kv-cache-usage'),
      trend: one.trace.usage,
    }),
    fact({
      signal: 'waiting',
      says: `${sayCount(now.waitingLast ?? 0, 'request')} waiting`,
      figure: sig(now.waitingLast ?? 0),
      label: 'requests wait for a seat',
      compared: `before ${sig(then.waiting ?? 0)}`,
      detail:
        now.arrivals === null || now.finishes === null
          ? ''
          : `${sig(now.arrivals)}/s arrive (inferred), ${sig(now.finishes)}/s finish`,
      observed: now.waitingLast,
      expected: then.waiting,
      unit: 'requests',
      query: gaugeOf(judged, engines, 'waiting'),
      trend: one.trace.waiting,
    }),
  ];
}

function remediesOf(judged: Judged, engines: readonly Engine[], now: Stretch, split: number): Remedy[] {
  const one = engines[0] as Engine;
  const seats = one.admission.seats?.count ?? 1;
  const capacity = one.trace.capacity;
  const steps: { sum: string; result: string }[] = [];
  const perReplica = (now.arrivals ?? 0) / countOf(engines);
  const verify = 'Within 5 min: running floats below the cap, waiting falls to 0, time per token stays within target.';
  // What fits the pool.
  const prompts = momentsOf(one.trace.promptLength, split, judged.end);
  const answers = momentsOf(one.trace.outputLength, split, judged.end);
  const held = now.held;
  const fit =
    capacity !== null && held !== null
      ? safeSeats(capacity, held, residentSpread(prompts?.variance ?? 0, answers?.mean ?? held, answers?.variance ?? 0))
      : null;
  if (fit)
    steps.push({
      sum: `${sig(fit.usable)} usable tokens ÷ ${sig(held ?? 0)} each, 1 % risk`,
      result: `${fit.seats} fit the cache`,
    });
  // What the token pace allows: mean gap between tokens against running, from this window.
  const gap = one.trace.itl?.sum.map((s, i) => {
    const c = one.trace.itl?.count[i] ?? null;
    return s === null || c === null || c <= 0 ? null : s / c;
  });
  const line = gap && one.trace.running ? fitLine(one.trace.running, gap) : null;
  const pace = line && line.slope > 1e-6 ? Math.max(seats, (judged.limits.tbt - line.intercept) / line.slope) : null;
  if (line && pace !== null) {
    steps.push({
      sum: `(${sayDuration(judged.limits.tbt)} − ${sayDuration(line.intercept)}) ÷ ${sayDuration(line.slope)} a request`,
      result: `${sig(roundSeats(pace))} keep the token target`,
    });
  }
  // What the demand needs: Little's law with a quarter to spare.
  const residence = now.answer !== null && now.itl !== null ? now.answer * now.itl + (now.prefill ?? 0) : null;
  const needed = residence !== null ? (perReplica * residence) / 0.75 : null;
  if (needed !== null && residence !== null) {
    steps.push({
      sum: `${sig(perReplica)}/s × ${sayDuration(residence)} ÷ 0.75`,
      result: `${sig(Math.ceil(needed))} needed`,
    });
  }
  const ceiling = Math.min(
    fit?.seats ?? Number.POSITIVE_INFINITY,
    pace === null ? Number.POSITIVE_INFINITY : roundSeats(pace),
  );
  const wanted = needed === null ? seats * 2 : Math.ceil(needed / 8) * 8;
  const to = Math.max(
    Math.min(Number.isFinite(ceiling) ? ceiling : wanted, wanted),
    seats >= 8 ? seats + 8 : seats * 2,
  );
  const out: Remedy[] = [];
  if (to > seats) {
    const itl = line ? line.intercept + line.slope * Math.min(to, needed ?? to) : null;
    out.push({
      title: `Raise the seat cap from ${seats} to ${to}`,
      knob: 'max-num-seqs',
      from: seats,
      to,
      flag: `--max-num-seqs ${to}`,
      why: `Memory carries ${fit ? fit.seats : 'more'} requests of this size; the cap stops at ${seats}.`,
      steps: [...steps, { sum: 'the smallest of these, a multiple of 8', result: `${to} seats` }],
      expect: `The queue of ${sig(now.waitingLast ?? 0)} drains; running settles near ${sig(Math.min(to, (needed ?? to) * 0.75))} a replica.`,
      risk: `${itl === null ? 'Tokens come a little slower with more running' : `Tokens come every ${sayDuration(itl)} instead of ${sayDuration(now.itl ?? 0)}${to > seats * 1.5 ? ' (beyond what was observed: an extrapolation)' : ''}`}; CUDA graphs for the larger batch take GPU memory.`,
      verify,
      needsRestart: true,
    });
  }
  const replicas = replicasFor(countOf(engines), needed === null ? 0 : needed / seats);
  out.push({
    title: replicas > countOf(engines) ? `Or run ${replicas} replicas` : 'Or add a replica',
    knob: null,
    from: countOf(engines),
    to: Math.max(replicas, countOf(engines) + 1),
    flag: null,
    why: 'More seats without slower tokens.',
    steps:
      needed === null
        ? [{ sum: 'demand unknown: no answer lengths', result: 'one more, then look again' }]
        : [
            {
              sum: `${sig(needed * countOf(engines))} seats ÷ ${seats} a replica`,
              result: `${Math.max(replicas, countOf(engines) + 1)} replicas`,
            },
          ],
    expect: 'The queue drains at the same time per token.',
    risk: 'Costs a GPU set; takes minutes to start.',
    verify,
    needsRestart: false,
  });
  return out;
}

function whyNot(judged: Judged): string {
  const waiting = maxOf(judged.engines.map((e) => over(e.trace.waiting, judged.grid, judged.end, judged.fast))) ?? 0;
  const running =
    maxOf(judged.engines.map((e) => maxOf(recent(e.trace.running, judged.grid, judged.end, judged.main)))) ?? 0;
  const seats = judged.engines[0]?.admission.seats;
  const most =
    seats && !seats.inferred
      ? `at most ${sig(running)} of ${seats.count} seats taken`
      : `at most ${sig(running)} run, and never pinned there while others wait`;
  return waiting < 1 ? `nobody waits; ${most}` : most;
}
