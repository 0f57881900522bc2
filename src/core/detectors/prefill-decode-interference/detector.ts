import { sayDuration, sayShare, sig } from '../../base/say.ts';
import { mean } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { countOf } from '../../evidence/stand-in.ts';
import { over } from '../../evidence/trace.ts';
import type { Detector, Finding, Remedy, Severity } from '../detector.ts';
import { confidenceOf, detected, fact, ruledOut, untold } from '../finding.ts';
import { hurtsByPace, tokensPerStep } from '../pace.ts';
import { changedOf } from '../story.ts';
import { type Found, type Signature, study } from '../study.ts';
import { meanOf, quantileOf, rateOf } from '../trace-back.ts';
import { earlySign, type Gaps, gapsOf, slowShare, strengthOf, STUTTER } from './gaps.ts';

/** Share of stutters from which people complain even though the mean pace holds: one in every dozen tokens. */
const FREQUENT = 0.08;
/** Half as many count where the mean gap is so near the target that a good part of the answers is beyond it. */
const OFTEN = 0.045;
const NEAR = 0.88;
/** Half of the answers slower than the target: their mean is missed, not only the smoothness. */
const MISSED = 0.5;
/** Share of the target to plan for. */
const PLANNED = 0.9;
/** A smaller budget than this starves prompts for nothing. */
const LEAST_BUDGET = 256;

export const prefillDecodeInterference: Detector = {
  id: 'prefill-decode-interference',
  title: 'Prefill interrupts decode',
  mechanism:
    'A step that carries a prompt takes as long as the prompt needs, and every running answer waits for its next token meanwhile.',
  needs: ['running', 'itl', 'ttft', 'step-tokens'],
  judge(judged) {
    const signature: Signature = {
      ask: 'Scrape vllm:inter_token_latency_seconds, vllm:time_to_first_token_seconds and vllm:iteration_tokens_total.',
      strength: strengthOf,
      early: earlySign,
      whyNot,
    };
    return study(this, judged, signature, (found) =>
      found.engines.some((engine) => isFelt(judged, engine))
        ? tell(this, judged, found)
        : ruledOut(this, `${whyNot(judged)}; answers keep their pace all the same`, {
            strength: found.sighting.strength,
          }),
    );
  },
};

function tell(about: Detector, judged: Judged, found: Found): Finding {
  const { sighting, engines, one, now, then, standing } = found;
  // The window of the last minutes may hold too few gaps by now, if it stands by hysteresis alone.
  const gaps = lastGaps(judged, one);
  const slow = slowShare(judged, one, judged.end);
  const apart = untold(judged, ['time-per-output-token', 'prefill-time']);
  const budget = judged.evidence.knobs['max-num-batched-tokens'] ?? null;
  return detected(about, {
    ...standing,
    severity: severityHere(judged, engines),
    confidence: confidenceOf(sighting.score, sighting.persistence, 1, budget === null ? 0.95 : 1, apart.cap),
    lede: `Half of the gaps between tokens are shorter than ${sayDuration(gaps.median)}, but one in ${sig(Math.round(1 / Math.max(gaps.carrying, 1e-4)))} waits for a prompt and takes ${sayDuration(gaps.carryingMean)}${slow !== null && slow >= 0.05 ? `; ${sayShare(slow)} of answers miss ${sayDuration(judged.limits.tbt)} a token` : ''}.`,
    facts: factsOf(judged, found, gaps, slow),
    story: {
      changed: changedOf(then, now),
      broke: {
        at: standing.since,
        title: 'Steps carry prompts and stretch',
        says: `${sig(now.firstTokens ?? 0)} prompts/s of ${sig(gaps.prompt ?? 0)} computed tokens; a step with one takes ${sayDuration(gaps.carryingMean)} instead of ${sayDuration(gaps.median)}`,
      },
      hurts: hurtsByPace(judged, engines, now),
    },
    missing: apart.missing,
    remedies: remediesOf(judged, found, gaps, slow),
    willNotHelp: [
      { title: 'More seats or KV cache', why: 'nothing waits for either; running answers wait for prompts' },
      { title: 'A larger token budget', why: 'each step with a prompt would take longer still' },
    ],
  });
}

