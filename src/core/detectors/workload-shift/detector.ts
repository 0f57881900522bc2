import { stepsIn, type Values } from '../../base/grid.ts';
import { all, ramp } from '../../base/score.ts';
import { sayDuration, sayShare, sig } from '../../base/say.ts';
import { type Binding, bindingShare } from '../../evidence/admission.ts';
import type { Histogram } from '../../evidence/evidence.ts';
import { giantsOf } from '../../evidence/giants.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { countOf, standsFor } from '../../evidence/stand-in.ts';
import type { Stretch } from '../../evidence/stretch.ts';
import { countOver, meanOver, over, recent } from '../../evidence/trace.ts';
import type { Detector, Fact, Remedy, Severity } from '../detector.ts';
import { confidenceOf, detected, fact, severityOf, untold } from '../finding.ts';
import { severityOfPace } from '../pace.ts';
import { capAnswers, replicasFor, TARGET_LOAD } from '../../knobs/sizing.ts';
import { type Signature, study } from '../study.ts';
import { hurtsOf } from '../story.ts';
import { meanOf } from '../trace-back.ts';
import { stabilityIndex, totalsOf } from './lengths.ts';

/** Requests and seconds at the start of the window that tell what was usual. */
const USUAL = { requests: 60, seconds: 90 } as const;
/** Finished requests that tell what is now. */
const NOW = 25;
/** Stability index, and logarithm of the ratio of means, from a shift to a large one (pathologies.md P17). */
const INDEX = [0.1, 0.3] as const;
const RATIO = [0.2, 0.55] as const;
/** Growth of the request rate above which more requests, not other ones, are the news. */
const SAME_RATE = 1.5;
/** Work of one request, now ÷ before, from which it is heavier. */
const HEAVIER = 1.15;
/**
 * A lone change: the request rate within this factor of what it was, and the other of the two lengths. Then it is one switch
 * (reasoning, a raised limit, a longer context) that somebody can name; where everything changes at once, other clients came,
 * and there is nothing to put back (measured on the recorded storms: rate × 0.53 to 0.77, prompts × 0.72 to 0.75).
 */
const LONE = { rate: 1.25, length: 1.15 } as const;
/** The order of two onsets is what makes it the cause: a length is read off finished requests, a full cache off a gauge. */
const BY_ORDER = 0.9;
/** Share of first tokens whose requests must have finished: where many hang up, those left over are the short ones. */
const FINISHED = 0.85;

export const workloadShift: Detector = {
  id: 'workload-shift',
  title: 'Workload mix shift',
  mechanism:
    'As many requests as before, but other ones: longer prompts, longer answers, another tenant. Often legitimate; the settings that fitted the old mix need not fit the new one.',
  needs: ['prompt-length', 'output-length', 'finished'],
  judge(judged) {
    return study(this, judged, SIGNATURE, ({ sighting, engines, then, now, standing }) => {
      const change = changeOf(then, now);
      const apart = untold(judged, ['ttft']);
      const outgrown = outgrows(judged, engines, then, now, change);
      return detected(this, {
        ...standing,
        variant: outgrown ? 'outgrown-cache' : null,
        severity: severityHere(judged, engines, then, now, change.work, outgrown),
        confidence: confidenceOf(sighting.score, sighting.persistence, 1, outgrown ? BY_ORDER : 1, apart.cap),
        lede: `${change.says}, at ${sig(now.arrivals ?? 0)} requests/s (before ${sig(then.arrivals ?? 0)}); one request is ${sig(change.work)} times the work${outgrown ? ', and the KV cache that held the old ones does not hold these' : ''}.`,
        facts: factsOf(judged, engines, then, now, change.work),
        story: {
          changed: { at: standing.since, title: change.title, says: change.says },
          broke: {
            at: null,
            title: change.work >= 1 ? 'Each request costs more' : 'Each request costs less',
            says: `${sig(workOf(then) ?? 0)} → ${sig(workOf(now) ?? 0)} tokens computed per request`,
          },
          hurts: hurtsOf(judged, engines, now),
        },
        remedies: change.work > 1 ? remediesOf(judged, then, now, change) : [],
        willNotHelp:
          change.work > 1
            ? [
                {
                  title: 'Waiting for it to pass',
                  why: 'nothing in the engine is wrong; it does more for each request',
                },
              ]
            : [],
        missing: apart.missing,
      });
    });
  },
};

