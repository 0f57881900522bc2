import { stepsIn } from '../../base/grid.ts';
import type { Values } from '../../base/grid.ts';
import { all, any, fall, ramp } from '../../base/score.ts';
import { sayCount, sayDuration, sayShare, sig } from '../../base/say.ts';
import { maxOf, median, quantile } from '../../base/statistics.ts';
import { type Giants, giantsOf } from '../../evidence/giants.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { histogramQuantile } from '../../evidence/lines.ts';
import type { Stretch } from '../../evidence/stretch.ts';
import { countOver, meanOver, over, recent } from '../../evidence/trace.ts';
import type { Detector, Finding, Remedy } from '../detector.ts';
import { confidenceOf, detected, fact } from '../finding.ts';
import { type Signature, study } from '../study.ts';
import { tokensPerStep } from '../pace.ts';
import { gapsOf } from '../prefill-decode-interference/gaps.ts';
import { hurtsOf } from '../story.ts';
import { meanOf, quantileOf } from '../trace-back.ts';

export const longRequestSpike: Detector = {
  id: 'long-request-spike',
  title: 'Long-request spike',
  mechanism:
    'A few very long prompts take all the token budget left after decodes, step after step. Everyone behind them waits although seats and memory are free, and running answers stutter.',
  needs: ['prompt-length', 'ttft'],
  judge(judged) {
    return study(this, judged, SIGNATURE, ({ sighting, engines, one, split, then, now, standing }) => {
      const giants = giantsSince(judged, one, split);
      return detected(this, {
        ...standing,
        confidence: confidenceOf(sighting.score, Math.max(0.8, sighting.persistence), 0.95, 0.98),
        lede: `A few prompts of about ${sig(giants.mean)} tokens hold up everyone behind them: ${sayShare(giants.requestShare)} of requests carry ${sayShare(giants.tokenShare)} of the prompt tokens.`,
        facts: factsOf(judged, engines, then, now, giants),
        story: {
          changed: {
            at: standing.since,
            title: 'Very long prompts arrived',
            says: `${sig(giants.perSecond * 60)} a minute of about ${sig(giants.mean)} tokens among prompts of ${sig(giants.median)}`,
          },
          broke: {
            at: null,
            title: 'Each filled the steps until it was done',
            says: `a step takes ${sayDuration(now.itl ?? 0)} on average${then.itl === null ? '' : `, before ${sayDuration(then.itl)}`}`,
          },
          hurts: hurtsOf(judged, engines, now),
        },
        remedies: remediesOf(judged, giants, now, beyondCap(judged, one, giants)),
        willNotHelp: [
          {
            title: 'More seats or KV cache',
            why: `KV cache ${sig(now.usage ?? 0)}, ${sig(now.running ?? 0)} running: both are free`,
          },
          { title: '--max-num-partial-prefills', why: 'parsed but never enforced in V1, and removed in 0.27' },
        ],
      });
    });
  },
};

const SIGNATURE: Signature = {
  ask: 'Scrape the request_prompt_tokens and time_to_first_token histograms.',
  strength: strengthOf,
  early: earlySign,
  level: 0.25,
  whyNot,
};

/** Giants carry the tokens, and somebody is hurt by it: blocked behind them, or starved of decode steps (P06). */
function strengthOf(judged: Judged, engine: Engine): Values {
  const { trace, harm, admission } = engine;
  const { grid } = judged;
  const lengths = trace.computedLength ?? trace.promptLength;
  const { window } = judged.evidence;
  /** Giants among the requests that finished in the trailing `seconds`. */
  const surgeIn = (i: number, seconds: number): number | null => {
    const giants = giantsOf(lengths, grid, i, seconds, Math.max(seconds, window));
    return giants && ramp(giants.tokenShare, 0.2, 0.5) * fall(giants.requestShare, 0.25, 0.4);
  };
  // In two minutes that begin before the spike the calm part of them hides it; a rate window is the shortest there is.
  const sharp = Array.from({ length: grid.count }, (_, i) => surgeIn(i, grid.step));
  const longs = Array.from({ length: grid.count }, (_, i) => surgeIn(i, judged.main));
  // Who is hurt is asked only where there are giants.
  const { itl } = trace;
  const told = itl !== null && [...sharp, ...longs].some((surge) => surge !== null && surge > 0) ? itl : null;
  const span = stepsIn(grid, judged.fast);
  const gapTail = told ? histogramQuantile(told, 0.99, span).low : null;
  const gapMid = told ? histogramQuantile(told, 0.5, span).estimate : null;
  const starved = admission.binding.map((b) => (b === 'engine' ? 1 : 0));
  return Array.from({ length: grid.count }, (_, i) => {
    const long = longs[i] ?? null;
    if (long === null) return over(trace.running, grid, i, judged.fast) === null ? null : 0;
    const surge = Math.max(long, maxOf(recent(sharp, grid, i, judged.main)) ?? 0);
    if (surge === 0) return 0;
    const late = maxOf(recent(harm.lateTtft, grid, i, judged.main)) ?? 0;
    const tail = maxOf(recent(gapTail, grid, i, judged.main));
    const mid = median(recent(gapMid, grid, i, judged.main));
    const starve = tail !== null && mid !== null && mid > 0 && tail > judged.limits.tbt ? ramp(tail / mid, 4, 12) : 0;
    const blocked = maxOf(recent(starved, grid, i, judged.main)) ?? 0;
    const harmed = any(ramp(late, 0.03, 0.25), 0.7 * starve, 0.3 * blocked);
    return all(surge, harmed) * stoodBehind(judged, engine, i) * fall(perFinish(judged, engine, i), 0.3, 1);
  });
}

