import { stepsIn, type Values } from '../../base/grid.ts';
import { fall, ramp } from '../../base/score.ts';
import { sayDuration, sayShare, sig } from '../../base/say.ts';
import { maxOf, quantile } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { replicaLine } from '../../evidence/lines.ts';
import { type Stretch, stretchOf } from '../../evidence/stretch.ts';
import { countOver, over, ratioLine } from '../../evidence/trace.ts';
import type { Detector, Finding, Remedy } from '../detector.ts';
import { cannotTell, confidenceOf, detected, fact, missingOf, ruledOut } from '../finding.ts';
import { type Signature, study } from '../study.ts';
import { hurtsOf } from '../story.ts';
import { gaugeOf, rateOf } from '../trace-back.ts';

/** A replica that never reused anything cannot lose it. */
const BASE_FLOOR = 0.2;
/** Absolute fall of the hit rate: 0.15 is outside chance at 200 prompts, 0.4 multiplies prefill by more than 1.6. */
const DROP = [0.12, 0.35] as const;
const MIN_PROMPTS = 20;
/** Fall of an average over many requests that is no noise of it any more: where the true rate falls, it starts to sink at once. */
const SINKING = 0.03;
/** Without counters the rate is an average over a time of the engine's own choosing, and the length of prompts is mostly unknown. */
const AS_STATED = 0.6;
/** Where not even that time is known: SGLang and others state the rate of a last batch, which varies by what is in it. */
const OF_A_BATCH = 0.5;
/** Seconds a stated rate has to hold on either side, and values at least: the median of fewer is one batch. */
const HOLDS = { seconds: 60, values: 4 } as const;
/** Part of the values of such a stretch that has to be known. */
const KNOWN = 0.75;
/** Fall in units of the usual spread within a stretch: none at one, where neighbouring batches differ as much; a step at two. */
const STANDS_OUT = [1, 2] as const;

export const prefixCacheCollapse: Detector = {
  id: 'prefix-cache-collapse',
  title: 'Prefix cache collapse',
  mechanism:
    'A prefix that used to be served from cache stops matching, so every prompt is computed in full: prefill work multiplies by (1 − new hit rate) ÷ (1 − old hit rate).',
  needs: ['prefix-cache-queries', 'prefix-cache-hits'],
  judge(judged) {
    const off = judged.engines.length > 0 && judged.engines.every((e) => e.trace.prefixCaching === false);
    if (off) return ruledOut(this, 'prefix caching is switched off on every replica');
    const uncounted = missingOf(judged, this.needs);
    const stated = uncounted.length > 0 && missingOf(judged, [STATED]).length === 0;
    const about: Detector = stated ? { ...this, needs: [STATED] } : this;
    const finding = study(about, judged, SIGNATURE, ({ sighting, engines, split, then, standing }) => {
      const settled = stretchOf(
        engines,
        judged.grid,
        Math.min(judged.end, split + stepsIn(judged.grid, judged.evidence.window)),
        judged.end,
      );
      const old = bestBefore(judged, engines[0] as Engine, split) ?? then.hitRate ?? 0;
      const overRequests = stated && isAverage(judged);
      const fresh = (stated ? statedNow(judged, engines[0] as Engine, overRequests) : settled.hitRate) ?? 0;
      const surety = !stated ? 0.95 : overRequests ? AS_STATED : OF_A_BATCH;
      const times = (1 - fresh) / Math.max(0.02, 1 - old);
      return detected(this, {
        ...standing,
        confidence: confidenceOf(sighting.score, Math.max(0.7, sighting.persistence), 1, 1, surety),
        missing: uncounted,
        lede: overRequests
          ? `The hit rate the engine states fell from ${sig(old)} to ${sig(fresh)}. It is an average over many requests, so it is lower still by now: the same prompts cost at least ${sig(times)} times the work.`
          : stated
            ? `The hit rate the engine states fell from ${sig(old)} to ${sig(fresh)} and has stayed there. If the prompts are the same, they cost ${sig(times)} times the work.`
            : `The hit rate fell from ${sig(old)} to ${sig(fresh)}, so the engine computes ${sig(times)} times the prompt tokens for the same prompts.`,
        facts: factsOf(judged, engines, then, settled, old, fresh, stated, overRequests),
        story: {
          changed: {
            at: standing.since,
            title: 'Prompts stopped sharing their prefix',
            says:
              then.prompt === null || settled.prompt === null
                ? 'or other prompts came: how long they are is not measured here'
                : `prompt length unchanged (${sig(then.prompt)} → ${sig(settled.prompt)} tokens)`,
          },
          broke: {
            at: null,
            title: `Prefill work grew ${overRequests ? 'at least ' : ''}${sig(times)} times`,
            says: [
              then.computed === null || settled.computed === null
                ? ''
                : `${sig(then.computed)} → ${sig(settled.computed)} prompt tokens/s computed`,
              settled.itl === null ? '' : `a step takes ${sayDuration(settled.itl)}`,
            ]
              .filter(Boolean)
              .join('; '),
          },
          hurts: hurtsOf(judged, engines, settled),
        },
        remedies: remediesOf(engines, settled, old, fresh),
        willNotHelp: [
          { title: 'Restarting a replica', why: 'it starts with an empty cache, which is the problem' },
          { title: 'Enabling prefix caching', why: 'it is on: blocks are looked up and not found' },
          { title: 'More seats', why: `${sig(settled.running ?? 0)} run; engine time goes into prefill` },
        ],
      });
    });
    // What has not fallen, or not for a minute, rules nothing out, unless there never was anything to lose.
    return stated && finding.state === 'ruled-out' && bestRate(judged) >= BASE_FLOOR
      ? cannotTell(
          this,
          uncounted,
          isAverage(judged)
            ? `The stated hit rate (${finding.because}) is an average over many requests: a fall of the last minutes hardly shows in it.`
            : `The stated hit rate (${finding.because}) is of a time of the engine's own choosing and shows no fall that stands out of its own spread and holds for a minute.`,
          { strength: finding.strength },
        )
      : finding;
  },
};