const NOTHING: Gaps = {
  median: 0,
  p99: 0,
  mean: 0,
  carrying: 0,
  carryingMean: 0,
  long: 0,
  excess: 0,
  prompts: null,
  perToken: null,
  prompt: null,
};

function lastGaps(judged: Judged, engine: Engine): Gaps {
  for (let i = judged.end; i >= 0; i--) {
    const gaps = gapsOf(judged, engine, i);
    if (gaps) return gaps;
  }
  return NOTHING;
}

/** Answers miss their pace, or the long gaps are so frequent that readers see them. Rarer ones are what any engine with prompts does (§14b.10). */
function isFelt(judged: Judged, engine: Engine): boolean {
  const { long, mean } = lastGaps(judged, engine);
  const target = judged.limits.tbt * tokensPerStep(judged, engine, judged.end);
  return (
    (slowShare(judged, engine, judged.end) ?? 0) >= MISSED ||
    long >= FREQUENT ||
    (long >= OFTEN && mean >= NEAR * target)
  );
}

function severityHere(judged: Judged, engines: readonly Engine[]): Severity {
  // Nobody reads along with a batch.
  if (judged.backlogIsPlanned) return 'info';
  const missed = engines.some((e) => (slowShare(judged, e, judged.end) ?? 0) >= MISSED);
  const twice = engines.some((e) => lastGaps(judged, e).mean >= 2 * judged.limits.tbt);
  return missed && twice ? 'critical' : 'warning';
}

function factsOf(
  judged: Judged,
  { engines, one, now, then }: Found,
  gaps: Gaps,
  slow: number | null,
): Finding['facts'] {
  const span = judged.main;
  return [
    fact({
      signal: 'itl',
      says: `the median gap is ${sayDuration(gaps.median)}, the longest in a hundred up to ${sayDuration(gaps.p99)}`,
      figure: `${sig(gaps.p99 / Math.max(gaps.median, 1e-6))}×`,
      label: 'the median gap, for one in a hundred',
      compared: `median ${sayDuration(gaps.median)}`,
      detail: `${sayShare(gaps.long)} of gaps are longer than ${sayDuration(STUTTER * judged.limits.tbt)}, ${STUTTER} times the target`,
      observed: gaps.p99,
      expected: gaps.median,
      unit: 'seconds',
      query: quantileOf(judged, engines, 'itl', 0.99, span),
      trend: meanLine(one),
    }),
    fact({
      signal: 'step-tokens',
      says: `${sayShare(gaps.carrying)} of gaps are stretched, and ${sayShare(gaps.prompts ?? 0)} of steps carry a prompt`,
      figure: sayShare(gaps.carrying),
      label: 'of gaps stretched: as many as steps carry a prompt',
      compared: `steps with a prompt ${sayShare(gaps.prompts ?? 0)}`,
      detail: `${sig(now.firstTokens ?? 0)} first tokens/s in ${sig(now.steps ?? 0)} steps/s`,
      observed: gaps.carrying,
      expected: gaps.prompts,
      unit: 'ratio',
      query: rateOf(judged, engines, 'ttft', span),
      trend: one.trace.firstTokens,
    }),
    fact({
      signal: 'computed-prompt-tokens',
      says: `${sig(now.computed ?? 0)} prompt tokens/s computed${then.computed === null ? '' : `, before ${sig(then.computed)}`}`,
      figure: sig(now.computed ?? 0),
      label: 'prompt tokens computed a second',
      compared: then.computed === null ? '' : `before ${sig(then.computed)}`,
      detail: gaps.perToken === null ? '' : `${sayDuration(gaps.perToken * 1000)} for a thousand`,
      observed: now.computed,
      expected: then.computed,
      unit: 'tokens-per-second',
      query: rateOf(judged, engines, 'prompt-tokens', span),
      trend: one.trace.computed,
    }),
    ...(slow === null
      ? []
      : [
          fact({
            signal: 'time-per-output-token',
            says: `${sayShare(slow)} of answers come slower than ${sayDuration(judged.limits.tbt)} a token`,
            figure: sayShare(slow),
            label: `of answers slower than ${sayDuration(judged.limits.tbt)} a token`,
            compared: 'target at most 5 %',
            observed: slow,
            expected: 0.05,
            unit: 'ratio',
            query: meanOf(judged, engines, 'time-per-output-token', span),
            trend: one.harm.slowTokens,
          }),
        ]),
  ];
}