/**
 * Mean share of the time to the first token that is queue, from "nobody stands behind anybody" to "blocked", and requests waiting
 * on average, likewise: one or two that are seen before their step are no queue. Measured on a real 0.32 (docs/cures.md): 0.73 and
 * 2.6 with the long prompts taking whole steps, 0.02 and less than 0.3 once their bite was capped. What is still late then is late
 * because steps are longer, which is interference and not this.
 */
const QUEUE_SHARE = [0.05, 0.2] as const;
const QUEUE_MEAN = [0.3, 1] as const;

/** 1 where it is not measured. */
function stoodBehind(judged: Judged, { trace }: Engine, i: number): number {
  const { grid, main } = judged;
  const queue = meanOver(trace.queueTime, grid, i, main);
  const start = meanOver(trace.ttft, grid, i, main);
  const waiting = over(trace.waiting, grid, i, main);
  if (queue === null || start === null || start <= 0 || waiting === null) return 1;
  return Math.max(ramp(queue / start, ...QUEUE_SHARE), ramp(waiting, ...QUEUE_MEAN));
}

function perFinish(judged: Judged, engine: Engine, i: number): number {
  const preempted = countOver(engine.trace.preemptions, judged.grid, i, judged.main) ?? 0;
  return preempted < 3
    ? 0
    : preempted / Math.max(1, countOver(engine.trace.finishes, judged.grid, i, judged.main) ?? 0);
}

/** Robust deviations of admitted prompt tokens from their usual pace, from "chance" to "a giant came in". */
const BURST = [1.8, 3.2] as const;
/** Seconds after a burst in which late first tokens are its doing. */
const WAKE = 60;

/** Prompt tokens come in far above the usual pace: the spike shows before its requests finish. Late first tokens count only in the wake of such a burst, since a host hiccup makes them late as well. */
function earlySign(judged: Judged, engine: Engine): Values {
  const { trace } = engine;
  const { grid } = judged;
  const asked = trace.queried ?? trace.prompt;
  // Below the median, since the window may be half incident.
  const usual = quantile(asked ?? [], 0.35) ?? 0;
  const spread = 1.4826 * (median((asked ?? []).map((x) => (x === null ? null : Math.abs(x - usual)))) ?? 0);
  const unit = Math.max(spread, 0.15 * usual, 1e-9);
  const bursts = Array.from({ length: grid.count }, (_, i) => {
    const pace = asked?.[i] ?? null;
    return pace === null ? null : ramp((pace - usual) / unit, ...BURST);
  });
  return Array.from({ length: grid.count }, (_, i) => {
    const burst = bursts[i] ?? null;
    const start = meanOver(trace.ttft, grid, i, grid.step);
    if (burst === null && start === null) return null;
    const inWake = (maxOf(recent(bursts, grid, i, WAKE)) ?? 0) >= 0.5;
    return Math.max(burst ?? 0, inWake && start !== null ? ramp(start / judged.limits.ttft, 0.8, 1.2) : 0);
  });
}

function giantsSince(judged: Judged, engine: Engine, split: number): Giants {
  const seconds = Math.max(judged.main, (judged.end - split + 1) * judged.grid.step);
  return (
    giantsOf(engine.trace.computedLength ?? engine.trace.promptLength, judged.grid, judged.end, seconds) ?? {
      tokenShare: 0,
      requestShare: 0,
      mean: 0,
      median: 0,
      perSecond: 0,
    }
  );
}

