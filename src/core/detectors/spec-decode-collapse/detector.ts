import { stepsIn, type Values } from '../../base/grid.ts';
import { all, clamp, fall, ramp } from '../../base/score.ts';
import { sayDuration, sayShare, sig } from '../../base/say.ts';
import { maxOf, median, quantile } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { countOf } from '../../evidence/stand-in.ts';
import { type Stretch, stretchOf } from '../../evidence/stretch.ts';
import { countOver, over } from '../../evidence/trace.ts';
import { usualLine } from '../baseline.ts';
import type { Detector, Fact, Finding, NoHelp, Remedy } from '../detector.ts';
import {
  atLeast,
  cannotTell,
  confidenceOf,
  detected,
  fact,
  missingOf,
  ruledOut,
  scopeOf,
  severityOf,
} from '../finding.ts';
import { type Found, type Signature, study } from '../study.ts';
import { hurtsOf } from '../story.ts';
import { meanOf, rateOf } from '../trace-back.ts';
import { replicasFor, TARGET_LOAD } from '../../knobs/sizing.ts';
import {
  byPosition,
  paceWithout,
  type Speculation,
  speculationOf,
  stepsBehind,
  widthOf,
  type Yield,
  yieldLine,
  yieldOf,
} from './speculation.ts';

/** Tokens a step below which there was nothing to lose. */
const BASE_FLOOR = 1.15;
/** Requests that must stand behind a yield: texts differ, and one user's next question is no collapse. */
const MIN_REQUESTS = 10;
/** Spread of the yield between requests, relative, in three standard errors: fewer requests must fall further. */
const NOISE = 1;
/** Least fall that counts at all (pathologies.md P19: 15 %), and how much more makes it certain. */
const DROP = { least: 0.15, span: 0.2 } as const;
/** How much longer a running request waits for a token: without that nobody is hurt, however bad the guesses. */
const SLOWER = [1.1, 1.4] as const;
/** Slower by this much is worth a warning even within the target: people are used to the old pace. */
const NOTICED = 1.5;
/** Acceptance of a place in the draft below which it costs more than it brings (pathologies.md P19). */
const PAYS = 0.4;
/** Acceptance of guessed tokens below which a drafter guesses blindly. */
const BLIND = 0.12;
/** Guessed in vain per step and request from which speculation that never worked is worth a word. */
const WASTED = 0.8;

type Variant = 'no-drafts' | 'rejected' | 'weaker' | 'never' | 'too-large';

export const specDecodeCollapse: Detector = {
  id: 'spec-decode-collapse',
  title: 'Speculative decoding collapse',
  mechanism:
    'The guesses of speculative decoding stop being right, or stop being made, so that a step brings one token where it brought several.',
  needs: ['output-tokens', 'running'],
  judge(judged) {
    const missing = missingOf(judged, this.needs);
    if (missing.length > 0)
      return cannotTell(this, missing, 'Scrape vllm:generation_tokens_total and vllm:num_requests_running.');
    const counted = (['spec-drafts', 'spec-draft-tokens', 'spec-accepted-tokens'] as const).filter(
      (id) => missingOf(judged, [id]).length === 0,
    );
    if (counted.length === 0)
      return ruledOut(this, `speculation is off: drafts are counted on 0 of ${countOf(judged.engines)} replicas`);
    if (!counted.includes('spec-accepted-tokens'))
      return cannotTell(
        this,
        ['spec-accepted-tokens'],
        'Drafts are counted and what was right of them is not: scrape vllm:spec_decode_num_accepted_tokens_total.',
      );
    const found = study(this, judged, SIGNATURE, (finding) => fallen(this, judged, finding));
    return found.state === 'ruled-out' ? (standing(this, judged, found.strength) ?? found) : found;
  },
};

const SIGNATURE: Signature = {
  ask: '',
  strength: strengthOf,
  early: earlySign,
  whyNot,
};

