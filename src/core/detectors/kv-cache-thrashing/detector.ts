import type { Values } from '../../base/grid.ts';
import { all, any, ramp } from '../../base/score.ts';
import { sayAbout, sayCount, sayDuration, sayPart, sayShare, sig } from '../../base/say.ts';
import { maxOf } from '../../base/statistics.ts';
import { stepsByBatch } from '../../evidence/batch-steps.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { countOf, standsFor } from '../../evidence/stand-in.ts';
import { momentsOf, type Stretch } from '../../evidence/stretch.ts';
import { countOver, over, recent } from '../../evidence/trace.ts';
import type { Detector, Fact, Finding, NoHelp, Remedy } from '../detector.ts';
import { atLeast, confidenceOf, detected, fact } from '../finding.ts';
import { type Signature, study } from '../study.ts';
import { changedOf, hurtsOf } from '../story.ts';
import { gaugeOf, increaseOf } from '../trace-back.ts';
import { capAnswers, replicasFor, residentSpread, safeSeats, TARGET_LOAD } from '../../knobs/sizing.ts';
import { MIN_EVENTS, pushedOut, type Thrown, thrownSinceFull } from './thrown-out.ts';

/**
 * Preemptions per finished request. A healthy 19,801-request run had 0.074 (inference-sim #963), so 0.1 must be the floor;
 * at 1 every answer is thrown away once.
 */
const PPR_FLOOR = 0.1;
const PPR_FULL = 1;
/** From here every second answer is begun again: throughput is lost, which is harm under any profile, a batch's before all. */
const PPR_COSTLY = 0.5;
/** While only the gauges show it and the counter has not moved: the same could be clients that hang up as others queue. */
const UNCOUNTED_CAP = 0.75;
/** Live requests must really have filled the pool at some point; usage may dip right after a large victim is dropped. */
const FULL_FLOOR = 0.85;
const FULL = 0.97;

export const kvCacheThrashing: Detector = {
  id: 'kv-cache-thrashing',
  title: 'KV cache thrashing',
  mechanism:
    'Running requests outgrow the KV cache. The newest one is thrown out with all its blocks, queued first, and computed again from its first token, so work is done twice and more.',
  needs: ['preemptions', 'kv-cache-usage', 'finished'],
  judge(judged) {
    return study(this, judged, SIGNATURE, ({ sighting, engines, one, then, now, standing }) => {
      const ahead = aheadOfCounter(judged, one);
      return detected(this, {
        ...standing,
        severity:
          now.preempted / Math.max(now.finished, 1) >= PPR_COSTLY
            ? atLeast(standing.severity, 'warning')
            : standing.severity,
        confidence: confidenceOf(
          sighting.score,
          sighting.persistence,
          judged.engines[0]?.trace.capacity ? 1 : 0.85,
          1,
          ahead ? UNCOUNTED_CAP : 0.95,
        ),
        lede: `Running requests are thrown out and recomputed because the cache cannot hold their answers. ${sayCount(now.waitingLast ?? 0, 'request')} wait.`,
        facts: [...(ahead ? [aheadFact(judged, engines, ahead)] : []), ...factsOf(judged, engines, then, now)],
        story: {
          changed: changedOf(then, now),
          broke: {
            at: standing.since,
            title: 'The KV cache filled',
            says: `usage ${sig(now.usage ?? 0)} with ${sig(now.running ?? 0)} running; ${ahead ? `${sig(ahead.seen)} pushed out` : sayCount(now.preempted, 'preemption')} for ${sayCount(now.finished, 'finished request')}`,
          },
          hurts: hurtsOf(judged, engines, now),
        },
        remedies: remediesOf(judged, engines, now),
        willNotHelp: noHelpOf(engines, now),
      });
    });
  },
};

const SIGNATURE: Signature = {
  ask: 'Scrape vllm:num_preemptions_total, vllm:kv_cache_usage_perc and vllm:request_success_total.',
  strength: strengthOf,
  early: earlySign,
  whyNot,
};