function factsOf(
  judged: Judged,
  engines: readonly Engine[],
  then: Stretch,
  now: Stretch,
  giants: Giants,
): Finding['facts'] {
  const one = engines[0] as Engine;
  const late = maxOf(recent(one.harm.lateTtft, judged.grid, judged.end, judged.main));
  const starts = one.trace.ttft?.sum.map((s, i) => {
    const c = one.trace.ttft?.count[i] ?? null;
    return s === null || c === null || c <= 0 ? null : s / c;
  });
  return [
    fact({
      signal: 'prompt-length',
      says: `${sayShare(giants.tokenShare)} of prompt tokens come from ${sayShare(giants.requestShare)} of requests`,
      figure: sayShare(giants.tokenShare),
      label: `of prompt tokens come from ${sayShare(giants.requestShare)} of requests`,
      compared: 'even mix < 20 %',
      detail: `about ${sig(giants.mean)} tokens each; half of all prompts have at most ${sig(giants.median)}`,
      observed: giants.tokenShare,
      expected: 0.2,
      unit: 'ratio',
      query: quantileOf(judged, engines, 'prompt-length', 0.99, now.seconds),
      trend: one.trace.queried ?? one.trace.prompt,
    }),
    fact({
      signal: 'ttft',
      says: `first token after ${sayDuration(now.ttft ?? 0)} on average`,
      figure: sayDuration(now.ttft ?? 0),
      label: 'to the first token on average',
      compared: then.ttft === null ? `target ${sayDuration(judged.limits.ttft)}` : `before ${sayDuration(then.ttft)}`,
      detail:
        late === null
          ? ''
          : `up to ${sayShare(late)} of ${sayDuration(judged.fast)} windows start later than ${sayDuration(judged.limits.ttft)}`,
      observed: now.ttft,
      expected: then.ttft,
      unit: 'seconds',
      query: meanOf(judged, engines, 'ttft', now.seconds),
      trend: starts ?? null,
      limit: judged.limits.ttft,
    }),
    fact({
      signal: 'kv-cache-usage',
      says: `KV cache ${sig(now.usage ?? 0)}, ${sig(now.running ?? 0)} running: seats and memory are free`,
      figure: sig(now.usageMax ?? 0),
      label: 'of the KV cache at most: memory is free',
      compared: 'full at 1',
      detail: `at most ${sig(now.runningMax ?? 0)} running${one.admission.seats && !one.admission.seats.inferred ? ` of ${one.admission.seats.count} seats` : ''}`,
      observed: now.usageMax,
      expected: 1,
      unit: 'ratio',
      query: null,
      trend: one.trace.usage,
    }),
  ];
}

/** Beyond the target by so much: the median gap is an estimate inside its bucket. */
const CLEARLY = 1.1;

/** Why a cap on bites is not enough. */
interface Cut {
  /** Seconds between tokens without long prompts, with them in small bites, and those that are too many. */
  readonly without: number;
  readonly pace: number;
  readonly limit: number;
  /** Share of the engine's time that long prompts take however they are cut, and seconds a token of theirs takes. */
  readonly share: number;
  readonly perToken: number;
}

/**
 * What a cap on bites cannot give, since it shares out what long prompts take and takes nothing away: pace = decode step ÷ (1 − time
 * that long prompts take). Measured in docs/cures.md: 66 ms by this, 70 ms on a real engine.
 * @returns `null` where a cap may be enough, gaps or prefill times are not measured, or nobody reads along
 */
function beyondCap(judged: Judged, engine: Engine, giants: Giants): Cut | null {
  const gaps = gapsOf(judged, engine, judged.end);
  if (!gaps || gaps.perToken === null || judged.backlogIsPlanned) return null;
  const { median: without, perToken } = gaps;
  const share = Math.min(0.95, giants.perSecond * giants.mean * perToken);
  const pace = without / (1 - share);
  const limit = judged.limits.tbt * tokensPerStep(judged, engine, judged.end);
  return without <= limit && pace > CLEARLY * limit ? { without, pace, limit, share, perToken } : null;
}