/** Tokens a step at each grid time, over the shortest window that has enough requests in it. */
function lineOf(judged: Judged, engine: Engine, s: Speculation): Values {
  const fast = yieldLine(judged, engine, s, widthOf(judged), MIN_REQUESTS);
  const main = yieldLine(judged, engine, s, judged.main, MIN_REQUESTS);
  return fast.map((y, i) => y ?? main[i] ?? null);
}

/** What a step used to bring: the upper quartile of before, which a long collapse cannot drag down at once. */
const BEST = 0.75;

/** Seconds a running request waits for a token. */
function paceLine(judged: Judged, engine: Engine, s: Speculation): Values {
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const running = over(engine.trace.running, judged.grid, i, Math.max(widthOf(judged), judged.evidence.window));
    const output = over(s.output, judged.grid, i, widthOf(judged));
    return running === null || output === null || output <= 1e-6 || running < 0.5 ? null : running / output;
  });
}

/** Seconds of the past a value of these lines holds. */
function smearOf(judged: Judged): number {
  return widthOf(judged) + judged.evidence.window;
}

function strengthOf(judged: Judged, engine: Engine): Values {
  const s = speculationOf(judged, engine);
  if (!s) return Array.from({ length: judged.grid.count }, () => null);
  const line = lineOf(judged, engine, s);
  const pace = paceLine(judged, engine, s);
  const bases = usualLine(line, judged, BEST, smearOf(judged));
  const paces = usualLine(pace, judged, 0.4, smearOf(judged));
  return line.map((y, i) => {
    if (y === null) return null;
    const base = bases[i] ?? null;
    const before = paces[i] ?? null;
    const now = pace[i] ?? null;
    if (base === null || base < BASE_FLOOR || before === null || now === null) return 0;
    const requests = countOver(engine.trace.firstTokens, judged.grid, i, smearOf(judged)) ?? MIN_REQUESTS;
    const least = Math.max(DROP.least, NOISE / Math.sqrt(Math.max(requests, MIN_REQUESTS)));
    return all(ramp(1 - y / base, least, least + DROP.span), ramp(now / before, ...SLOWER));
  });
}

/** A third of the way down, by the rates of the last window alone. */
function earlySign(judged: Judged, engine: Engine): Values {
  const s = speculationOf(judged, engine);
  if (!s) return [];
  const line = lineOf(judged, engine, s);
  const base = usualLine(line, judged, BEST, smearOf(judged))[judged.end] ?? 1;
  const now = median(line.slice(-stepsIn(judged.grid, judged.fast))) ?? 1;
  // While most of the short window is still as before, the fall to come is not known: count with a third.
  const below = base - 0.35 * Math.max(base - now, base / 3);
  return s.output.map((output, i) => {
    const accepted = s.accepted[i] ?? null;
    if (output === null || accepted === null || output <= 1e-6) return null;
    const steps = stepsBehind(output, accepted, s.drafts?.[i] ?? null);
    return steps === null ? null : output / steps < below ? 1 : 0;
  });
}

function fallen(
  about: Detector,
  judged: Judged,
  { sighting, engines, one, split, then, standing: parts }: Found,
): Finding {
  // Requests in flight still carry the old text: what is now is what came after them.
  const settled = Math.min(judged.end, Math.max(split, judged.end - stepsIn(judged.grid, judged.main)));
  const now = stretchOf(engines, judged.grid, settled, judged.end);
  const old = yieldOf(judged, engines, 0, (split > 0 ? split : sighting.episode.from) - 1);
  const fresh = yieldOf(judged, engines, settled, judged.end);
  if (!old || !fresh) return ruledOut(about, 'no token is put out now');
  const variant = variantOf(old, fresh);
  const slower = old.pace !== null && fresh.pace !== null ? fresh.pace / old.pace : null;
  const positions = byPosition(judged, engines, settled, judged.end);
  return detected(about, {
    ...parts,
    variant,
    severity: slower !== null && slower >= NOTICED ? atLeast(parts.severity, 'warning') : parts.severity,
    confidence: confidenceOf(
      sighting.score,
      Math.max(0.7, sighting.persistence),
      fresh.draftShare === null || fresh.drafted === null ? 0.85 : 1,
      0.98,
    ),
    lede: `A step brings a request ${sig(fresh.perStep)} tokens, before ${sig(old.perStep)}${slower === null ? '' : `, so each token takes ${sig(slower)} times as long`}: ${WHY[variant]}.`,
    facts: factsOf(judged, engines, one, old, fresh, then, now, positions),
    story: {
      changed: {
        at: parts.since,
        title: CHANGED[variant],
        says:
          fresh.draftShare !== null && old.draftShare !== null
            ? `${sayShare(old.draftShare)} → ${sayShare(fresh.draftShare)} of steps had a guess; ${sayAcceptance(old)} → ${sayAcceptance(fresh)} of the guesses were right`
            : `${sayAcceptance(old)} → ${sayAcceptance(fresh)} of the guesses were right`,
      },
      broke: {
        at: null,
        title: 'Steps bring fewer tokens',
        says: `${sig(old.perStep)} → ${sig(fresh.perStep)} tokens a step and request; ${sig(then.running ?? 0)} → ${sig(now.running ?? 0)} run for the same output`,
      },
      hurts: hurtsOf(judged, engines, now),
    },
    remedies: remediesOf(judged, engines, variant, old, fresh, positions),
    willNotHelp: noHelpOf(variant, now),
  });
}

