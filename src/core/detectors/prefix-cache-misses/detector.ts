import { all, ramp } from '../../base/score.ts';
import { sayDuration, sayShare, sig } from '../../base/say.ts';
import { stretchOf, type Stretch } from '../../evidence/stretch.ts';
import type { Detector, Remedy, Severity } from '../detector.ts';
import { cannotTell, confidenceOf, detected, fact, missingOf, ruledOut, scopeOf, severityOf } from '../finding.ts';
import { rateOf } from '../trace-back.ts';
import { checksOf, type Reasons, reasonsOf } from './reasons.ts';

/** Shortfall against what should be reusable, from "chance" to "structural". */
const SHORTFALL = [0.1, 0.4] as const;
const MIN_PROMPTS = 100;
/** Share of prefill in the wait for a first token where it is not measured: the least at which a full shortfall still counts. */
const UNMEASURED_SHARE = 0.3;
/** What prompts may share where nobody told, and nothing is looked up or can match: enough to be worth a word, no more. */
const UNTOLD_SHARED = 0.3;
/** Prompt tokens looked up below this share: look-ups are skipped. Early V1 counted blocks, which are at least a sixty-fourth. */
const LOOKED_UP = 0.01;
/** A hit rate that is none. */
const NO_HITS = 0.05;
/** Share of prompts no longer than a block from which there is nothing to find. */
const TOO_SHORT = 0.9;
/** Tokens of a block up to which blocks are ordinary; hybrid models align theirs to hundreds and more. */
const ORDINARY_BLOCK = 64;
/** Seconds from one turn of a conversation to the next, at the least: what is overwritten sooner is gone by then. */
const TURN = 30;