function strengthOf(judged: Judged, engine: Engine): Values {
  const { trace } = engine;
  const { grid } = judged;
  const peak = maxOf(trace.computed ?? []);
  const pushed = pushedOut(judged, engine);
  return Array.from({ length: grid.count }, (_, i) => {
    const usage = maxOf(recent(trace.usage, grid, i, 300));
    const preempted = countOver(trace.preemptions, grid, i, judged.main);
    if (usage === null || preempted === null) return null;
    const finished = countOver(trace.finishes, grid, i, judged.main) ?? 0;
    const perFinish = Math.max(
      preempted < MIN_EVENTS ? 0 : preempted / Math.max(finished, 1),
      thrownSinceFull(judged, engine, pushed, i)?.perFinish ?? 0,
    );
    const core = Math.max(ramp(perFinish, PPR_FLOOR, PPR_FULL), ramp(wasteOf(engine, i, judged, peak), 0.03, 0.25));
    const waiting = over(trace.waiting, grid, i, judged.fast) ?? 0;
    const running = over(trace.running, grid, i, judged.fast) ?? 0;
    const impact = any(ramp(waiting / Math.max(running, 1), 0.1, 1), ramp(perFinish, 0.3, 1));
    return all(core, ramp(usage, FULL_FLOOR, FULL)) * (0.5 + 0.5 * impact);
  });
}

/** Share of engine time spent recomputing: preemptions × tokens lost ÷ prefill speed; 0 where the speed is unknown. */
function wasteOf(engine: Engine, i: number, judged: Judged, peak: number | null): number {
  const { trace, admission } = engine;
  const rate = over(trace.preemptions, judged.grid, i, judged.main) ?? 0;
  const held = over(admission.tokensPerRunning, judged.grid, i, judged.main);
  if (rate <= 0 || held === null || peak === null || peak <= 0) return 0;
  // The fastest computed prompt rate seen is a lower bound of the prefill speed, so this is an upper bound: use half.
  return (rate * 0.5 * held * 0.5) / peak;
}

/** The pool is full while somebody waits, or a preemption was counted: gauges show it before the counter (F21). */
function earlySign(judged: Judged, engine: Engine): Values {
  const { trace } = engine;
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const usage = trace.usage?.[i] ?? null;
    if (usage === null) return null;
    const waiting = trace.waiting?.[i] ?? 0;
    const preempting = (trace.preemptions?.[i] ?? 0) > 0;
    return Math.max(preempting && usage > 0.7 ? 1 : 0, waiting >= 1 ? ramp(usage, 0.85, 0.95) : 0);
  });
}

/** What the gauges show while the counter has not moved yet; `null` once it has. */
function aheadOfCounter(judged: Judged, engine: Engine): Thrown | null {
  const thrown = thrownSinceFull(judged, engine, pushedOut(judged, engine), judged.end);
  return thrown && thrown.counted < MIN_EVENTS && thrown.seen >= MIN_EVENTS ? thrown : null;
}

function aheadFact(judged: Judged, engines: readonly Engine[], { seen, counted }: Thrown): Fact {
  return fact({
    signal: 'running',
    says: `${sig(Math.round(seen))} requests fewer run although they did not finish, and as many more wait: pushed out of a full cache`,
    figure: sig(Math.round(seen)),
    label: 'requests pushed out of a full cache',
    compared: `counted so far ${sig(Math.round(counted))}`,
    detail:
      'running fell by more than finished, and the queue grew by as many; some builds count a preemption only when its request runs again',
    observed: seen,
    expected: 0,
    unit: 'requests',
    query: gaugeOf(judged, engines, 'running'),
    trend: engines[0]?.trace.running ?? null,
  });
}