const WHY: Record<Variant, string> = {
  'no-drafts': 'hardly any guesses are made any more',
  rejected: 'guesses are made and nearly all of them are wrong',
  weaker: 'fewer of the guesses are right',
  never: 'its guesses have been wrong since this window began',
  'too-large': 'checking them costs more than they bring at this batch size',
};

const CHANGED: Record<Variant, string> = {
  'no-drafts': 'The text no longer repeats itself',
  rejected: 'The drafter no longer fits the model',
  weaker: 'The guesses became worse',
  never: 'The guesses never were right',
  'too-large': 'The batch outgrew speculation',
};

/** The decision tree of lost speculation: are guesses made, and if so, is any of them right. */
function variantOf(old: Yield, fresh: Yield): Variant {
  if (old.draftShare !== null && fresh.draftShare !== null && fresh.draftShare < 0.4 * old.draftShare)
    return 'no-drafts';
  if (fresh.acceptance !== null && fresh.acceptance < BLIND) return 'rejected';
  return 'weaker';
}

function sayAcceptance(y: Yield): string {
  return y.acceptance === null ? 'an unknown share' : sayShare(y.acceptance);
}

/** What no fall shows: speculation that never worked, or that costs more than it brings at today's batch. */
function standing(about: Detector, judged: Judged, strength: Values): Finding | null {
  const from = Math.max(0, judged.end - stepsIn(judged.grid, 600) + 1);
  const seconds = (judged.end - from + 1) * judged.grid.step;
  const engines = judged.engines.filter((engine) => {
    const s = speculationOf(judged, engine);
    const begun = countOver(engine.trace.firstTokens, judged.grid, judged.end, seconds) ?? 0;
    return s !== null && begun >= 5 * MIN_REQUESTS;
  });
  const first = engines[0];
  const whole = first ? yieldOf(judged, engines, from, judged.end) : null;
  if (!first || !whole || whole.acceptance === null || whole.drafted === null || seconds < 120) return null;
  const wasted = whole.drafted * (1 - whole.acceptance);
  // Never means never: after a fall that is over, the average of the window still looks blind.
  const best = maxOf(
    engines.map((engine) => {
      const s = speculationOf(judged, engine);
      return s ? quantile(lineOf(judged, engine, s), 0.9) : null;
    }),
  );
  if (best !== null && best > Math.max(BASE_FLOOR, 1.2 * whole.perStep)) return null;
  const blind = fall(whole.acceptance, BLIND, 2 * BLIND) * ramp(wasted, WASTED / 2, WASTED);
  const without = paceWithout(judged, first, whole.drafted);
  const now = stretchOf(engines, judged.grid, from, judged.end);
  const with_ = now.itl === null ? null : now.itl / whole.perStep;
  const loss = without === null || with_ === null ? 0 : ramp(with_ / without, 1.1, 1.4);
  const score = Math.max(blind, loss);
  if (score < 0.5) return null;
  const variant: Variant = blind >= loss ? 'never' : 'too-large';
  const positions = byPosition(judged, engines, from, judged.end);
  const severity = severityOf(judged, engines);
  return detected(about, {
    variant,
    score,
    // Whether tokens are slow for this reason cannot be told without a time at which it was better.
    confidence: confidenceOf(score, 1, 0.9, 0.95, variant === 'never' ? 0.75 : 0.6),
    severity: variant === 'never' && severity !== 'info' ? 'warning' : 'info',
    scope: scopeOf(judged, engines),
    since: null,
    strength: strength.map(() => score),
    lede:
      variant === 'never'
        ? `${sayShare(whole.acceptance)} of the guesses are right, so speculation adds ${sig(wasted)} tokens of vain work to each step of a request and brings ${sig(whole.perStep)} tokens.`
        : `A token takes ${sayDuration(with_ ?? 0)}; without speculation it would take about ${sayDuration(without ?? 0)} with ${sig(now.running ?? 0)} running.`,
    facts: factsOf(judged, engines, first, null, whole, null, now, positions),
    story: null,
    remedies: remediesOf(judged, engines, variant, whole, whole, positions),
    willNotHelp: noHelpOf(variant, now),
  });
}