const SIGNATURE: Signature = {
  ask: 'Scrape the histograms of prompt and answer lengths (vllm:request_prompt_tokens, vllm:request_generation_tokens) and vllm:request_success_total.',
  strength: strengthOf,
  early: earlySign,
  whyNot,
};

/** Prompts and answers, each against the start of the window; the stronger counts. Few giants (P06) and hang-ups (P15) do not. */
function strengthOf(judged: Judged, engine: Engine): Values {
  const prompts = shiftOf(judged, engine.trace.promptLength);
  const answers = shiftOf(judged, engine.trace.outputLength);
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const p = prompts?.[i] ?? null;
    const a = answers?.[i] ?? null;
    if (p === null && a === null) return null;
    return Math.max(
      p === null || p === 0 || fewCarryMost(judged, engine, i) ? 0 : p,
      a === null || a === 0 || hungUp(judged, engine, i) ? 0 : a,
    );
  });
}

function fewCarryMost(judged: Judged, { trace }: Engine, i: number): boolean {
  const giants = giantsOf(trace.promptLength, judged.grid, i, judged.main);
  return giants !== null && giants.requestShare < 0.15 && giants.tokenShare > 0.3;
}

function shiftOf(judged: Judged, histogram: Histogram | null): Values | null {
  if (!histogram) return null;
  const { grid } = judged;
  const totals = totalsOf(histogram, grid);
  const enough = totals.whenEnough(USUAL.requests, USUAL.seconds);
  const usual = enough === null ? null : totals.between(0, enough);
  const width = stepsIn(grid, judged.main);
  return Array.from({ length: grid.count }, (_, i) => {
    if (enough === null || usual === null || i <= enough) return i <= (enough ?? 0) && enough !== null ? 0 : null;
    const now = totals.between(Math.max(enough + 1, i - width + 1), i);
    if (now === null || now.count < NOW || usual.mean <= 0 || now.mean <= 0) return 0;
    return all(ramp(stabilityIndex(usual, now), ...INDEX), ramp(Math.abs(Math.log(now.mean / usual.mean)), ...RATIO));
  });
}

/** Many requests that got a first token never finished: the lengths of those that did say nothing about what is asked. */
function hungUp(judged: Judged, { trace }: Engine, i: number): boolean {
  const first = countOver(trace.firstTokens, judged.grid, i, judged.main);
  const done = countOver(trace.finishes, judged.grid, i, judged.main);
  const running = recent(trace.running, judged.grid, i, judged.main);
  const grown = Math.max(0, (running[running.length - 1] ?? 0) - (running[0] ?? 0));
  return first !== null && done !== null && first >= 10 && done + grown < FINISHED * first;
}

/** Means over half a minute against the start of the window: prompts are counted at the first token, answers as they end. */
function earlySign(judged: Judged, { trace }: Engine): Values {
  const { grid } = judged;
  const means = [trace.promptLength, trace.outputLength].map((histogram) => {
    const totals = histogram ? totalsOf(histogram, grid) : null;
    const enough = totals?.whenEnough(USUAL.requests, USUAL.seconds) ?? null;
    return enough === null ? null : (totals?.between(0, enough)?.mean ?? null);
  });
  return Array.from({ length: grid.count }, (_, i) => {
    const first = countOver(trace.firstTokens, grid, i, judged.fast);
    const prompt = over(trace.prompt, grid, i, judged.fast);
    const span = Math.min(judged.fast, (i + 1) * grid.step);
    const now = [
      first !== null && first >= 4 && prompt !== null ? (prompt * span) / first : null,
      meanOver(trace.outputLength, grid, i, judged.fast),
    ];
    const moved = now.map((mean, k) => {
      const usual = means[k] ?? null;
      return mean === null || usual === null || mean <= 0 || usual <= 0 ? null : Math.abs(Math.log(mean / usual));
    });
    const known = moved.filter((m): m is number => m !== null);
    return known.length === 0 ? null : ramp(Math.max(...known), 0.15, 0.4);
  });
}

