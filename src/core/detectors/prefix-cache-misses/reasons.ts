import { shareAtOrBelow } from '../../base/histogram.ts';
import { sayDuration, sayShare, sig } from '../../base/say.ts';
import { maxOf, mean, minOf } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { type Stretch, stretchOf } from '../../evidence/stretch.ts';
import { bucketsBetween } from '../../evidence/trace.ts';
import type { Fact } from '../detector.ts';
import { fact } from '../finding.ts';
import { gaugeOf, meanOf, rateOf } from '../trace-back.ts';

/** What decides why prompts do not hit the cache, in the order in which it is to be checked. */
export interface Reasons {
  /** The label says that caching is off. */
  readonly off: boolean;
  /** Prompt tokens looked up ÷ prompt tokens: requests that want log-probabilities of the prompt, and pooling models, skip the look-up. */
  readonly lookedUp: number | null;
  /** Tokens of a block: only whole ones are found again. */
  readonly block: number;
  /** Share of prompts that certainly are no longer than one block, 0 to 1; `null` where lengths are not measured. */
  readonly shorter: number | null;
  /** Hit rates of the best and the worst replica; `null` with fewer than two that have enough prompts. */
  readonly best: number | null;
  readonly worst: number | null;
  /** Seconds an unused block stays in the cache: free tokens ÷ tokens written a second, of the busiest replica; `null` where the pool's size is not told. */
  readonly survives: number | null;
  /** Mean KV usage of the busiest replica. */
  readonly usage: number | null;
}

/** @param least prompts a replica needs for a hit rate of its own */
export function reasonsOf(judged: Judged, now: Stretch, least: number): Reasons {
  const { engines, grid, end } = judged;
  const each = engines.map((e) => ({ engine: e, s: stretchOf([e], grid, 0, end) })).filter((x) => x.s.started >= least);
  const rates = each.map((x) => x.s.hitRate);
  const queried = sumOf(engines, (e) => mean(e.trace.queried ?? []));
  const asked = sumOf(engines, (e) => mean(e.trace.prompt ?? []));
  const one = engines[0];
  return {
    off: one?.trace.prefixCaching === false,
    lookedUp: queried === null || asked === null || asked <= 1e-6 ? null : queried / asked,
    block: one?.trace.blockSize ?? 16,
    shorter: shorterThan(engines, judged, one?.trace.blockSize ?? 16),
    best: each.length >= 2 ? maxOf(rates) : null,
    worst: each.length >= 2 ? minOf(rates) : null,
    survives: minOf(engines.map((e) => survivalOf(e))),
    usage: now.usage,
  };
}

function sumOf(engines: readonly Engine[], of: (e: Engine) => number | null): number | null {
  const xs = engines.map(of).filter((x): x is number => x !== null);
  return xs.length === 0 ? null : xs.reduce((a, b) => a + b, 0);
}

function shorterThan(engines: readonly Engine[], judged: Judged, block: number): number | null {
  let below = 0;
  let count = 0;
  for (const { trace } of engines) {
    if (!trace.promptLength) continue;
    const b = bucketsBetween(trace.promptLength, 0, judged.end);
    const share = shareAtOrBelow(b.bounds, b.cumulative, b.count, block);
    if (!share) continue;
    below += share.low * b.count;
    count += b.count;
  }
  return count > 1e-9 ? below / count : null;
}

/** Blocks nobody holds are taken oldest first, so an unused one lasts as long as the free part takes to be written over. */
function survivalOf({ trace }: Engine): number | null {
  const usage = mean(trace.usage ?? []);
  const written = (mean(trace.computed ?? []) ?? 0) + (mean(trace.output ?? []) ?? 0);
  if (usage === null || trace.capacity === null || written <= 1e-6) return null;
  return ((1 - usage) * trace.capacity) / written;
}

/** The checks as facts, each with the number that decides it; in the order in which they rule one another out. */
export function checksOf(judged: Judged, now: Stretch, r: Reasons, shared: number | null): Fact[] {
  const { engines } = judged;
  const rate = (id: 'prefix-cache-queries' | 'prompt-tokens') => rateOf(judged, engines, id, now.seconds);
  const out: Fact[] = [];
  if (r.lookedUp !== null)
    out.push(
      fact({
        signal: 'prefix-cache-queries',
        says: `${sayShare(Math.min(1, r.lookedUp))} of prompt tokens are looked up in the cache`,
        figure: sayShare(Math.min(1, r.lookedUp)),
        label: 'of prompt tokens are looked up',
        compared: r.off
          ? 'caching is off'
          : 'all, unless requests ask for log-probabilities of the prompt or are pooled',
        detail: 'queries ÷ prompt tokens',
        observed: r.lookedUp,
        expected: 1,
        unit: 'ratio',
        query: `${rate('prefix-cache-queries')} / ${rate('prompt-tokens')}`,
      }),
    );
  if (now.prompt !== null)
    out.push(
      fact({
        signal: 'prompt-length',
        says: `blocks of ${sig(r.block)} tokens, prompts of ${sig(now.prompt)}${shared === null ? '' : `, ${sig(shared)} of them shared`}`,
        figure: sig(r.block),
        label: 'tokens a block: only whole ones are found again',
        compared: shared === null ? `prompts of ${sig(now.prompt)}` : `${sig(shared)} shared`,
        detail:
          r.shorter === null
            ? ''
            : `${sayShare(r.shorter)} of prompts are no longer than one block${r.block > 64 ? '; hybrid models have large ones' : ''}`,
        observed: r.block,
        expected: shared ?? now.prompt,
        unit: 'tokens',
        query: meanOf(judged, engines, 'prompt-length', now.seconds),
      }),
    );
  if (r.best !== null && r.worst !== null)
    out.push(
      fact({
        signal: 'prefix-cache-hits',
        says: `hit rates of the replicas from ${sig(r.worst)} to ${sig(r.best)}`,
        figure: `${sig(r.worst)} to ${sig(r.best)}`,
        label: 'hit rates of the replicas',
        compared: 'alike where each sees the same prefixes',
        detail: 'far apart: conversations are scattered; all low: the prompts, or the cache',
        observed: r.worst,
        expected: r.best,
        unit: 'ratio',
        query: null,
      }),
    );
  if (r.survives !== null)
    out.push(
      fact({
        signal: 'kv-cache-usage',
        says: `an unused prefix stays in the cache for ${sayDuration(r.survives)}`,
        figure: sayDuration(r.survives),
        label: 'an unused prefix stays in the cache',
        compared: 'longer than from one turn to the next',
        detail: `free tokens ÷ tokens written a second, at KV usage ${sig(r.usage ?? 0)}`,
        observed: r.survives,
        expected: null,
        unit: 'seconds',
        query: gaugeOf(judged, engines, 'kv-cache-usage'),
        trend: engines[0]?.trace.usage ?? null,
      }),
    );
  return out;
}