function factsOf(
  judged: Judged,
  engines: readonly Engine[],
  one: Engine,
  old: Yield | null,
  fresh: Yield,
  then: Stretch | null,
  now: Stretch,
  positions: readonly number[],
): Fact[] {
  const s = speculationOf(judged, one);
  const rate = (id: 'output-tokens' | 'spec-accepted-tokens' | 'spec-draft-tokens' | 'spec-drafts') =>
    rateOf(judged, engines, id, now.seconds);
  const trend = s ? lineOf(judged, one, s) : null;
  return [
    fact({
      signal: 'spec-accepted-tokens',
      says: `a step brings ${sig(fresh.perStep)} tokens a request${old ? `, before ${sig(old.perStep)}` : ''}`,
      figure: sig(fresh.perStep),
      label: 'tokens a step brings one request',
      compared: old ? `before ${sig(old.perStep)}` : '1 without speculation',
      detail: 'output ÷ (output − accepted guesses)',
      observed: fresh.perStep,
      expected: old?.perStep ?? 1,
      unit: 'ratio',
      query: `${rate('output-tokens')} / (${rate('output-tokens')} - ${rate('spec-accepted-tokens')})`,
      trend,
      limit: 1,
    }),
    ...(fresh.pace === null
      ? []
      : [
          fact({
            signal: 'output-tokens',
            says: `a running request waits ${sayDuration(fresh.pace)} for a token${old?.pace ? `, before ${sayDuration(old.pace)}` : ''}`,
            figure: sayDuration(fresh.pace),
            label: 'a token for each running request',
            compared: old?.pace ? `before ${sayDuration(old.pace)}` : `target ${sayDuration(judged.limits.tbt)}`,
            detail: `running ÷ output tokens; a step takes ${now.itl === null ? 'an unknown time' : sayDuration(now.itl)}${then?.itl ? `, before ${sayDuration(then.itl)}` : ''}: the gap between steps does not show it`,
            observed: fresh.pace,
            expected: old?.pace ?? judged.limits.tbt,
            unit: 'seconds',
            query: meanOf(judged, engines, 'time-per-output-token', now.seconds),
            trend: s ? paceLine(judged, one, s) : null,
            limit: judged.limits.tbt,
          }),
        ]),
    ...(fresh.draftShare === null
      ? []
      : [
          fact({
            signal: 'spec-drafts',
            says: `${sayShare(fresh.draftShare)} of a request's steps have a guess to check${old?.draftShare ? `, before ${sayShare(old.draftShare)}` : ''}`,
            figure: sayShare(fresh.draftShare),
            label: 'of steps have a guess to check',
            compared: old?.draftShare ? `before ${sayShare(old.draftShare)}` : '',
            detail: 'drafts ÷ (output − accepted guesses)',
            observed: fresh.draftShare,
            expected: old?.draftShare ?? null,
            unit: 'ratio',
            query: `${rate('spec-drafts')} / (${rate('output-tokens')} - ${rate('spec-accepted-tokens')})`,
            trend: s?.drafts ?? null,
          }),
        ]),
    ...(fresh.acceptance === null
      ? []
      : [
          fact({
            signal: 'spec-draft-tokens',
            says: `${sayShare(fresh.acceptance)} of ${sig(fresh.guesses ?? 0)} guesses/s are right${old?.acceptance ? `, before ${sayShare(old.acceptance)}` : ''}`,
            figure: sayShare(fresh.acceptance),
            label: 'of the guessed tokens are right',
            compared: old?.acceptance ? `before ${sayShare(old.acceptance)}` : `${sayShare(PAYS)} pays`,
            detail:
              positions.length === 0 ? '' : `by place in the draft: ${positions.map((p) => sayShare(p)).join(', ')}`,
            observed: fresh.acceptance,
            expected: old?.acceptance ?? PAYS,
            unit: 'ratio',
            query: `${rate('spec-accepted-tokens')} / ${rate('spec-draft-tokens')}`,
            trend: null,
          }),
        ]),
  ];
}