function factsOf(judged: Judged, engines: readonly Engine[], then: Stretch, now: Stretch): Finding['facts'] {
  const one = engines[0] as Engine;
  const window = now.seconds;
  const perFinish = now.preempted / Math.max(now.finished, 1);
  const finishedTrend = one.trace.finishes;
  return [
    fact({
      signal: 'preemptions',
      says: `${sig(perFinish)} preemptions per finished request (${sayCount(now.preempted, 'preemption')} for ${sig(Math.round(now.finished))} finished)`,
      figure: sig(perFinish),
      label: 'preemptions per finished request',
      compared: `normal < ${PPR_FLOOR}`,
      detail: `${sig(Math.round(now.preempted))} for ${sig(Math.round(now.finished))} finished in ${sayDuration(window)}; ${then.preempted < 0.5 ? 'none' : sig(Math.round(then.preempted))} in the ${sayDuration(then.seconds)} before`,
      observed: perFinish,
      expected: 0,
      unit: 'ratio',
      query: `${increaseOf(judged, engines, 'preemptions', window)} / ${increaseOf(judged, engines, 'finished', window)}`,
      trend: one.trace.preemptions ?? finishedTrend,
    }),
    fact({
      signal: 'kv-cache-usage',
      says: `KV cache usage ${sig(now.usage ?? 0)}`,
      figure: sig(now.usage ?? 0),
      label: 'of the KV cache is held by live requests',
      compared: then.usage === null ? 'full at 1' : `before ${sig(then.usage)}`,
      detail: `${one.trace.capacity ? `${sig(one.trace.capacity)} tokens; ` : ''}≥ 0.95 in ${sayShare(now.usageFullShare ?? 0)} of scrapes`,
      observed: now.usage,
      expected: then.usage,
      unit: 'ratio',
      query: gaugeOf(judged, engines, 'kv-cache-usage'),
      trend: one.trace.usage,
      limit: 1,
    }),
    ...(now.held === null || one.trace.capacity === null
      ? []
      : [
          fact({
            signal: 'running',
            says: `${sig(now.held)} tokens held by each running request`,
            figure: sig(Math.round(now.held)),
            label: 'tokens held by each running request',
            compared: then.held === null ? '' : `before ${sig(Math.round(then.held))}`,
            detail: `the cache holds ${sig(Math.floor(one.trace.capacity / now.held))} of them, ${sig(now.running ?? 0)} run${one.admission.seats && !one.admission.seats.inferred ? `, ${one.admission.seats.count} are allowed` : ''}`,
            observed: now.held,
            expected: then.held,
            unit: 'tokens',
            query: `${gaugeOf(judged, engines, 'kv-cache-usage')} * ${one.trace.capacity} / ${gaugeOf(judged, engines, 'running')}`,
            trend: one.admission.tokensPerRunning,
          }),
        ]),
    ...(now.waitingLast === null
      ? []
      : [
          fact({
            signal: 'waiting',
            says: `${sayCount(now.waitingLast, 'request')} waiting`,
            figure: sig(now.waitingLast),
            label: 'requests wait',
            compared: `before ${sig(then.waiting ?? 0)}`,
            detail: `preempted requests wait among them`,
            observed: now.waitingLast,
            expected: then.waiting,
            unit: 'requests',
            query: gaugeOf(judged, engines, 'waiting'),
            trend: one.trace.waiting,
          }),
        ]),
  ];
}