function meanLine(engine: Engine): Finding['strength'] {
  const { itl } = engine.trace;
  return (itl?.sum ?? []).map((s, i) => {
    const c = itl?.count[i] ?? null;
    return s === null || c === null || c <= 1e-9 ? null : s / c;
  });
}

function remediesOf(judged: Judged, { engines, one }: Found, gaps: Gaps, slow: number | null): Remedy[] {
  const out: Remedy[] = [];
  const n = countOf(engines);
  const per = gaps.perToken;
  const span = Math.max(1, Math.round(judged.main / judged.grid.step));
  const computed = mean((one.trace.computed ?? []).slice(-span)) ?? 0;
  const verify = `Within 10 min at the same arrivals: less than 1 % of gaps above ${sayDuration(STUTTER * judged.limits.tbt)}, and 95 % of answers within ${sayDuration(judged.limits.tbt)} a token.`;
  const share = per === null ? null : Math.min(0.95, per * computed);
  if ((slow ?? 0) >= 0.35 && share !== null && per !== null) {
    // Pace = decode step ÷ (1 − time that prompts take); spread over more replicas each has its share of prompts.
    const allowed = 1 - gaps.median / (PLANNED * judged.limits.tbt);
    const replicas = allowed > 0.02 ? Math.max(n + 1, Math.ceil((n * share) / allowed - 1e-9)) : null;
    out.push({
      title: 'Compute prompts elsewhere: separate prefill and decode',
      knob: null,
      from: null,
      to: null,
      flag: null,
      why: 'Prompts take a fixed part of the engine’s time however they are cut; on engines of their own they interrupt nobody.',
      steps: [
        {
          sum: `${sig(computed)} tokens/s × ${sayDuration(per * 1000)} per thousand`,
          result: `${sayShare(share)} of the time goes to prompts`,
        },
        { sum: `${sayDuration(gaps.median)} without them`, result: `${sayDuration(gaps.mean)} with them` },
      ],
      expect: `A token every ${sayDuration(gaps.median)} on the decode side.`,
      risk: 'Another deployment: KV cache travels between engines, which needs a fast network.',
      verify,
      needsRestart: true,
    });
    if (replicas !== null) {
      out.push({
        title: n === 1 ? `Or run ${replicas} replicas` : `Or run ${replicas} replicas instead of ${n}`,
        knob: null,
        from: n,
        to: replicas,
        flag: null,
        why: 'Each engine then has fewer prompts between its answers.',
        steps: [
          {
            sum: `1 − ${sayDuration(gaps.median)} ÷ ${sayDuration(PLANNED * judged.limits.tbt)}`,
            result: `${sayShare(allowed)} of the time may go to prompts`,
          },
          { sum: `${n} × ${sayShare(share)} ÷ ${sayShare(allowed)}`, result: `${replicas} replicas` },
        ],
        expect: `A token every ${sayDuration(gaps.median / (1 - (share * n) / replicas))} on average.`,
        risk: 'Costs a GPU set; single stutters stay as long as they are.',
        verify,
        needsRestart: false,
      });
    }
  }
  const from = judged.evidence.knobs['max-num-batched-tokens'] ?? null;
  if (per !== null) {
    const room = STUTTER * judged.limits.tbt - gaps.median;
    const running = Math.max(...(one.trace.running ?? []).map((r) => r ?? 0), 1);
    const exact = room / per;
    const to = Math.floor(Math.max(exact, LEAST_BUDGET, 2 * running) / 64) * 64;
    if (room > 0 && (from === null || to < from) && gaps.carryingMean > STUTTER * judged.limits.tbt * 0.75) {
      out.push({
        title: `Let a step hold at most ${sig(to)} tokens`,
        knob: 'max-num-batched-tokens',
        from,
        to,
        flag: `--max-num-batched-tokens ${to}`,
        why: 'The budget bounds how long one step can take; prompts are then computed in more and shorter steps.',
        steps: [
          {
            sum: `${STUTTER} × ${sayDuration(judged.limits.tbt)} − ${sayDuration(gaps.median)}`,
            result: `${sayDuration(room)} for prompt tokens`,
          },
          { sum: `÷ ${sayDuration(per * 1000)} per thousand, down to a multiple of 64`, result: `${sig(to)} tokens` },
        ],
        expect: `No gap much longer than ${sayDuration(gaps.median + per * to)}. ${from === null ? 'Only if the budget is larger today, which no metric tells. ' : ''}The mean pace stays: prompts take as much time in all.`,
        risk: `A prompt of ${sig(gaps.prompt ?? 0)} tokens needs ${Math.max(1, Math.ceil((gaps.prompt ?? 0) / to))} steps, each a little overhead: first tokens come later, and throughput falls a little.`,
        verify,
        needsRestart: true,
      });
    }
    if (gaps.prompt !== null && gaps.prompt > 2 * to) {
      const bite = Math.max(512, Math.floor(to / 2 / 64) * 64);
      out.push({
        title: `Or cap the bite of one prompt at ${sig(bite)} tokens`,
        knob: 'long-prefill-token-threshold',
        from: null,
        to: bite,
        flag: `--long-prefill-token-threshold ${bite}`,
        why: 'Long prompts then share each step with others instead of filling it.',
        steps: [{ sum: `half of ${sig(to)}, a multiple of 64`, result: `${sig(bite)} tokens` }],
        expect: `A step with one long prompt takes ${sayDuration(gaps.median + per * bite)}.`,
        risk: 'Long prompts start later; before 0.31 the rest of the budget goes unused when nothing else waits.',
        verify,
        needsRestart: true,
      });
    }
  }
  if (out.length === 0) {
    out.push({
      title: 'Separate prefill and decode, or shorten what is computed',
      knob: null,
      from: null,
      to: null,
      flag: null,
      why: 'Only prompt tokens that are not computed on this engine interrupt nobody: a shared prefix that hits the cache, or prefill engines.',
      steps: [],
      expect: 'Gaps near the median for all.',
      risk: 'Another deployment.',
      verify,
      needsRestart: true,
    });
  }
  return out;
}