function remediesOf(judged: Judged, giants: Giants, now: Stretch, cut: Cut | null): Remedy[] {
  const budget = judged.evidence.knobs['max-num-batched-tokens'] ?? null;
  const assumed = budget ?? 2048;
  const bite = Math.max(256, Math.min(Math.max(512, Math.round(assumed / 4)), Math.floor(assumed / 2)));
  const verify =
    'With the next long prompt: TTFT of the short ones stays under target, and the step tail stays near one bite.';
  const cap: Remedy = {
    title: `Cap one prompt's bite at ${bite} tokens a step`,
    knob: 'long-prefill-token-threshold',
    from: 'off',
    to: bite,
    flag: `--long-prefill-token-threshold ${bite}`,
    why: cut
      ? `Where there is no lane to be had: short prompts then share each step with the long one instead of standing behind it, but the long ones still take ${sayShare(cut.share)} of the engine's time.`
      : 'Short prompts then share each step with the long one instead of standing behind it.',
    steps: [
      {
        sum:
          budget === null
            ? 'token budget, assumed (in no metric; GPUs with ≥ 70 GiB: 8,192, then use 2,048)'
            : 'token budget',
        result: `${sig(assumed)} tokens a step`,
      },
      { sum: `a quarter of it, at least 512 and at most half`, result: `${bite} tokens` },
      {
        sum: `${sig(giants.mean)} ÷ ${bite}`,
        result: `${sig(Math.ceil(giants.mean / bite))} steps for a long prompt, was ${sig(Math.ceil(giants.mean / assumed))}`,
      },
    ],
    expect:
      'Short requests start within a step or two. Measured on a real 0.32: time in the queue 1.2 s → 13 ms, first tokens later than 500 ms 40 % → 18 %.',
    risk: 'Long prompts take longer while others run, and answers get slower tokens for as long (measured: 56 → 71 ms on average); a lane of their own has no such price. Hybrid models need a bite of at least one of their blocks.',
    verify,
    needsRestart: true,
  };
  const lane: Remedy = {
    title: 'Give long prompts a lane of their own',
    knob: null,
    from: null,
    to: null,
    flag: null,
    why: `Route prompts above about ${sig(Math.round(Math.max(giants.median * 8, 4096) / 1024) * 1024)} tokens to a separate replica at the gateway.`,
    steps: [
      {
        sum: `${sig(giants.perSecond)}/s × ${sig(giants.mean)} tokens`,
        result: `${sig(giants.perSecond * giants.mean)} tokens/s to move away`,
      },
      ...(cut
        ? [
            {
              sum: `those × ${sayDuration(cut.perToken * 1000)} per thousand`,
              result: `${sayShare(cut.share)} of the engine's time, however they are cut`,
            },
            {
              sum: `${sayDuration(cut.without)} ÷ (1 − ${sayShare(cut.share)})`,
              result: `a token every ${sayDuration(cut.pace)} with a cap alone, more than ${sayDuration(cut.limit)}`,
            },
          ]
        : []),
    ],
    expect: `The rest is ${sig(Math.max(0, (now.computed ?? 0) - giants.perSecond * giants.mean))} prompt tokens/s, as before, and nobody stands behind a long prompt. Measured on a real 0.32: first tokens later than 500 ms 40 % → 4 %, all of them of long prompts.`,
    risk: 'Needs a gateway that knows prompt lengths, and a replica for it.',
    verify:
      'With the next long prompt: TTFT of the short ones stays under target, and the step tail of their replica stays what it is without long prompts.',
    needsRestart: false,
  };
  const refuse: Remedy = {
    title: 'Refuse what cannot start in time',
    knob: 'max-num-queued-tokens',
    from: null,
    to: null,
    flag: null,
    why: 'A limit on queued prompt tokens refuses a long prompt with HTTP 503 while others wait (vLLM 0.29 or newer).',
    steps: [],
    expect: 'The queue stays short.',
    risk: 'Long requests are refused at busy moments; clients must back off.',
    verify,
    needsRestart: true,
  };
  return cut ? [lane, cap, refuse] : [cap, lane, refuse];
}

function whyNot(judged: Judged): string {
  const found = judged.engines.map((e) =>
    giantsOf(e.trace.computedLength ?? e.trace.promptLength, judged.grid, judged.end, judged.main),
  );
  const most = maxOf(found.map((g) => g?.tokenShare ?? null));
  if (most === null) return 'fewer than five requests finished in the last two minutes';
  return most < 0.2
    ? `no prompt stands out: ${sayShare(most)} of prompt tokens come from prompts 8 times the median`
    : `long prompts carry ${sayShare(most)} of the tokens, but nobody behind them waits long enough to be late (${sayCount(maxOf(judged.engines.map((e) => over(e.trace.waiting, judged.grid, judged.end, judged.fast))) ?? 0, 'request')} waiting)`;
}