/** Tokens computed for one request: prompt less what the cache served, and answer. */
function workOf(stretch: Stretch): number | null {
  if (stretch.prompt === null || stretch.answer === null) return null;
  return stretch.prompt * (1 - (stretch.hitRate ?? 0)) + stretch.answer;
}

interface Change {
  readonly title: string;
  readonly says: string;
  /** Work of one request now ÷ before. */
  readonly work: number;
  readonly answersGrew: boolean;
  /** Prompts and answers, now ÷ before. */
  readonly ratios: { readonly prompts: number; readonly answers: number };
}

function changeOf(then: Stretch, now: Stretch): Change {
  const prompts = (now.prompt ?? 1) / Math.max(1, then.prompt ?? 1);
  const answers = (now.answer ?? 1) / Math.max(1, then.answer ?? 1);
  const byPrompts = Math.abs(Math.log(prompts)) >= Math.abs(Math.log(answers));
  const ratio = byPrompts ? prompts : answers;
  const noun = byPrompts ? 'Prompts' : 'Answers';
  const before = workOf(then);
  return {
    title: `${noun} are ${sig(ratio >= 1 ? ratio : 1 / ratio)} times ${ratio >= 1 ? 'longer' : 'shorter'}`,
    says: `prompts ${sig(then.prompt ?? 0)} → ${sig(now.prompt ?? 0)} tokens, answers ${sig(then.answer ?? 0)} → ${sig(now.answer ?? 0)} on average`,
    work: before === null || before <= 0 ? 1 : (workOf(now) ?? before) / before,
    answersGrew: answers > 1.2,
    ratios: { prompts, answers },
  };
}

/** Memory binds or requests are pushed out, and one length alone has changed: the pool is as it was, the requests outgrew it. */
function outgrows(judged: Judged, engines: readonly Engine[], then: Stretch, now: Stretch, change: Change): boolean {
  if (!isBoundBy(judged, engines, ['memory']) && !isPreempted(now)) return false;
  if (then.arrivals === null || now.arrivals === null || then.prompt === null || then.answer === null) return false;
  const within = (ratio: number, factor: number) => ratio <= factor && ratio >= 1 / factor;
  const { prompts, answers } = change.ratios;
  return (
    change.work >= HEAVIER &&
    within(now.arrivals / Math.max(1e-9, then.arrivals), LONE.rate) &&
    (within(prompts, LONE.length) || within(answers, LONE.length))
  );
}

function isBoundBy(judged: Judged, engines: readonly Engine[], what: readonly Binding[]): boolean {
  return engines.some((e) =>
    what.some((one) => bindingShare(e.trace, e.admission, judged.end, judged.main, one) >= 0.3),
  );
}

function isPreempted(now: Stretch): boolean {
  return (now.preempted ?? 0) / Math.max(1, now.finished) >= 0.1;
}

/**
 * It is the headline where people are hurt, as many requests come as before, each is heavier, and engine time is what they
 * wait for, or the cache that requests otherwise unchanged have outgrown. Where memory or seats bind after more than that has
 * changed, that has a name and remedies of its own and names this as what changed.
 */
function severityHere(
  judged: Judged,
  engines: readonly Engine[],
  then: Stretch,
  now: Stretch,
  work: number,
  outgrown: boolean,
): Severity {
  const rate = then.arrivals !== null && now.arrivals !== null && then.arrivals > 0 ? now.arrivals / then.arrivals : 1;
  const other = isBoundBy(judged, engines, ['seats', 'deferred', 'silent']);
  const memory = !outgrown && (isBoundBy(judged, engines, ['memory']) || isPreempted(now));
  if (work < HEAVIER || rate > SAME_RATE || other || memory) return 'info';
  return judged.backlogIsPlanned ? severityOf(judged, engines) : severityOfPace(judged, engines);
}