function remediesOf(judged: Judged, engines: readonly Engine[], now: Stretch): Remedy[] {
  const one = engines[0] as Engine;
  const capacity = one.trace.capacity;
  const verify =
    'Within 5 min: preemptions per finished request < 0.05 and waiting falls. If waiting rises with KV usage below 0.8, the cap is too low.';
  const from = judged.evidence.knobs['max-num-seqs'] ?? null;
  const n = countOf(engines);
  const out: Remedy[] = [];
  const arrivals = now.arrivals === null ? null : now.arrivals / n;
  const prompt = now.prompt;
  const split = judged.grid.count - Math.max(1, Math.round(now.seconds / judged.grid.step));
  const prompts = momentsOf(one.trace.promptLength, split, judged.end);
  const answers = momentsOf(one.trace.outputLength, split, judged.end);
  const step = quietStep(judged, one) ?? now.itl;
  if (
    capacity !== null &&
    prompt !== null &&
    arrivals !== null &&
    step !== null &&
    answers !== null &&
    now.answer !== null
  ) {
    const capped = answerCap(capacity, prompt, prompts?.variance ?? 0, arrivals, step, now.answer);
    if (capped) {
      const output = arrivals * capped.cap;
      out.push({
        title: 'Fit the answers to the cache',
        knob: 'max-num-seqs',
        from,
        to: capped.fit.seats,
        flag: `--max-num-seqs ${capped.fit.seats} ${capAnswers(capped.cap)}`,
        why: `Answers of ${sig(now.answer)} tokens do not fit beside each other. With at most ${capped.cap} tokens, ${capped.fit.seats} requests fit and the queue drains.`,
        steps: [
          { sum: `${sig(capacity)} tokens × 0.92`, result: `${sig(capped.fit.usable)} tokens usable` },
          {
            sum: `${sig(prompt)} prompt + ${capped.cap} ÷ 2 written`,
            result: `${sig(capped.mean)} tokens each, sd ${sig(capped.sd)}`,
          },
          {
            sum: `${sig(capped.fit.exact)} fit at 1 % risk, down to a multiple of 8`,
            result: `${capped.fit.seats} seats`,
          },
          {
            sum: `${sig(arrivals)}/s × ${capped.cap} × ${sayDuration(step)} ÷ ${capped.fit.seats}`,
            result: `load ${sig(capped.load)} of 1`,
          },
        ],
        expect: `Output ${sig((now.output ?? 0) / n)} → up to ${sig(Math.max(output, (capped.fit.seats / step) * 0.9))} tokens/s per replica while the queue lasts; the ${sig(now.waitingLast ?? 0)} waiting drain in about ${drain(now.waitingLast ?? 0, arrivals * n, capped.load)} if arrivals hold.`,
        risk: `Answers stop at ${capped.cap} tokens; ${sayPart(shareLonger(one, split, judged.end, capped.cap))} of the recent answers were longer.`,
        verify,
        needsRestart: true,
      });
    }
  }
  if (capacity !== null && now.held !== null) {
    const mean = now.held;
    const spread = residentSpread(prompts?.variance ?? 0, answers?.mean ?? mean, answers?.variance ?? 0);
    const fit = safeSeats(capacity, mean, spread);
    // Fewer in the batch, shorter steps; an answer's share of its prompt rides along in each.
    const { model } = stepsByBatch(judged.evidence, one, judged.end);
    const riding = now.prompt === null || !now.answer ? 0 : now.prompt / now.answer;
    const smaller = model?.kind === 'fitted' ? model.atLoad(fit.seats * (1 + riding), fit.seats * mean).mid : step;
    const output = smaller === null ? null : fit.seats / smaller;
    out.push({
      title: 'Admit only what fits, keep the long answers',
      knob: 'max-num-seqs',
      from,
      to: fit.seats,
      flag: `--max-num-seqs ${fit.seats}`,
      why: `${sig(fit.exact)} requests of ${sig(mean)} tokens fit the pool; more only push each other out.`,
      steps: fit.steps,
      expect:
        output === null
          ? 'Recomputing stops; the queue moves in order.'
          : `Recomputing stops; output ${sig((now.output ?? 0) / n)} → about ${sig(output)} tokens/s per replica.`,
      risk:
        output !== null && now.output !== null && output < 0.8 * (now.output / n)
          ? `The batch shrinks, so output falls to ${sayShare(output / (now.output / n))} of today's and the queue grows unless load is cut.`
          : 'Waiting moves from the middle of answers to their start.',
      verify,
      needsRestart: true,
    });
  }
  const pool = now.held !== null && now.running !== null && capacity !== null ? demandOf(now, step, n, capacity) : null;
  out.push({
    title: 'Give the cache more room',
    knob: 'kv-cache-dtype',
    from: null,
    to: null,
    flag: '--kv-cache-dtype fp8',
    why: 'fp8 halves the bytes of a token, so about twice as many tokens fit.',
    steps:
      capacity === null
        ? []
        : [
            { sum: `${sig(capacity)} tokens × 2`, result: `≈ ${sig(capacity * 2)} tokens` },
            ...(pool
              ? [
                  {
                    sum: `this traffic wants ${sig(pool)} tokens`,
                    result: pool <= capacity * 2 * 0.92 ? 'fits' : 'still short: add replicas',
                  },
                ]
              : []),
          ],
    expect: 'Preemptions stop if the traffic fits twice the pool.',
    risk: 'Check answer quality on your model. If the pool was set by hand (--num-gpu-blocks-override), raise that first.',
    verify,
    needsRestart: true,
  });
  if (pool !== null && capacity !== null) {
    const to = replicasFor(n, (pool / (n * capacity * 0.92)) * TARGET_LOAD);
    if (to > n) {
      out.push({
        title: `Run ${to} replicas instead of ${n}`,
        knob: null,
        from: n,
        to,
        flag: null,
        why: 'More pools of the same size, each with fewer requests.',
        steps: [{ sum: `${sig(pool)} tokens wanted ÷ (0.92 × ${sig(capacity)})`, result: `${to} replicas` }],
        expect: 'Preemptions stop on all of them, answers keep their length.',
        risk: 'A new replica takes minutes to start, and starts with a cold prefix cache.',
        verify,
        needsRestart: false,
      });
    }
  }
  return out;
}