const STATED = 'prefix-cache-hit-rate';

const SIGNATURE: Signature = {
  ask: 'Scrape vllm:prefix_cache_queries_total and vllm:prefix_cache_hits_total.',
  strength: strengthOf,
  early: earlySign,
  whyNot,
};

/**
 * Hit rate over the short window; `null` without enough prompts to speak of. Where nothing is counted, the median of a minute of
 * the rate as stated, which one odd batch cannot move.
 */
function hitRate(judged: Judged, engine: Engine): Values {
  const { trace } = engine;
  if (!isCounted(engine))
    return heldMinutes(judged, statedRate(judged, engine) ?? []).map((held) => held?.level ?? null);
  const rate = ratioLine(trace.hits, trace.queried, stepsIn(judged.grid, judged.fast));
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const prompts = countOver(trace.firstTokens, judged.grid, i, judged.fast);
    return prompts !== null && prompts < 5 ? null : (rate?.[i] ?? null);
  });
}

/** Steps a stated rate is looked at in one go. */
function stepsHeld({ grid }: Judged): number {
  return Math.max(stepsIn(grid, HOLDS.seconds), HOLDS.values);
}

/** Of the minute that ends at each grid time: median, and 20th to 80th percentile; `null` where too little of it is known. */
function heldMinutes(judged: Judged, stated: Values): readonly ({ level: number; spread: number } | null)[] {
  const steps = stepsHeld(judged);
  return stated.map((value, i) => {
    const minute = stated.slice(Math.max(0, i - steps + 1), i + 1);
    const [low, level, high] = [0.2, 0.5, 0.8].map((q) => quantile(minute, q));
    if (value === null || minute.filter((one) => one !== null).length < KNOWN * steps) return null;
    return low == null || level == null || high == null ? null : { level, spread: high - low };
  });
}

/** How far a fall stands out of the spread within a minute, now and usually before: 0 to 1; 1 where hits are counted. */
function standsOut(judged: Judged, engine: Engine): (i: number, fallen: number) => number {
  if (isCounted(engine)) return () => 1;
  const held = heldMinutes(judged, statedRate(judged, engine) ?? []);
  const spreads = held.map((minute) => minute?.spread ?? null);
  return (i, fallen) => {
    const before = quantile(spreads.slice(0, Math.max(0, i - stepsHeld(judged))), 0.5);
    const spread = maxOf([before, spreads[i] ?? null]) ?? 0;
    return spread === 0 ? 1 : ramp(fallen / spread, ...STANDS_OUT);
  };
}

/** Whether what is stated is vLLM's own average over many requests; of the others it is not known over what. */
function isAverage({ evidence }: Judged): boolean {
  return (evidence.readings[STATED]?.metrics ?? []).every((metric) => metric.startsWith('vllm:'));
}

/** An average is lower the later it is read; of batches the last alone says little. */
function statedNow(judged: Judged, engine: Engine, overRequests: boolean): number | null {
  return lastOf(overRequests ? statedRate(judged, engine) : hitRate(judged, engine));
}

function isCounted({ trace }: Engine): boolean {
  return trace.hits !== null && trace.queried !== null;
}

function statedRate(judged: Judged, engine: Engine): Values | null {
  return replicaLine(judged.evidence, STATED, engine.id);
}