function factsOf(
  judged: Judged,
  engines: readonly Engine[],
  then: Stretch,
  now: Stretch,
  work: number,
): readonly Fact[] {
  const one = engines[0];
  const length = (id: 'prompt-length' | 'output-length', label: string, a: number | null, b: number | null) =>
    fact({
      signal: id,
      says: `${label} ${sig(a ?? 0)} → ${sig(b ?? 0)} tokens`,
      figure: sig(b ?? 0),
      label: `tokens in a mean ${label}`,
      compared: `before ${sig(a ?? 0)}`,
      detail: id === 'prompt-length' ? 'cached part included' : 'of finished requests, so late by one residence',
      observed: b,
      expected: a,
      unit: 'tokens',
      query: meanOf(judged, engines, id, now.seconds),
      trend: one ? trendOf(judged, id === 'prompt-length' ? one.trace.promptLength : one.trace.outputLength) : null,
    });
  return [
    ...(Math.abs(Math.log((now.prompt ?? 1) / (then.prompt ?? 1))) >=
    Math.abs(Math.log((now.answer ?? 1) / (then.answer ?? 1)))
      ? [
          length('prompt-length', 'prompt', then.prompt, now.prompt),
          length('output-length', 'answer', then.answer, now.answer),
        ]
      : [
          length('output-length', 'answer', then.answer, now.answer),
          length('prompt-length', 'prompt', then.prompt, now.prompt),
        ]),
    fact({
      says: `one request is ${sig(work)} times the work`,
      figure: sig(work),
      label: 'times the tokens computed per request',
      compared: `requests/s ${sig(then.arrivals ?? 0)} → ${sig(now.arrivals ?? 0)}`,
      detail: `prompt less cache hits, and answer: ${sig(workOf(then) ?? 0)} → ${sig(workOf(now) ?? 0)} tokens`,
      observed: work,
      expected: 1,
      unit: 'ratio',
    }),
  ];
}

function trendOf(judged: Judged, histogram: Histogram | null): Values | null {
  if (!histogram) return null;
  return Array.from({ length: judged.grid.count }, (_, i) => meanOver(histogram, judged.grid, i, judged.fast));
}

function remediesOf(judged: Judged, then: Stretch, now: Stretch, change: Change): Remedy[] {
  const n = countOf(judged.engines);
  const sized = sizeOf(n, then, now, change);
  const { replicas } = sized;
  const blank = { knob: null, from: null, to: null, flag: null, needsRestart: false } as const;
  const cap = change.answersGrew && then.answer !== null ? Math.ceil((then.answer * 2) / 64) * 64 : null;
  const out: Remedy[] = [];
  if (cap !== null)
    out.push({
      ...blank,
      title: `Cap answers at ${sig(cap)} tokens, unless the longer ones are wanted`,
      knob: 'override-generation-config',
      to: cap,
      flag: capAnswers(cap),
      why: 'Answers grew by themselves where reasoning was switched on or a limit was raised; a default limit brings them back.',
      steps: [
        {
          sum: `twice the usual answer of ${sig(then.answer ?? 0)}, up to a multiple of 64`,
          result: `${sig(cap)} tokens`,
        },
      ],
      expect: `Work per request falls from ${sig(workOf(now) ?? 0)} towards ${sig(workOf(then) ?? 0)} tokens.`,
      risk: 'Longer answers stop in the middle with finish reason length; requests that ask for fewer themselves are not touched.',
      verify: 'Mean answer length is back, and first tokens are within target.',
      needsRestart: true,
    });
  out.push({
    ...blank,
    title: replicas > n ? `Run ${replicas} replicas instead of ${n}, or size anew` : 'Size anew for the new lengths',
    ...(replicas > n ? { from: n, to: replicas } : {}),
    why: 'The fleet was sized for other requests; seats, token budget and replicas follow from lengths.',
    steps: [
      {
        sum: `work per request ${sig(workOf(then) ?? 0)} → ${sig(workOf(now) ?? 0)} tokens`,
        result: `${sig(change.work)} times`,
      },
      ...sized.steps,
    ],
    expect: `Load is back at the planned ${TARGET_LOAD}.`,
    risk: `${replicas - n > 0 ? `${replicas - n} more of what one replica costs. ` : ''}A new replica takes minutes to start and has a cold cache.`,
    verify: `First tokens within ${sayDuration(judged.limits.ttft)} for ${sayShare(0.95)} of requests at the new lengths.`,
  });
  out.push({
    ...blank,
    title: 'Give the new kind of request a lane of its own',
    why: 'One pool for short and long requests makes the short ones wait behind the long ones.',
    steps: [
      {
        sum: 'at the gateway, by prompt length or tenant',
        result: `split near ${sig(Math.sqrt(Math.max(1, (then.prompt ?? 1) * (now.prompt ?? 1))))} tokens`,
      },
    ],
    expect: 'The old requests are served as before.',
    risk: 'Two smaller pools use the hardware less well than one.',
    verify: 'TTFT of the short lane within target.',
  });
  return out;
}