/** Tokens this traffic would hold at once if nothing were thrown away: arrivals × residence × mean held. */
function demandOf(now: Stretch, step: number | null, n: number, capacity: number): number | null {
  if (now.arrivals === null || now.answer === null || now.prompt === null || step === null) return null;
  const residence = now.answer * step;
  const tokens = now.arrivals * residence * (now.prompt + now.answer / 2);
  return tokens > 0 && Number.isFinite(tokens) ? Math.min(tokens, capacity * n * 50) : null;
}

/** Step time while the engine is not recomputing: the lower quartile of the mean gap between tokens. */
function quietStep(judged: Judged, engine: Engine): number | null {
  const { itl } = engine.trace;
  if (!itl) return null;
  const means = itl.sum.map((s, i) => {
    const c = itl.count[i] ?? null;
    return s === null || c === null || c <= 0 ? null : s / c;
  });
  const recentMeans = recent(means, judged.grid, judged.end, 300)
    .filter((x): x is number => x !== null)
    .sort((a, b) => a - b);
  return recentMeans.length === 0 ? null : (recentMeans[Math.floor(recentMeans.length / 2)] ?? null);
}

interface Capped {
  cap: number;
  fit: ReturnType<typeof safeSeats>;
  mean: number;
  sd: number;
  load: number;
}

/** The longest answer cap (a multiple of 64) whose seats carry the arrivals at the target load; `null` if none does. */
function answerCap(
  capacity: number,
  prompt: number,
  promptVariance: number,
  arrivals: number,
  step: number,
  answer: number,
): Capped | null {
  let best: Capped | null = null;
  for (let cap = 64; cap <= Math.min(answer * 0.9, 8192); cap += 64) {
    const mean = prompt + cap / 2;
    const sd = Math.sqrt(promptVariance + (cap * cap) / 12);
    const fit = safeSeats(capacity, mean, sd);
    const load = (arrivals * cap * step) / fit.seats;
    if (load <= TARGET_LOAD + 0.01) best = { cap, fit, mean, sd, load };
  }
  return best;
}

function shareLonger(engine: Engine, from: number, to: number, cap: number): number {
  const h = engine.trace.outputLength;
  if (!h) return 0;
  const k = h.bounds.findIndex((b) => b >= cap);
  if (k < 0) return 0;
  let below = 0;
  let count = 0;
  for (let i = Math.max(0, from); i <= to; i++) {
    below += h.cumulative[Math.max(0, k - 1)]?.[i] ?? 0;
    count += h.count[i] ?? 0;
  }
  return count > 0 ? 1 - below / count : 0;
}

function drain(waiting: number, arrivals: number, load: number): string {
  if (load >= 1 || arrivals <= 0) return 'never';
  const rate = arrivals / load - arrivals;
  return rate <= 0 ? 'never' : sayAbout(waiting / rate);
}

function noHelpOf(engines: readonly Engine[], now: Stretch): NoHelp[] {
  const one = engines[0] as Engine;
  const seats = one.admission.seats;
  return [
    {
      title: 'More seats',
      why:
        seats && !seats.inferred
          ? `${sig(now.running ?? 0)} of ${seats.count * countOf(engines)} are used; memory decides`
          : `${sig(now.running ?? 0)} run; memory decides, not seats`,
    },
    { title: 'Chunked prefill', why: 'already on in V1' },
    ...(now.computed === null
      ? []
      : [{ title: 'A larger token budget', why: `new prompts take only ${sig(now.computed)} tokens/s` }]),
  ];
}

function whyNot(judged: Judged): string {
  const preempted = judged.engines.reduce(
    (sum, e) =>
      sum + standsFor(e.trace.replica) * (countOver(e.trace.preemptions, judged.grid, judged.end, judged.main) ?? 0),
    0,
  );
  const finished = judged.engines.reduce(
    (sum, e) =>
      sum + standsFor(e.trace.replica) * (countOver(e.trace.finishes, judged.grid, judged.end, judged.main) ?? 0),
    0,
  );
  const usage = maxOf(judged.engines.map((e) => maxOf(recent(e.trace.usage, judged.grid, judged.end, 300))));
  if (preempted < 0.5) return `no preemption in ${sayDuration(judged.main)}; KV usage at most ${sig(usage ?? 0)}`;
  return `${sig(preempted / Math.max(1, finished))} preemptions per finished request (below ${PPR_FLOOR} is normal); KV usage at most ${sig(usage ?? 0)}`;
}