const VERIFY =
  'Within 5 min at the same number of running requests: time per output token back, and tokens a step above 1.';

/** The longest draft whose last place is still right often enough. */
function lengthThatPays(positions: readonly number[]): number {
  const stop = positions.findIndex((p) => p < PAYS);
  return stop < 0 ? positions.length : stop;
}

function remediesOf(
  judged: Judged,
  engines: readonly Engine[],
  variant: Variant,
  old: Yield,
  fresh: Yield,
  positions: readonly number[],
): Remedy[] {
  const k = positions.length;
  const pays = lengthThatPays(positions);
  const slower = old.pace !== null && fresh.pace !== null ? fresh.pace / old.pace : 1;
  const share = fresh.draftShare ?? 1;
  const shorter: Remedy | null =
    k >= 2 && pays >= 1 && pays < k
      ? {
          title: `Guess ${pays} tokens instead of ${k}`,
          knob: 'num-speculative-tokens',
          from: k,
          to: pays,
          flag: null,
          why: `Places after the ${ordinal(pays)} are right in less than ${sayShare(PAYS)} of drafts, and each of them is computed in every step. Set num_speculative_tokens in --speculative-config.`,
          steps: [
            ...positions.map((p, i) => ({ sum: `place ${i + 1} right`, result: `${sayShare(p)} of drafts` })),
            {
              sum: `1 + ${sig(share)} × (${positions
                .slice(0, pays)
                .map((p) => sig(p))
                .join(' + ')})`,
              result: `${sig(1 + share * positions.slice(0, pays).reduce((a, b) => a + b, 0))} tokens a step`,
            },
            {
              sum: `${k} − ${pays} places × ${sig(share)} drafts a step`,
              result: `${sig((k - pays) * share)} tokens a step saved`,
            },
          ],
          expect: 'Steps become shorter and bring nearly as many tokens.',
          risk: 'Text that is easier to guess gains less.',
          verify: VERIFY,
          needsRestart: true,
        }
      : null;
  const off: Remedy = {
    title: 'Switch speculation off until it pays again',
    knob: 'speculative-config',
    from: k > 0 ? k : null,
    to: null,
    flag: null,
    why: `Start without --speculative-config. ${variant === 'no-drafts' ? 'Little is guessed, so little is gained by it.' : 'Wrong guesses are computed like right ones.'}`,
    steps: [
      {
        sum: `${sig(fresh.drafted ?? 0)} guessed × ${sig(1 - (fresh.acceptance ?? 0))} wrong`,
        result: `${sig((fresh.drafted ?? 0) * (1 - (fresh.acceptance ?? 0)))} tokens of vain work a step and request`,
      },
    ],
    expect: `One token a step and request instead of ${sig(fresh.perStep)}, in shorter steps.`,
    risk: 'Where guesses still are right, those requests become slower.',
    verify: VERIFY,
    needsRestart: true,
  };
  const roll: Remedy = {
    title: 'Roll back what changed: drafter, model version or chat template',
    knob: null,
    from: null,
    to: null,
    flag: null,
    why: 'A drafter of another model version, vocabulary or template guesses at random: guesses go on being made and are wrong at the first place already.',
    steps:
      positions.length === 0 ? [] : [{ sum: 'first place right', result: `${sayShare(positions[0] ?? 0)} of drafts` }],
    expect: `Back to ${sig(old.perStep)} tokens a step.`,
    risk: 'None for the engine.',
    verify: VERIFY,
    needsRestart: true,
  };
  const drafter: Remedy = {
    title: 'Use a drafter that needs no repetition',
    knob: null,
    from: null,
    to: null,
    flag: null,
    why: 'N-gram and suffix drafting guess what stands in the prompt or was said before. New text has nothing to copy; a draft model or an EAGLE or MTP head guesses that, too.',
    steps: [],
    expect: 'Guesses are made again in every step.',
    risk: 'Takes GPU memory and time per guess; measure it on this traffic first.',
    verify: VERIFY,
    needsRestart: true,
  };
  const n = countOf(judged.engines);
  const replicas = replicasFor(n, TARGET_LOAD * slower);
  const size: Remedy = {
    title: `Size for the slower pace: ${replicas} replicas instead of ${n}`,
    knob: null,
    from: n,
    to: replicas,
    flag: null,
    why: 'If the new text is here to stay, the same traffic occupies more seats and cache for longer.',
    steps: [
      { sum: `${sig(fresh.pace ?? 0)} s ÷ ${sig(old.pace ?? 0)} s a token`, result: `${sig(slower)} times as slow` },
      { sum: `${n} × ${sig(slower)}`, result: `${replicas} replicas` },
    ],
    expect: 'As many requests per replica as before.',
    risk: 'Costs a GPU set each; tokens stay as slow as a step.',
    verify: VERIFY,
    needsRestart: false,
  };
  const list: (Remedy | null)[] =
    variant === 'no-drafts'
      ? [drafter, replicas > n && countOf(engines) === n ? size : null]
      : variant === 'rejected'
        ? [roll, off]
        : variant === 'weaker'
          ? [shorter ?? (pays === 0 ? off : roll), shorter && pays > 0 ? off : drafter]
          : variant === 'never'
            ? [off, shorter, roll]
            : [shorter, off];
  return list.filter((r): r is Remedy => r !== null);
}

