import { sayDuration, sayShare, sig } from '../../base/say.ts';
import { mean, median } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { countOf } from '../../evidence/stand-in.ts';
import type { Stretch } from '../../evidence/stretch.ts';
import { over } from '../../evidence/trace.ts';
import type { Detector, Finding, Remedy, Severity } from '../detector.ts';
import { confidenceOf, detected, fact, severityOf, untold } from '../finding.ts';
import { sayScatter } from '../../evidence/step-model.ts';
import { hurtsByPace, paceOf } from '../pace.ts';
import { roundSeats } from '../../knobs/sizing.ts';
import { changedOf } from '../story.ts';
import { type Found, type Signature, study } from '../study.ts';
import { gaugeOf, meanOf, rateOf } from '../trace-back.ts';
import { loadRise } from '../load-rise.ts';
import { type Growth, growthOf } from './growth.ts';

/** Share of the target to plan for, so that ordinary scatter stays below it. */
const PLANNED = 0.9;

export const decodeSlowdown: Detector = {
  id: 'decode-slowdown',
  title: 'Decode slow-down',
  mechanism:
    'Every step serves more requests, or longer contexts, and takes that much longer: all answers slow down evenly, as the machine must.',
  needs: ['running', 'itl'],
  judge(judged) {
    const growths = new Map(judged.engines.map((e) => [e, growthOf(judged, e)]));
    const signature: Signature = {
      ask: 'Scrape vllm:num_requests_running and vllm:inter_token_latency_seconds.',
      strength: (_, engine) => (growths.get(engine) as Growth).strength,
      early: loadRise,
      whyNot: () => whyNot(judged, growths),
    };
    return study(this, judged, signature, (found) => tell(this, judged, found, growths.get(found.one) as Growth));
  },
};

function tell(about: Detector, judged: Judged, found: Found, growth: Growth): Finding {
  const { sighting, engines, one, now, then, standing } = found;
  const at = judged.end;
  const pace = paceOf(judged, one, at) ?? 0;
  const slow = over(one.harm.slowTokens, judged.grid, at, judged.main);
  // Without times per request only the mean pace tells who is hurt; without token counts of prompts half the load is missing.
  const apart = untold(judged, ['time-per-output-token', 'prompt-tokens']);
  const name = engines.length === judged.engines.length ? '' : ` on ${engines.map((e) => e.id).join(', ')}`;
  return detected(about, {
    ...standing,
    severity: severityHere(judged, engines, pace),
    confidence: confidenceOf(
      sighting.score,
      sighting.persistence,
      growth.lines.reads.some((r) => r !== null) ? 1 : 0.9,
      0.95,
      apart.cap,
    ),
    lede: `Tokens come every ${sayDuration(pace)}${name} (target ${sayDuration(judged.limits.tbt)}), evenly for all${slow === null ? '' : `: ${sayShare(slow)} of answers miss it`}. ${sig((now.running ?? 0) / countOf(engines))} run at once${engines.length > 1 ? ' on each' : ''}, and a step takes what that many cost.`,
    facts: factsOf(judged, found, growth, pace, slow),
    story: {
      changed: changedOf(then, now) ?? contextOf(then, now),
      broke: {
        at: standing.since,
        title: `A step takes ${sig(growth.grown ?? 0)} times as long as at low load`,
        says: `${then.running === null ? '' : `${sig(then.running)} → `}${sig(now.running ?? 0)} running${now.held === null ? '' : `, ${sig(now.held)} tokens each`}`,
      },
      hurts: hurtsByPace(judged, engines, now),
    },
    missing: apart.missing,
    remedies: remediesOf(judged, found, growth),
    willNotHelp: [
      { title: 'More seats', why: 'each one more makes every step longer' },
      { title: 'More KV cache', why: 'nothing waits for memory; what is held is what is read each step' },
    ],
  });
}

/** Half of the answers a little late is not the same as all of them at half the pace. */
function severityHere(judged: Judged, engines: readonly Engine[], pace: number): Severity {
  // Nobody reads along with a batch.
  if (judged.backlogIsPlanned) return 'info';
  const waits = severityOf(judged, engines, false);
  if (waits === 'critical' || pace >= 2 * judged.limits.tbt) return 'critical';
  return 'warning';
}

function contextOf(then: Stretch, now: Stretch): NonNullable<Finding['story']>['changed'] {
  if (then.held === null || now.held === null || now.held < 1.25 * then.held) return null;
  return {
    at: null,
    title: `Contexts grew ${sig(now.held / then.held)} times longer`,
    says: `${sig(then.held)} → ${sig(now.held)} tokens held by one request`,
  };
}