/**
 * Replicas for the new requests. Where a queue grows, what arrives against what is started is the load, measured; else it is
 * the planned load times what the work and the arrivals grew, taking the fleet to have been sized for the old ones.
 */
function sizeOf(n: number, then: Stretch, now: Stretch, change: Change): { replicas: number; steps: Remedy['steps'] } {
  const started = now.firstTokens ?? now.finishes;
  if (
    now.arrivals !== null &&
    started !== null &&
    started > 0 &&
    now.arrivals > started &&
    (now.waitingLast ?? 0) >= 1
  ) {
    const load = now.arrivals / started;
    const replicas = replicasFor(n, load);
    return {
      replicas,
      steps: [
        { sum: `${sig(now.arrivals)}/s arrive (inferred) ÷ ${sig(started)}/s started`, result: `load ${sig(load)}` },
        { sum: `${n} × ${sig(load)} ÷ ${TARGET_LOAD}, rounded up`, result: `${replicas} replicas` },
      ],
    };
  }
  const load = TARGET_LOAD * change.work * Math.max(1, (now.arrivals ?? 1) / Math.max(1e-9, then.arrivals ?? 1));
  const replicas = replicasFor(n, load);
  return {
    replicas,
    steps: [
      {
        sum: `ceil(${n} × ${sig(load)} ÷ ${TARGET_LOAD}), if it was at the planned ${TARGET_LOAD} before`,
        result: `${replicas} replicas`,
      },
    ],
  };
}

function whyNot(judged: Judged): string {
  const { grid, end } = judged;
  const seen = judged.engines.reduce(
    (sum, e) =>
      sum + standsFor(e.trace.replica) * (countOver(e.trace.finishes, grid, end, grid.count * grid.step) ?? 0),
    0,
  );
  const ratios = judged.engines.flatMap(({ trace }) =>
    [trace.promptLength, trace.outputLength].flatMap((histogram) => {
      const totals = histogram ? totalsOf(histogram, grid) : null;
      const enough = totals?.whenEnough(USUAL.requests, USUAL.seconds) ?? null;
      const usual = enough === null ? null : (totals?.between(0, enough) ?? null);
      const now = totals?.between(Math.max(0, end - stepsIn(grid, judged.main) + 1), end) ?? null;
      return usual === null || now === null || usual.mean <= 0 || now.count < NOW ? [] : [now.mean / usual.mean];
    }),
  );
  if (ratios.length === 0)
    return `${sig(Math.round(seen))} requests finished in this window, too few to compare their lengths`;
  const most = ratios.reduce((a, b) => (Math.abs(Math.log(b)) > Math.abs(Math.log(a)) ? b : a), 1);
  return `prompts and answers are ${sig(most)} times as long as at the start of this window, at the most different`;
}