type Variant = 'switched-off' | 'not-looked-up' | 'granularity' | 'scattered' | 'evicted' | 'structural';

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
    if (now.started < MIN_PROMPTS || now.prompt === null)
      return cannotTell(this, [], `Needs ${MIN_PROMPTS} prompts; this window has ${sig(Math.round(now.started))}.`);
    const reasons = reasonsOf(judged, now, MIN_PROMPTS / 4);
    const { off, block, best, worst } = reasons;
    const shared = judged.evidence.knobs['shared-prefix-tokens'] ?? null;
    const checks = checksOf(judged, now, reasons, shared);
    const skipped = !off && reasons.lookedUp !== null && reasons.lookedUp < LOOKED_UP;
    // With caching off, or look-ups skipped, the counters stand still and no token comes from the cache.
    const hitRate = now.hitRate ?? (off || skipped ? 0 : null);
    if (hitRate === null)
      return cannotTell(this, [], 'No prompt was looked up in the cache, although it is not switched off.');
    const none = !off && !skipped && hitRate < NO_HITS;
    if (none && (reasons.shorter ?? 0) >= TOO_SHORT && block <= ORDINARY_BLOCK)
      return ruledOut(
        this,
        `${sayShare(reasons.shorter ?? 0)} of prompts are no longer than one block of ${sig(block)} tokens: there is nothing to find again`,
      );
    const coarse = none && (shared === null ? (reasons.shorter ?? 0) >= TOO_SHORT : shared < block);
    const declared = shared === null ? null : (Math.floor(shared / block) * block) / now.prompt;
    const expected = Math.max(declared ?? 0, best ?? 0);
    const actual = declared !== null ? hitRate : (worst ?? hitRate);
    const bare = off || skipped || coarse;
    if (!bare && declared === null && (best === null || best - (worst ?? 0) < SHORTFALL[0])) {
      if (hitRate >= 0.5) return ruledOut(this, `${sayShare(hitRate)} of prompt tokens come from the cache`);
      return cannotTell(
        this,
        [],
        `The hit rate is ${sig(hitRate)}; whether more is possible depends on the prompts. Tell how many tokens they share (--knob shared-prefix-tokens=N).`,
        { facts: checks },
      );
    }
    const split = now.prefill !== null && now.queue !== null ? { prefill: now.prefill, queue: now.queue } : null;
    const prefillShare = split ? split.prefill / Math.max(1e-9, split.prefill + split.queue) : UNMEASURED_SHARE;
    // What whole blocks cannot hold is what coarse blocks lose.
    const potential = coarse ? (shared === null ? null : Math.min(1, shared / now.prompt)) : declared;
    const short = bare ? (potential ?? UNTOLD_SHARED) : Math.min(1, expected) - actual;
    const score = all(ramp(short, ...SHORTFALL), ramp(prefillShare, 0.2, 0.6));
    if (score < 0.5 && !split)
      return cannotTell(
        this,
        missingOf(judged, ['prefill-time', 'queue-time']),
        'Scrape the prefill-time and queue-time histograms.',
      );
    if (score < 0.5) return ruledOut(this, `hit rate ${sig(actual)}, at most ${sig(expected)} expected`);
    const evicted = reasons.survives !== null && reasons.survives < TURN && (reasons.usage ?? 0) >= 0.5;
    const variant: Variant = off
      ? 'switched-off'
      : skipped
        ? 'not-looked-up'
        : coarse
          ? 'granularity'
          : evicted
            ? 'evicted'
            : declared === null
              ? 'scattered'
              : 'structural';
    const known = bare ? potential !== null : true;
    const could = bare ? (potential ?? 0) : Math.min(1, expected);
    const told = declared !== null || off;
    const harm = severityOf(judged, judged.engines);
    const severity: Severity = harm === 'critical' ? 'warning' : harm;
    return detected(this, {
      variant,
      score,
      confidence: confidenceOf(score, 1, told ? 1 : 0.8, 0.95, told && variant !== 'evicted' ? 0.9 : 0.7),
      severity: known || off ? severity : 'info',
      scope: scopeOf(judged, judged.engines),
      since: null,
      strength: Array.from({ length: judged.grid.count }, () => score),
      lede: `${known ? `${sayShare(Math.max(0, actual))} of prompt tokens come from the cache, ${sayShare(could)} could.` : ''} ${WHY[variant](reasons, shared)}`.trim(),
      facts: [
        fact({
          signal: 'prefix-cache-hits',
          says: off
            ? 'prefix caching is off: hit rate 0'
            : `prefix hit rate ${sig(actual)}${known ? `, ${sig(could)} expected` : ''}`,
          figure: sig(actual),
          label: 'of prompt tokens come from the prefix cache',
          compared: known ? `expected ${sig(could)}` : 'how many could is not told',
          detail: off
            ? 'enable_prefix_caching="False"'
            : declared === null
              ? best === null
                ? ''
                : 'the best replica sets the expectation'
              : `${shared} shared tokens in blocks of ${block}, prompts of ${sig(now.prompt)}`,
          observed: actual,
          expected: known ? could : null,
          unit: 'ratio',
          query: `${rateOf(judged, judged.engines, 'prefix-cache-hits', now.seconds)} / ${rateOf(judged, judged.engines, 'prefix-cache-queries', now.seconds)}`,
          trend: null,
        }),
        ...checks,
      ],
      remedies: remediesOf(variant, reasons, now, known ? could : null, hitRate, shared),
    });
  },
};

const WHY: Record<Variant, (r: Reasons, shared: number | null) => string> = {
  'switched-off': () =>
    'Prefix caching is switched off, so every prompt token is computed, also those that prompts share.',
  'not-looked-up': (r) =>
    `Only ${sayShare(Math.max(0, r.lookedUp ?? 0))} of prompt tokens are looked up at all: requests that ask for log-probabilities of the prompt, and pooling models, skip it.`,
  granularity: (r, shared) =>
    shared === null
      ? `Blocks of ${sig(r.block)} tokens are longer than the prompts, and only whole ones are found again.`
      : `Blocks of ${sig(r.block)} tokens are longer than the ${sig(shared)} that prompts share, and only whole ones are found again.`,
  scattered: (r) =>
    `Replicas find from ${sig(r.worst ?? 0)} to ${sig(r.best ?? 0)} of theirs: where a prefix is depends on where it was sent before.`,
  evicted: (r) =>
    `At KV usage ${sig(r.usage ?? 0)} an unused prefix is overwritten after ${sayDuration(r.survives ?? 0)}, before it is asked for again.`,
  structural: () => 'What varies stands before what is shared, so that blocks differ from the first token on.',
};