function factsOf(
  judged: Judged,
  { engines, one, then, now }: Found,
  growth: Growth,
  pace: number,
  slow: number | null,
): Finding['facts'] {
  const seconds = median(growth.lines.seconds.slice(-Math.max(1, Math.round(judged.main / judged.grid.step)))) ?? 0;
  const expected = seconds / Math.exp(growth.residual ?? 0);
  const model = growth.model;
  return [
    fact({
      signal: 'itl',
      says: `a step takes ${sayDuration(seconds)}; its load explains ${sayDuration(expected)}`,
      figure: sayDuration(seconds),
      label: 'a step; the load explains it',
      compared: `by load ${sayDuration(expected)}`,
      detail: model
        ? `empty step ${sayDuration(model.alpha)}, ${sig(growth.grown ?? 0)} times as long now as at the least load; ${model.points} points scattered by ${sayScatter(model.spread)}`
        : '',
      observed: seconds,
      expected,
      unit: 'seconds',
      query: meanOf(judged, engines, 'itl', Math.min(now.seconds, judged.main)),
      trend: growth.lines.seconds,
      limit: growth.limit,
    }),
    fact({
      signal: 'running',
      says: `${sig(now.running ?? 0)} running${then.running === null ? '' : `, before ${sig(then.running)}`}`,
      figure: sig(Math.round((now.running ?? 0) / countOf(engines))),
      label: countOf(engines) > 1 ? 'requests running on each' : 'requests running',
      compared: then.running === null ? '' : `before ${sig(Math.round(then.running / countOf(engines)))}`,
      detail:
        now.held === null
          ? ''
          : `${sig(now.held)} tokens held by each${then.held === null ? '' : `, before ${sig(then.held)}`}`,
      observed: now.running,
      expected: then.running,
      unit: 'requests',
      query: gaugeOf(judged, engines, 'running'),
      trend: one.trace.running,
    }),
    slow === null
      ? fact({
          signal: 'output-tokens',
          says: `running answers get a token every ${sayDuration(pace)}`,
          figure: sayDuration(pace),
          label: 'a token, on average',
          compared: `target ${sayDuration(judged.limits.tbt)}`,
          detail: 'mean of running answers; this release does not tell the time per token of each request',
          observed: pace,
          expected: judged.limits.tbt,
          unit: 'seconds',
          query: rateOf(judged, engines, 'output-tokens', judged.main),
          trend: growth.lines.seconds,
          limit: growth.limit,
        })
      : fact({
          signal: 'time-per-output-token',
          says: `${sayShare(slow)} of answers come slower than ${sayDuration(judged.limits.tbt)} a token`,
          figure: sayShare(slow),
          label: `of answers slower than ${sayDuration(judged.limits.tbt)} a token`,
          compared: 'target at most 5 %',
          detail: `finished in the last ${sayDuration(judged.main)}`,
          observed: slow,
          expected: 0.05,
          unit: 'ratio',
          query: meanOf(judged, engines, 'time-per-output-token', judged.main),
          trend: one.harm.slowTokens,
        }),
  ];
}