function whyNot(judged: Judged): string {
  const all = judged.engines.flatMap((engine) => {
    const gaps = gapsOf(judged, engine, judged.end);
    return gaps ? [{ engine, gaps }] : [];
  });
  const [worst] = all.sort((a, b) => b.gaps.long - a.gaps.long);
  if (!worst)
    return `fewer than 1,000 gaps between tokens in ${sayDuration(judged.main)}: a tail of one in a hundred cannot be told`;
  const { gaps } = worst;
  const limit = judged.limits.tbt;
  if (gaps.median > limit)
    return `the median gap is ${sayDuration(gaps.median)} itself (target ${sayDuration(limit)}): decoding is slow, not interrupted`;
  if (gaps.prompts !== null && gaps.carrying > 2 * gaps.prompts && gaps.long > 0.015)
    return `${sayShare(gaps.carrying)} of gaps are stretched, but only ${sayShare(gaps.prompts)} of steps carry a prompt`;
  const preempted = over(worst.engine.trace.preemptions, judged.grid, judged.end, judged.main) ?? 0;
  const finished = over(worst.engine.trace.finishes, judged.grid, judged.end, judged.main) ?? 0;
  if (gaps.long > 0.015 && preempted > 0.1 * finished)
    return `${sig(preempted / Math.max(finished, 1e-6))} preemptions per finished request: the ${sayShare(gaps.long)} of long gaps may be recomputation`;
  const slow = slowShare(judged, worst.engine, judged.end);
  return `${sayShare(gaps.long)} of gaps are longer than ${sayDuration(STUTTER * limit)}${slow === null ? '' : `, and ${sayShare(slow)} of answers miss ${sayDuration(limit)} a token`}`;
}
