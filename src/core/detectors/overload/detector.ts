import type { Values } from '../../base/grid.ts';
import { all, any, fall, ramp } from '../../base/score.ts';
import { sayCount, sayDuration, sayShare, sig } from '../../base/say.ts';
import { known, maxOf, shareOf } from '../../base/statistics.ts';
import { bindingShare } from '../../evidence/admission.ts';
import { boardingOf } from '../../evidence/boarding.ts';
import { giantsOf } from '../../evidence/giants.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { countOf } from '../../evidence/stand-in.ts';
import type { Stretch } from '../../evidence/stretch.ts';
import { meanOver, over, recent } from '../../evidence/trace.ts';
import type { Detector, Finding, Remedy } from '../detector.ts';
import { confidenceOf, detected, fact, sayDrain, untold } from '../finding.ts';
import { tokensPerStep } from '../pace.ts';
import { filledByPrompts } from '../prefill-decode-interference/gaps.ts';
import { shed } from '../shedding.ts';
import { replicasFor, TARGET_LOAD } from '../../knobs/sizing.ts';
import { starvationOf } from '../prefill-starvation/starvation.ts';
import { type Signature, study } from '../study.ts';
import { changedOf, hurtsOf } from '../story.ts';
import { gaugeOf, meanOf, rateOf } from '../trace-back.ts';

/** Without these, a full pool, starved prompts, a lost prefix cache and giants all look like too much work. */
const LOOK_ALIKES = [
  'cache-config',
  'prefill-time',
  'itl',
  'prompt-length',
  'prefix-cache-queries',
  'prefix-cache-hits',
] as const;

