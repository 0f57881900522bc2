import { all, ramp } from '../../base/score.ts';
import { sayShare, sig } from '../../base/say.ts';
import { maxOf, minOf } from '../../base/statistics.ts';
import type { Engine } from '../../evidence/judged.ts';
import { stretchOf } from '../../evidence/stretch.ts';
import type { Detector } from '../detector.ts';
import { cannotTell, confidenceOf, detected, fact, missingOf, ruledOut, scopeOf, severityOf } from '../finding.ts';
import { rateOf } from '../trace-back.ts';

/** Shortfall against what should be reusable, from "chance" to "structural". */
const SHORTFALL = [0.1, 0.4] as const;
const MIN_PROMPTS = 100;
/** Share of prefill in the wait for a first token where it is not measured: the least at which a full shortfall still counts. */
const UNMEASURED_SHARE = 0.3;

export const prefixCacheMisses: Detector = {
  id: 'prefix-cache-misses',
  title: 'Prefix cache misses',
  mechanism:
    'Prompts that could share their start do not: variable text first, a salt per user, conversations scattered over replicas. Prompts that differ have nothing to share, and that is no fault.',
  needs: ['prefix-cache-queries', 'prefix-cache-hits', 'prompt-tokens'],
  judge(judged) {
    const missing = missingOf(judged, this.needs);
    if (missing.length > 0)
      return cannotTell(this, missing, 'Scrape vllm:prefix_cache_queries_total and vllm:prefix_cache_hits_total.');
    const now = stretchOf(judged.engines, judged.grid, 0, judged.end);
    const one = judged.engines[0] as Engine;
    const off = one?.trace.prefixCaching === false;
    // With caching switched off nothing is looked up: both counters stand at 0, and no token comes from the cache.
    const hitRate = now.hitRate ?? (off ? 0 : null);
    if (now.started < MIN_PROMPTS || now.prompt === null) {
      return cannotTell(this, [], `Needs ${MIN_PROMPTS} prompts; this window has ${sig(Math.round(now.started))}.`);
    }
    if (hitRate === null)
      return cannotTell(this, [], 'No prompt was looked up in the cache, although it is not switched off.');
    const shared = judged.evidence.knobs['shared-prefix-tokens'] ?? null;
    const block = one.trace.blockSize ?? 16;
    const each = judged.engines
      .map((e) => ({ engine: e, s: stretchOf([e], judged.grid, 0, judged.end) }))
      .filter((x) => x.s.started >= MIN_PROMPTS / 4);
    const best = each.length >= 2 ? maxOf(each.map((x) => x.s.hitRate)) : null;
    const worst = each.length >= 2 ? minOf(each.map((x) => x.s.hitRate)) : null;
    const declared = shared === null ? null : (Math.floor(shared / block) * block) / now.prompt;
    const expected = Math.max(declared ?? 0, best ?? 0);
    const actual = declared !== null ? hitRate : (worst ?? hitRate);
    if (declared === null && (best === null || (best ?? 0) - (worst ?? 0) < SHORTFALL[0]) && !off) {
      if (hitRate >= 0.5) return ruledOut(this, `${sayShare(hitRate)} of prompt tokens come from the cache`);
      return cannotTell(
        this,
        [],
        `The hit rate is ${sig(hitRate)}; whether more is possible depends on the prompts. Tell how many tokens they share (--knob shared-prefix-tokens=N).`,
      );
    }
    const split = now.prefill !== null && now.queue !== null ? { prefill: now.prefill, queue: now.queue } : null;
    const prefillShare = split ? split.prefill / Math.max(1e-9, split.prefill + split.queue) : UNMEASURED_SHARE;
    const short = Math.min(1, expected) - actual;
    const score = off
      ? all(ramp(declared ?? 0.3, 0.1, 0.4), ramp(prefillShare, 0.2, 0.6))
      : all(ramp(short, ...SHORTFALL), ramp(prefillShare, 0.2, 0.6));
    if (score < 0.5 && !split)
      return cannotTell(
        this,
        missingOf(judged, ['prefill-time', 'queue-time']),
        'Scrape the prefill-time and queue-time histograms.',
      );
    if (score < 0.5) return ruledOut(this, `hit rate ${sig(actual)}, at most ${sig(expected)} expected`);
    const computed = now.computed ?? 0;
    // What the whole fleet misses, not what its worst replica does.
    const missed = Math.max(0, Math.min(1, expected) - hitRate);
    const saved = missed * now.prompt * (now.firstTokens ?? 0);
    const known = declared !== null || best !== null;
    return detected(this, {
      variant: off ? 'switched-off' : declared === null ? 'scattered' : 'structural',
      score,
      confidence: confidenceOf(
        score,
        1,
        declared === null && !off ? 0.8 : 1,
        0.95,
        declared === null && !off ? 0.7 : 0.9,
      ),
      severity: severityOf(judged, judged.engines) === 'critical' ? 'warning' : severityOf(judged, judged.engines),
      scope: scopeOf(judged, judged.engines),
      since: null,
      strength: Array.from({ length: judged.grid.count }, () => score),
      lede: known
        ? `${sayShare(Math.max(0, actual))} of prompt tokens come from the cache, ${sayShare(Math.min(1, expected))} could.`
        : 'Prefix caching is switched off, so every prompt token is computed, also those that prompts share.',
      facts: [
        fact({
          signal: 'prefix-cache-hits',
          says: known
            ? `prefix hit rate ${sig(actual)}, ${sig(expected)} expected`
            : 'prefix caching is off: hit rate 0',
          figure: sig(actual),
          label: 'of prompt tokens come from the prefix cache',
          compared: known ? `expected ${sig(Math.min(1, expected))}` : 'how many could is not told',
          detail: !known
            ? 'enable_prefix_caching="False"'
            : declared === null
              ? 'the best replica sets the expectation'
              : `${shared} shared tokens in blocks of ${block}, prompts of ${sig(now.prompt)}`,
          observed: actual,
          expected: known ? expected : null,
          unit: 'ratio',
          query: `${rateOf(judged, judged.engines, 'prefix-cache-hits', now.seconds)} / ${rateOf(judged, judged.engines, 'prefix-cache-queries', now.seconds)}`,
          trend: null,
        }),
      ],
      remedies: [
        {
          title: off
            ? 'Switch prefix caching on'
            : declared === null
              ? 'Route the same prefix to the same replica'
              : 'Put stable text first, what varies last',
          knob: off ? 'enable-prefix-caching' : null,
          from: null,
          to: null,
          flag: off ? '--enable-prefix-caching' : null,
          why: off
            ? 'cache_config_info says enable_prefix_caching="False".'
            : declared === null
              ? 'A prefix is found only on the replica that computed it; spread over all of them it is computed on each.'
              : 'Blocks match only from the first token on; one date or name at the start ends the match.',
          steps: known
            ? [
                {
                  sum: `(${sig(Math.min(1, expected))} − ${sig(hitRate)}) × ${sig(now.prompt)} tokens × ${sig(now.firstTokens ?? 0)}/s`,
                  result: `${sig(saved)} of ${sig(computed)} computed tokens/s saved`,
                },
              ]
            : [],
          expect: known
            ? `Prefill work falls by ${sayShare(Math.min(1, saved / Math.max(1, computed)))}.`
            : 'Prefill work falls by the share of prompt tokens that repeat.',
          risk: off ? 'None known: it is on by default.' : 'Affinity needs a limit by load.',
          verify: known
            ? `Hit rate above ${sig(0.9 * Math.min(1, expected))}, TTFT p50 lower.`
            : 'Hit rate above 0, TTFT p50 lower.',
          needsRestart: off,
        },
      ],
    });
  },
};