function remediesOf(
  variant: Variant,
  r: Reasons,
  now: Stretch,
  could: number | null,
  hitRate: number,
  shared: number | null,
): Remedy[] {
  const computed = now.computed ?? 0;
  // What the whole fleet misses, not what its worst replica does.
  const saved = could === null ? null : Math.max(0, could - hitRate) * (now.prompt ?? 0) * (now.firstTokens ?? 0);
  const common = {
    knob: null,
    from: null,
    to: null,
    flag: null,
    steps:
      could === null || saved === null
        ? []
        : [
            {
              sum: `(${sig(could)} − ${sig(hitRate)}) × ${sig(now.prompt ?? 0)} tokens × ${sig(now.firstTokens ?? 0)}/s`,
              result: `${sig(saved)} of ${sig(computed)} computed tokens/s saved`,
            },
          ],
    expect:
      saved === null
        ? 'Prefill work falls by the share of prompt tokens that repeat.'
        : `Prefill work falls by ${sayShare(Math.min(1, saved / Math.max(1, computed)))}.`,
    verify:
      could === null ? 'Hit rate above 0, TTFT p50 lower.' : `Hit rate above ${sig(0.9 * could)}, TTFT p50 lower.`,
    risk: 'Affinity needs a limit by load.',
    needsRestart: false,
  };
  const order: Remedy = {
    ...common,
    title: 'Put stable text first, what varies last',
    why: 'Blocks match only from the first token on; one date or name at the start ends the match.',
  };
  const route: Remedy = {
    ...common,
    title: 'Route the same prefix to the same replica',
    why: 'A prefix is found only on the replica that computed it; spread over all of them it is computed on each.',
  };
  switch (variant) {
    case 'switched-off':
      return [
        {
          ...common,
          title: 'Switch prefix caching on',
          knob: 'enable-prefix-caching',
          flag: '--enable-prefix-caching',
          why: 'cache_config_info says enable_prefix_caching="False".',
          risk: 'None known: it is on by default.',
          needsRestart: true,
        },
      ];
    case 'not-looked-up':
      return [
        {
          ...common,
          title: 'Ask for log-probabilities of the prompt only where they are needed',
          why: 'Such a request has to compute every prompt token, so that the cache is not even asked. Pooling models skip it, too.',
          risk: 'None for the engine; the change is in the application.',
        },
      ];
    case 'granularity':
      return coarseRemedies(common, r, shared);
    case 'evicted': {
      const written = computed + (now.output ?? 0);
      return [
        {
          ...common,
          title: 'Keep unused prefixes for longer: more KV cache, or KV kept outside the GPU',
          why: 'Blocks nobody holds are overwritten oldest first; what is held leaves little for them.',
          steps: [
            {
              sum: `${sig(written)} tokens/s written × ${TURN} s, over all replicas`,
              result: `${sig(written * TURN)} tokens must be free to keep one turn`,
            },
            { sum: 'free tokens ÷ tokens written a second, today', result: sayDuration(r.survives ?? 0) },
            ...common.steps,
          ],
          risk: 'An fp8 cache needs a look at quality; KV outside the GPU costs host memory and the time to load it.',
          needsRestart: true,
        },
        route,
        order,
      ];
    }
    case 'scattered':
      return [route];
    case 'structural':
      return [order];
    default:
      return variant satisfies never;
  }
}

function coarseRemedies(common: Omit<Remedy, 'title' | 'why'>, r: Reasons, shared: number | null): Remedy[] {
  // The largest power of two that fits twice into what is shared, within what kernels take.
  const to = shared === null ? 16 : Math.max(16, 2 ** Math.floor(Math.log2(Math.max(32, shared) / 2)));
  return [
    ...(to < r.block
      ? [
          {
            ...common,
            title: `Use blocks of ${to} tokens`,
            knob: 'block-size',
            from: r.block,
            to,
            flag: `--block-size ${to}`,
            why: 'A block is found again only as a whole, so it has to be well shorter than what prompts share.',
            steps: [
              shared === null
                ? { sum: `prompts are no longer than a block of ${sig(r.block)}`, result: '16, the usual size' }
                : { sum: `${sig(shared)} shared ÷ 2, down to a power of 2, at least 16`, result: `${to} tokens` },
              ...common.steps,
            ],
            risk: 'Hybrid models (attention with Mamba or linear layers) set their own and do not start with less; then only a longer shared start helps.',
            needsRestart: true,
          },
        ]
      : []),
    {
      ...common,
      title: `Or make what prompts share longer than ${sig(r.block)} tokens`,
      why: 'Tools, examples and documents that all prompts carry, put before everything else, fill whole blocks.',
      risk: 'The first request of each start computes more.',
    },
  ];
}