export const overload: Detector = {
  id: 'overload',
  title: 'Overload',
  mechanism:
    'Work arrives faster than the engine can do it. Seats and memory are free; engine time is not, and the queue is unbounded.',
  needs: ['running', 'waiting', 'kv-cache-usage'],
  judge(judged) {
    return study(this, judged, SIGNATURE, ({ sighting, engines, then, now, standing }) => {
      const apart = untold(judged, LOOK_ALIKES);
      const gateway = 0.97; // no gateway counter: retries look the same, see README
      return detected(this, {
        ...standing,
        confidence: confidenceOf(sighting.score, sighting.persistence, 0.95, gateway, apart.cap),
        lede: `${sayCount(now.waitingLast ?? 0, 'request')} wait although seats and cache are free${now.arrivals === null || now.finishes === null ? '' : `: ${sig(now.arrivals)}/s arrive, ${sig(now.finishes)}/s finish`}.${sayDrain(judged, engines)}`,
        facts: factsOf(judged, engines, then, now),
        story: {
          changed: changedOf(then, now),
          broke: {
            at: standing.since,
            title: 'Engine time ran out',
            says: sayEngine(then, now),
          },
          hurts: hurtsOf(judged, engines, now),
        },
        remedies: remediesOf(judged, engines, now),
        willNotHelp: [
          {
            title: 'More seats',
            why: `${sig(now.running ?? 0)} run and seats are free; more would only slow every token`,
          },
          { title: 'More KV cache', why: `usage is ${sig(now.usage ?? 0)}` },
        ],
        missing: apart.missing,
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

/**
 * Somebody waits, and neither seats nor memory nor deferral is why: what is left is engine time (F1). Giants (P06) and a
 * token budget eaten by decodes (P02) have signatures of their own and take this one down.
 */
function strengthOf(judged: Judged, engine: Engine): Values {
  const { trace, admission, harm } = engine;
  const { grid } = judged;
  return Array.from({ length: grid.count }, (_, i) => {
    const running = over(trace.running, grid, i, judged.fast);
    const waiting = over(trace.waiting, grid, i, judged.fast);
    if (running === null || waiting === null) return null;
    const bound = bindingShare(trace, admission, i, judged.fast, 'engine');
    if (bound === 0) return 0;
    // Who waits for the step to end is no queue, however long the steps and however tight the target.
    const queued = Math.min(
      Math.max(0, waiting - boardingOf(trace, grid, i, judged.fast)),
      believable(judged, engine, i),
    );
    const wait = harm.wait[i] ?? null;
    const pressure = any(
      ramp(queued / Math.max(running, 1), 0.1, 1),
      filledAndSlow(judged, engine, i),
      wait === null
        ? 0
        : ramp((wait * queued) / Math.max(waiting, 1) / judged.limits.ttft, 0.5, 4) * ramp(queued, 0.5, 2),
    );
    // A burst that the engine absorbs leaves scrapes with nobody waiting between them.
    const standing = shareOf(recent(trace.waiting, grid, i, judged.fast), (w) => w >= 1) ?? 0;
    const overloaded = all(ramp(bound, 0.4, 0.8), pressure, ramp(standing, 0.4, 0.75));
    if (overloaded === 0) return 0;
    const giants = giantsOf(trace.computedLength ?? trace.promptLength, grid, i, judged.main)?.tokenShare ?? 0;
    return overloaded * fall(giants, 0.3, 0.6) * (1 - starvationOf(judged, engine, i));
  });
}

/**
 * The longest queue that those let in meanwhile can have stood in, by Little's law: first tokens per second × the time to each,
 * and what the queue has grown by, which nobody has waited through yet. A gauge read every half a minute may meet a request at
 * the door four times running. @returns requests, unbounded where first tokens are not timed or none came
 */
function believable(judged: Judged, { trace }: Engine, i: number): number {
  const rate = over(trace.firstTokens, judged.grid, i, judged.fast);
  const took = meanOver(trace.ttft, judged.grid, i, judged.fast);
  const queue = known(recent(trace.waiting, judged.grid, i, judged.fast));
  if (rate === null || rate <= 0 || took === null || queue.length === 0) return Infinity;
  return rate * took + Math.max(0, (queue.at(-1) as number) - (queue[0] as number));
}

/** The mean gap against the target, where prompts are all an engine does. */
const SLOW_GAPS = [1, 1.6] as const;

/**
 * With many seats free hardly anybody is seen waiting: requests are let in at once and wait inside, for their share of a step
 * that has no room left. The queue is short then, and every token late.
 */
function filledAndSlow(judged: Judged, engine: Engine, i: number): number {
  const gap = meanOver(engine.trace.itl, judged.grid, i, judged.main) ?? 0;
  const slow = ramp(gap / (judged.limits.tbt * tokensPerStep(judged, engine, i)), ...SLOW_GAPS);
  // What fills a step is the dearer question, and idle where no target is missed.
  return slow === 0 ? 0 : slow * filledByPrompts(judged, engine, i);
}

function earlySign(judged: Judged, engine: Engine): Values {
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const w = engine.trace.waiting?.[i] ?? null;
    const r = engine.trace.running?.[i] ?? null;
    if (w === null || r === null) return null;
    // On a busy engine somebody is always just being let in: a queue is a share of what runs, or a wait people notice.
    const wait = engine.harm.wait[i] ?? null;
    if (w < 1) return 0;
    return wait === null
      ? 1
      : any(
          ramp(w / Math.max(r, 1), 0.1, 0.5),
          ramp(wait / judged.limits.ttft, 0.5, 2),
          filledAndSlow(judged, engine, i),
        );
  });
}

/** Computed prompt tokens plus output tokens a second: the work the engine does. */
function workOf(now: Stretch): number | null {
  return now.computed === null && now.output === null ? null : (now.computed ?? 0) + (now.output ?? 0);
}

/** What the engine is busy with: by its steps, or where nobody measures those, by its tokens. */
function sayEngine(then: Stretch, now: Stretch): string {
  if (now.itl !== null)
    return `a step takes ${sayDuration(now.itl)}${then.itl === null ? '' : `, before ${sayDuration(then.itl)}`}; every step is full`;
  const work = workOf(now);
  return work === null ? 'neither seats nor memory are short' : `${sig(work)} tokens/s, and no more however many wait`;
}

function factsOf(judged: Judged, engines: readonly Engine[], then: Stretch, now: Stretch): Finding['facts'] {
  const one = engines[0] as Engine;
  const work = workOf(now);
  const used = one.trace.computed?.map((c, i) => (c === null ? null : c + (one.trace.output?.[i] ?? 0))) ?? null;
  const load = now.arrivals !== null && now.finishes ? now.arrivals / now.finishes : null;
  return [
    fact({
      signal: 'waiting',
      says: `${sayCount(now.waitingLast ?? 0, 'request')} waiting, ${sig(now.running ?? 0)} running, KV cache ${sig(now.usage ?? 0)}`,
      figure: sig(now.waitingLast ?? 0),
      label: 'requests wait with seats and memory free',
      compared: `before ${sig(then.waiting ?? 0)}`,
      detail: `${sig(now.running ?? 0)} run, KV cache ${sig(now.usage ?? 0)}`,
      observed: now.waitingLast,
      expected: then.waiting,
      unit: 'requests',
      query: gaugeOf(judged, engines, 'waiting'),
      trend: one.trace.waiting,
    }),
    ...(work === null
      ? []
      : [
          fact({
            signal: 'computed-prompt-tokens',
            says: `${sig(work)} tokens/s computed, and no more however many wait`,
            figure: sig(work),
            label: 'tokens/s computed: the engine is flat out',
            compared: workOf(then) === null ? '' : `before ${sig(workOf(then) as number)}`,
            detail: `${sig(now.computed ?? 0)} of prompts, ${sig(now.output ?? 0)} of answers`,
            observed: work,
            expected: workOf(then),
            unit: 'tokens-per-second',
            query: `${rateOf(judged, engines, 'computed-prompt-tokens', now.seconds)} + ${rateOf(judged, engines, 'output-tokens', now.seconds)}`,
            trend: used,
          }),
        ]),
    ...(now.itl === null
      ? []
      : [
          fact({
            signal: 'itl',
            says: `a step takes ${sayDuration(now.itl)}`,
            figure: sayDuration(now.itl),
            label: 'between two tokens of one answer',
            compared:
              then.itl === null ? `target ${sayDuration(judged.limits.tbt)}` : `before ${sayDuration(then.itl)}`,
            detail: `every step carries as many prompt tokens as the budget allows`,
            observed: now.itl,
            expected: then.itl,
            unit: 'seconds',
            query: meanOf(judged, engines, 'itl', now.seconds),
            trend: meanGap(one),
            limit: judged.limits.tbt,
          }),
        ]),
    ...(load === null
      ? []
      : [
          fact({
            signal: 'finished',
            says: `load ${sig(load)}: ${sig(now.arrivals ?? 0)}/s arrive, ${sig(now.finishes ?? 0)}/s finish`,
            figure: sig(load),
            label: 'arrivals per finished request',
            compared: 'sustainable < 1',
            detail: `${sig(now.arrivals ?? 0)}/s arrive (inferred from finishes and backlog), ${sig(now.finishes ?? 0)}/s finish`,
            observed: load,
            expected: 1,
            unit: 'ratio',
            query: rateOf(judged, engines, 'finished', now.seconds),
            trend: one.trace.finishes,
          }),
        ]),
  ];
}

export function meanGap(engine: Engine): Values | null {
  const itl = engine.trace.itl;
  return (
    itl?.sum.map((s, i) => {
      const c = itl.count[i] ?? null;
      return s === null || c === null || c <= 0 ? null : s / c;
    }) ?? null
  );
}

function remediesOf(judged: Judged, engines: readonly Engine[], now: Stretch): Remedy[] {
  const n = countOf(engines);
  const served = now.firstTokens ?? now.finishes;
  const load = now.arrivals !== null && served !== null && served > 0 ? now.arrivals / served : null;
  const to = Math.max(n + 1, load === null ? n + 1 : replicasFor(n, load));
  const verify = `Within 5 min: the expected wait is under ${sayDuration(judged.limits.ttft)}, waiting falls towards 0.`;
  const arithmetic =
    load === null
      ? []
      : [
          {
            sum: `${sig(now.arrivals ?? 0)}/s arrive (inferred) ÷ ${sig(served ?? 0)}/s started`,
            result: `load ${sig(load)}`,
          },
        ];
  return [
    // A limit worked out from a pace nobody measured would refuse the wrong ones.
    ...(served === null
      ? []
      : [shed(judged, now, { arrivals: now.arrivals, served, replicas: n, verify, source: 'inferred' })]),
    {
      title: `Run ${to} replicas instead of ${n}`,
      knob: null,
      from: n,
      to,
      flag: null,
      why: 'Engine time is what is missing; only more engines bring it.',
      steps:
        load === null
          ? [{ sum: 'load unknown: finished requests are not counted', result: 'one more, then look again' }]
          : [...arithmetic, { sum: `${n} × ${sig(load)} ÷ ${TARGET_LOAD}, rounded up`, result: `${to} replicas` }],
      expect: `${load === null ? '' : `Load ${sig(load * (n / to))} a replica; `}${load === null ? 'The' : 'the'} queue of ${sig(now.waitingLast ?? 0)} drains.`,
      risk: 'Takes minutes to start, and starts with a cold prefix cache.',
      verify,
      needsRestart: false,
    },
    {
      title: 'Move batch traffic away, or let it wait',
      knob: 'scheduling-policy',
      from: 'fcfs',
      to: 'priority',
      flag: '--scheduling-policy priority',
      why: 'Interactive requests go first when clients send a priority.',
      steps: [],
      expect: 'Interactive requests keep their targets while batch work fills the gaps.',
      risk: 'Clients must set priority; low ones may starve.',
      verify,
      needsRestart: true,
    },
  ];
}

function whyNot(judged: Judged): string {
  const waiting = maxOf(judged.engines.map((e) => over(e.trace.waiting, judged.grid, judged.end, judged.fast))) ?? 0;
  if (waiting < 1) return `nobody waits for long: ${sig(waiting)} on average over ${sayDuration(judged.fast)}`;
  const shares = judged.engines.map((e) => bindingShare(e.trace, e.admission, judged.end, judged.fast, 'engine'));
  return `the queue waits for ${strongestBinding(judged)}, not for engine time (${sayShare(maxOf(shares) ?? 0)} of scrapes)`;
}

function strongestBinding(judged: Judged): string {
  const words = {
    seats: 'seats',
    memory: 'memory',
    deferred: 'adapters, remote KV or grammars',
    silent: 'an engine that makes no step',
  } as const;
  let best = 'something else';
  let most = 0;
  for (const [binding, word] of Object.entries(words)) {
    const share =
      maxOf(
        judged.engines.map((e) =>
          bindingShare(e.trace, e.admission, judged.end, judged.fast, binding as keyof typeof words),
        ),
      ) ?? 0;
    if (share > most) {
      most = share;
      best = word;
    }
  }
  return best;
}