function remediesOf(judged: Judged, { engines, one, now }: Found, growth: Growth): Remedy[] {
  const model = growth.model;
  if (!model) return [];
  const n = countOf(engines);
  const planned = PLANNED * growth.limit;
  const tail = (values: readonly (number | null)[]) =>
    mean(values.slice(-Math.max(1, Math.round(judged.main / judged.grid.step)))) ?? 0;
  const rate = tail(growth.lines.rate);
  const reads = tail(growth.lines.reads);
  const verify = `Within 10 min at the same arrivals: time per output token within ${sayDuration(judged.limits.tbt)} for 95 % of answers.`;
  const out: Remedy[] = [];
  // 1 ÷ t = (1 − load) ÷ α, and load goes down in proportion to replicas.
  const load = model.beta * rate + model.gamma * reads;
  const allowed = 1 - model.alpha / planned;
  const replicas = load > 1e-9 && allowed > 0 ? Math.max(n + 1, Math.ceil((n * load) / allowed - 1e-9)) : null;
  if (replicas !== null) {
    const step = model.alpha / (1 - (load * n) / replicas);
    out.push({
      title: n === 1 ? `Run ${replicas} replicas` : `Run ${replicas} replicas instead of ${n}`,
      knob: null,
      from: n,
      to: replicas,
      flag: null,
      why: 'The work is what it is; spread over more engines each step holds less of it.',
      steps: [
        {
          sum: `empty step ${sayDuration(model.alpha)}, planned ${sayDuration(planned)} (${PLANNED} of the target)`,
          result: `${sayShare(allowed)} of a step may be load`,
        },
        {
          sum: `${sig(rate)} tokens/s scheduled${model.gamma > 0 ? ` and ${sig(reads)} read` : ''}`,
          result: `${sayShare(load)} of a step is load`,
        },
        { sum: `${n} × ${sayShare(load)} ÷ ${sayShare(allowed)}`, result: `${replicas} replicas` },
      ],
      expect: `A step takes ${sayDuration(step)} on each${step < model.atRate(model.rates[0], null).low ? ' (below what this range has seen)' : ''}.`,
      risk: 'Costs a GPU set; minutes to start; prefix caches of the new ones are cold.',
      verify,
      needsRestart: false,
    });
  }
  const running = (now.running ?? 0) / n;
  // The same mix at a fraction of today's rate: as many answers run as come out in one step of the planned length.
  const served = load > 1e-9 ? Math.max(0, allowed) / load : 1;
  const outputs = tail(one.trace.itl?.count ?? []);
  const exact = served * outputs * planned;
  const seats = exact >= 1 ? roundSeats(exact) : 0;
  const cap = one.admission.seats?.count ?? judged.evidence.knobs['max-num-seqs'] ?? null;
  if (seats >= 1 && served < 1 && seats < running) {
    out.push({
      title: `Or let at most ${seats} run at once`,
      knob: 'max-num-seqs',
      from: cap,
      to: seats,
      flag: `--max-num-seqs ${seats}`,
      why: 'A smaller batch has shorter steps; the price moves from the pace of tokens to the wait for the first one.',
      steps: [
        {
          sum: `${sayShare(allowed)} ÷ ${sayShare(load)}`,
          result: `${sayShare(served)} of today's work fits the target`,
        },
        {
          sum: `${sig(outputs)} steps of answers/s × ${sayShare(served)} × ${sayDuration(planned)}, down to a multiple of 8`,
          result: `${seats} seats`,
        },
      ],
      expect: `A step takes ${sayDuration(planned)} or less, and running stops at ${seats} instead of ${sig(running)}.`,
      risk: `It serves ${sayShare(served)} of today's work: while arrivals stay as they are the rest queues without end, so shed it at the gateway or add replicas as well.`,
      verify,
      needsRestart: true,
    });
  }
  const held = model.gamma * (now.held ?? 0) * running;
  if (held > 0.3 * (growth.limit / PLANNED - model.alpha) && held > 0) {
    out.push({
      title: 'Keep the KV cache in fp8',
      knob: 'kv-cache-dtype',
      from: null,
      to: null,
      flag: '--kv-cache-dtype fp8',
      why: 'What each step reads of the contexts is the larger part of its load; fp8 halves it.',
      steps: [
        {
          sum: `${sayDuration(model.gamma * 1000)} per thousand tokens × ${sig((now.held ?? 0) * running)}`,
          result: `${sayDuration(held)} of a step`,
        },
      ],
      expect: `A step becomes about ${sayDuration(held / 2)} shorter.`,
      risk: 'A small loss of quality on long contexts; check answers first.',
      verify,
      needsRestart: true,
    });
  }
  return out;
}

function whyNot(judged: Judged, growths: ReadonlyMap<Engine, Growth>): string {
  let worst: { engine: Engine; share: number } | null = null;
  for (const engine of judged.engines) {
    const share = over(engine.harm.slowTokens, judged.grid, judged.end, judged.main);
    if (share !== null && (worst === null || share > worst.share)) worst = { engine, share };
  }
  const target = sayDuration(judged.limits.tbt);
  if (!worst) {
    const paces = judged.engines.map((e) => paceOf(judged, e, judged.end)).filter((p): p is number => p !== null);
    return paces.length === 0
      ? `no answer came in the last ${sayDuration(judged.main)}`
      : `tokens come every ${sayDuration(Math.max(...paces))} on average (target ${target})`;
  }
  if (worst.share < 0.2) return `${sayShare(worst.share)} of answers come slower than ${target} a token`;
  const growth = growths.get(worst.engine);
  const said = `${sayShare(worst.share)} of answers come slower than ${target} a token`;
  if (!growth?.model) return `${said}, but the load did not vary with it: it is not what slows them`;
  if (growth.model.alpha > 0.95 * growth.limit)
    return `${said}, but even an empty step takes ${sayDuration(growth.model.alpha)}: no batch is small enough`;
  return Math.abs(growth.residual ?? 0) > 0.3
    ? `${said}, but steps take ${sig(Math.exp(growth.residual ?? 0))} of what their load explains`
    : `${said}, but the median gap is within it, or load made a step only ${sig(growth.grown ?? 1)} times as long`;
}