function lastOf(line: Values | null): number | null {
  return line?.findLast((value) => value !== null) ?? null;
}

function bestRate(judged: Judged): number {
  return maxOf(judged.engines.map((e) => bestBefore(judged, e, judged.grid.count))) ?? 0;
}

/** Best level the hit rate held before index `i`: 80th percentile, which a long collapse cannot drag down at once. */
function bestBefore(judged: Judged, engine: Engine, i: number): number | null {
  const line = hitRate(judged, engine).slice(0, Math.max(0, i));
  const seen = line.filter((h) => h !== null).length * judged.grid.step;
  return seen < 60 ? null : quantile(line, 0.8);
}

function strengthOf(judged: Judged, engine: Engine): Values {
  const { grid } = judged;
  const rate = hitRate(judged, engine);
  const gap = isCounted(engine) ? stepsIn(grid, judged.fast) : stepsHeld(judged);
  const shown = standsOut(judged, engine);
  let seen = 0;
  let best = -Infinity;
  return Array.from({ length: grid.count }, (_, i) => {
    const last = i - gap >= 1 ? (rate[i - gap - 1] ?? null) : null;
    if (last !== null) {
      seen++;
      best = Math.max(best, last);
    }
    const h = rate[i] ?? null;
    if (h === null) return null;
    // What it used to be is no more than the best of it: mostly it has not fallen even from there.
    if (seen * grid.step < 60 || ramp(best - h, ...DROP) === 0) return 0;
    const base = quantile(rate.slice(0, Math.max(0, i - gap)), 0.8) ?? 0;
    const fallen = ramp(base - h, ...DROP);
    if (base < BASE_FLOOR || fallen === 0) return 0;
    const prompts = countOver(engine.trace.firstTokens, grid, i, judged.main) ?? MIN_PROMPTS;
    const prompt = engine.admission.nextPrompt[i] ?? null;
    const usual = quantile(engine.admission.nextPrompt.slice(0, Math.max(1, i - gap)), 0.5);
    const shift = prompt !== null && usual !== null && prompt > 0 && usual > 0 ? Math.abs(Math.log(prompt / usual)) : 0;
    return fallen * shown(i, base - h) * fall(shift, 0.3, 0.8) * ramp(prompts, 3, MIN_PROMPTS);
  });
}

/** Hit rate of the last rate window, or as stated, below the middle between old and new; of an average, below what it was. */
function earlySign(judged: Judged, engine: Engine): Values {
  const { trace } = engine;
  if (!isCounted(engine)) {
    const usual = bestBefore(judged, engine, judged.grid.count) ?? 1;
    const now = lastOf(hitRate(judged, engine)) ?? 0;
    const level = isAverage(judged) ? usual - SINKING : (usual + now) / 2;
    return (statedRate(judged, engine) ?? []).map((value) => (value === null ? null : value < level ? 1 : 0));
  }
  const best = bestBefore(judged, engine, judged.grid.count) ?? 1;
  const now = over(hitRate(judged, engine), judged.grid, judged.end, judged.main) ?? 0;
  const middle = (best + now) / 2;
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const q = trace.queried?.[i] ?? null;
    const h = trace.hits?.[i] ?? null;
    if (q === null || h === null || q <= 0) return null;
    return h / q < middle ? 1 : 0;
  });
}

function factsOf(
  judged: Judged,
  engines: readonly Engine[],
  then: Stretch,
  now: Stretch,
  old: number,
  fresh: number,
  stated: boolean,
  overRequests: boolean,
): Finding['facts'] {
  const one = engines[0] as Engine;
  const hits = rateOf(judged, engines, 'prefix-cache-hits', now.seconds);
  const queries = rateOf(judged, engines, 'prefix-cache-queries', now.seconds);
  return [
    fact({
      signal: stated ? STATED : 'prefix-cache-hits',
      says: `prefix hit rate ${sig(old)} → ${sig(fresh)}`,
      figure: sig(fresh),
      label: 'of prompt tokens come from the prefix cache',
      compared: `before ${sig(old)}`,
      detail: !stated
        ? 'hit tokens ÷ queried tokens'
        : overRequests
          ? 'as the engine states it, an average over many requests'
          : 'as the engine states it, median of a minute',
      observed: fresh,
      expected: old,
      unit: 'ratio',
      query: stated ? gaugeOf(judged, engines, STATED) : `${hits} / ${queries}`,
      trend: stated ? replicaLine(judged.evidence, STATED, one.id) : ratioLine(one.trace.hits, one.trace.queried, 1),
    }),
    ...(now.computed === null || then.computed === null
      ? []
      : [
          fact({
            signal: 'computed-prompt-tokens',
            says: `${sig(now.computed)} prompt tokens/s computed, before ${sig(then.computed)}`,
            figure: sig(now.computed),
            label: 'prompt tokens/s are computed',
            compared: `before ${sig(then.computed)}`,
            detail:
              now.firstTokens === null || then.firstTokens === null
                ? 'how many prompts these are is not counted here'
                : `for ${sig(now.firstTokens)} prompts/s, before ${sig(then.firstTokens)}`,
            observed: now.computed,
            expected: then.computed,
            unit: 'tokens-per-second',
            query: rateOf(judged, engines, 'computed-prompt-tokens', now.seconds),
            trend: one.trace.computed,
          }),
        ]),
    ...(now.prompt === null || then.prompt === null
      ? []
      : [
          fact({
            signal: 'prompt-tokens',
            says: `prompts are as long as before: ${sig(now.prompt)} tokens`,
            figure: sig(now.prompt),
            label: 'tokens a prompt: the traffic did not change',
            compared: `before ${sig(then.prompt)}`,
            detail: `${sig(now.arrivals ?? 0)}/s arrive (inferred), before ${sig(then.arrivals ?? 0)}`,
            observed: now.prompt,
            expected: then.prompt,
            unit: 'tokens',
            query: `${rateOf(judged, engines, 'prompt-tokens', now.seconds)} / ${rateOf(judged, engines, 'ttft', now.seconds)}`,
            trend: null,
          }),
        ]),
  ];
}