function ordinal(n: number): string {
  return ['first', 'second', 'third', 'fourth', 'fifth'][n - 1] ?? `${n}th`;
}

function noHelpOf(variant: Variant, now: Stretch): NoHelp[] {
  return [
    ...(variant === 'no-drafts' ? [{ title: 'A shorter draft', why: 'guesses are not wrong, they are not made' }] : []),
    { title: 'More seats', why: `${sig(now.running ?? 0)} run; each of them gets fewer tokens a step` },
    { title: 'More KV cache', why: `at most ${sig(now.usageMax ?? 0)} of it is held` },
  ];
}

function whyNot(judged: Judged): string {
  const each = judged.engines.flatMap((engine) => {
    const s = speculationOf(judged, engine);
    if (!s) return [];
    const line = lineOf(judged, engine, s);
    const now = median(line.slice(-stepsIn(judged.grid, judged.fast)));
    const base = quantile(line, 0.75);
    return now === null || base === null ? [] : [{ now, base, lost: clamp(1 - now / base) }];
  });
  const worst = each.reduce<(typeof each)[number] | null>((a, b) => (a === null || b.lost > a.lost ? b : a), null);
  if (!worst) return `fewer than ${MIN_REQUESTS} requests to judge the guesses by`;
  const base = maxOf(each.map((e) => e.base)) ?? 1;
  if (base < BASE_FLOOR) return `a step brings ${sig(base)} tokens at best: there was no speed to lose`;
  return `a step brings ${sig(worst.now)} tokens a request, at best ${sig(worst.base)} in this window`;
}