function remediesOf(engines: readonly Engine[], now: Stretch, old: number, fresh: number): Remedy[] {
  const asked = now.prompt !== null && now.firstTokens !== null ? now.prompt * now.firstTokens : null;
  const saved = asked === null ? null : (old - fresh) * asked;
  const verify = `Within 5 min: hit rate back above ${sig(old * 0.9)}, computed prompt tokens per request back, TTFT on target.`;
  return [
    {
      title: 'Roll back what changed at the start of the prompt',
      knob: null,
      from: null,
      to: null,
      flag: null,
      why: 'A new template, tool list, date or user name before the shared text makes every block differ. Put what varies last.',
      steps:
        asked === null || saved === null
          ? [
              {
                sum: `(1 − ${sig(fresh)}) ÷ (1 − ${sig(old)})`,
                result: `${sig((1 - fresh) / Math.max(0.02, 1 - old))} × the prefill work, at least`,
              },
            ]
          : [
              {
                sum: `${sig(now.firstTokens ?? 0)}/s × ${sig(now.prompt ?? 0)} tokens`,
                result: `${sig(asked)} prompt tokens/s asked`,
              },
              {
                sum: `(${sig(old)} − ${sig(fresh)}) × ${sig(asked)}`,
                result: `${sig(saved)} tokens/s need not be computed`,
              },
              {
                sum: `(1 − ${sig(fresh)}) ÷ (1 − ${sig(old)})`,
                result: `${sig((1 - fresh) / Math.max(0.02, 1 - old))} × the prefill work`,
              },
            ],
      expect: `Prefill falls by ${saved === null || now.computed === null ? 'most of it' : sayShare(Math.min(1, saved / Math.max(1, now.computed)))}; the queue drains by itself.`,
      risk: 'None for the engine; the rollback is in the application.',
      verify,
      needsRestart: false,
    },
    {
      title: 'If a router changed: send the same prefix to the same replica again',
      knob: null,
      from: null,
      to: null,
      flag: null,
      why:
        engines.length > 1
          ? 'Scattered prefixes must be computed on every replica.'
          : 'Check whether requests of one prefix now reach more replicas than before.',
      steps: [],
      expect: 'Hit rate recovers as each replica sees its prefixes again.',
      risk: 'Affinity can overload one replica: combine it with load.',
      verify,
      needsRestart: false,
    },
    {
      title: 'If a replica restarted: wait, and warm it next time',
      knob: null,
      from: null,
      to: null,
      flag: null,
      why: 'A cold cache refills with traffic. Send the shared prompt once before the replica counts as ready, and stagger restarts.',
      steps: [],
      expect: 'Hit rate climbs back within minutes of traffic.',
      risk: 'None.',
      verify,
      needsRestart: false,
    },
  ];
}

function whyNot(judged: Judged): string {
  const rates = judged.engines.map((e) => over(hitRate(judged, e), judged.grid, judged.end, judged.main));
  const now = maxOf(rates);
  const base = maxOf(judged.engines.map((e) => bestBefore(judged, e, judged.grid.count)));
  if (now === null) return 'too few prompts to speak of a hit rate';
  if ((base ?? 0) < BASE_FLOOR) return `hit rate ${sig(now)} throughout: there was no reuse to lose`;
  return `hit rate ${sig(now)}, at best ${sig(base ?? 0)} in this window`;
}
