import { stepsIn, timeAt, type Values } from '../../base/grid.ts';
import { quantileInterval } from '../../base/histogram.ts';
import { all, clamp, fall, ramp } from '../../base/score.ts';
import { sayCount, sayDuration, sayShare, sig } from '../../base/say.ts';
import { maxOf, mean, median } from '../../base/statistics.ts';
import { restartsIn } from '../../evidence/departures.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { replicaLine } from '../../evidence/lines.ts';
import { momentsOf } from '../../evidence/stretch.ts';
import { bucketsBetween } from '../../evidence/trace.ts';
import { deferralOf } from '../deferral.ts';
import { fact } from '../finding.ts';
import { ENTER } from '../signature.ts';
import { gaugeOf, meanOf } from '../trace-back.ts';
import type { Leak } from './leak.ts';
import { bendOf, type Points, trendOf } from './trend.ts';

/** Share of the pool below which a residue is a reserved block or two and no leak; and the same in blocks, for small pools. */
const RESIDUE = 0.005;
const RESIDUE_BLOCKS = 8;
/** A rest below this is empty: some builds count one reserved block as used. */
const EMPTY = 1e-4;
/** Part of the earlier level a residue must keep: blocks that come back were parked, not lost. */
const KEPT = 0.9;
/** Highest confidence where a connector may park blocks of finished requests on purpose, and that of a balance without rests. */
const PARKED_CAP = 0.6;
const BALANCE_CAP = 0.8;
const REST_CAP = 0.9;

/** A time with nothing running. */
export interface Rest {
  readonly from: number;
  readonly to: number;
  /** Lowest usage in it. */
  readonly usage: number;
}

/**
 * (a) KV blocks that are never released. Two kinds of proof: what is still held while nothing runs, and what the running
 * requests cannot account for. Blocks that leak never come back, so each is void once usage falls below it.
 * @returns `null` where neither stands, or usage is not measured
 */
export function blocksLeak(judged: Judged, engine: Engine): Leak | null {
  const from = restartsIn(replicaLine(judged.evidence, 'process-start', engine.id)).at(-1) ?? 0;
  const rests = restsOf(judged, engine, from);
  const found = [residue(judged, engine, rests), balance(judged, engine, rests, from)];
  return found.reduce<Leak | null>((best, leak) => (leak && (!best || leak.score > best.score) ? leak : best), null);
}

/**
 * Rests of an engine in order, from grid index `from` on. Gauges stand still between steps (pathologies.md F8), so a new rest
 * begins only after work was seen, or after a whole rate window with steps in it. Waiting requests hold no blocks either,
 * unless a connector loads for them.
 */
export function restsOf(judged: Judged, engine: Engine, from: number): Rest[] {
  const { trace } = engine;
  const { connector } = deferralOf(judged, engine);
  const window = stepsIn(judged.grid, judged.evidence.window);
  const out: Rest[] = [];
  let open = null as Rest | null;
  for (let i = from; i < judged.grid.count; i++) {
    const r = trace.running?.[i] ?? null;
    const w = trace.waiting?.[i] ?? null;
    const u = trace.usage?.[i] ?? null;
    if (r === null || w === null || u === null) continue;
    const working = r > 0 || (w > 0 && connector);
    const stepped = open !== null && i - open.from > window && (trace.steps?.[i] ?? 0) > 0;
    if (open !== null && (working || stepped)) {
      out.push(open);
      open = null;
    }
    if (!working) open = { from: open?.from ?? i, to: i, usage: Math.min(open?.usage ?? u, u) };
  }
  return open ? [...out, open] : out;
}

/** Share of this engine's pool from which a residue counts. */
function residueOf(engine: Engine): number {
  const { capacity, blockSize } = engine.trace;
  return Math.max(RESIDUE, capacity !== null && blockSize !== null ? (RESIDUE_BLOCKS * blockSize) / capacity : 0);
}

/** Usage that stays above zero in several separate rests and does not fall. */
function residue(judged: Judged, engine: Engine, rests: readonly Rest[]): Leak | null {
  const { grid } = judged;
  const least = residueOf(engine);
  const lastClean = rests.findLastIndex((rest) => rest.usage < least);
  const held = rests.slice(lastClean + 1);
  const first = held[0];
  const last = held[held.length - 1];
  if (!first || !last || held.length < 2) return null;
  const most = Math.max(...held.map((rest) => rest.usage));
  const since = (engine.trace.usage ?? []).slice(last.from).filter((u): u is number => u !== null);
  const now = Math.min(...since);
  if (now < KEPT * most) return null;
  const kept =
    held.slice(1).filter((rest, k) => rest.usage >= KEPT * (held[k] as Rest).usage).length / (held.length - 1);
  const { connector } = deferralOf(judged, engine);
  const climbed = last.usage - first.usage;
  // A connector parks the blocks of the last requests until they are fetched: only a growing residue is none of these.
  const parked = connector ? all(ramp(held.length, 2, 5), ramp(climbed, least, 6 * least)) : 1;
  const score = all(ramp(now, 0.001, 0.02), ramp(held.length, 0.5, 3), ramp(kept, 0.5, 0.9)) * parked;
  const hours = ((last.from - first.from) * grid.step) / 3600;
  const perHour = hours > 0 && climbed > least / 2 ? climbed / hours : null;
  const clean = rests[lastClean];
  return {
    variant: 'kv-blocks',
    engine,
    score,
    hint: false,
    cap: connector ? PARKED_CAP : REST_CAP,
    because: connector ? 'A KV connector may hold blocks of finished requests until they are fetched.' : '',
    level: now,
    perHour,
    limit: 1,
    since: clean ? beganAt(judged, clean, held) : null,
    from: clean ? clean.to : 0,
    says: `${sayShare(now)} of the KV cache stays held with nothing running, in ${held.length} rests${climbed > least / 2 ? `, rising from ${sayShare(first.usage)}` : ''}`,
    trend: engine.trace.usage,
    facts: [
      fact({
        signal: 'kv-cache-usage',
        says: `KV usage stays at ${sig(now)} with nothing running, in ${held.length} rests${climbed > least / 2 ? `, rising from ${sig(first.usage)}` : ''}`,
        figure: sayShare(now),
        label: 'of the KV cache stays held with nothing running',
        compared: 'at rest 0',
        detail: `${sayCount(held.length, 'rest')} in ${sayDuration(timeAt(grid, last.to) - timeAt(grid, first.from))}, and it never fell below since`,
        observed: now,
        expected: 0,
        unit: 'ratio',
        query: gaugeOf(judged, [engine], 'kv-cache-usage'),
        trend: engine.trace.usage,
      }),
      ...growthFact(judged, engine, perHour, now),
    ],
  };
}

/** Between the last empty rest and the first with a residue; where residues climb, the line through them tells when it was 0. */
function beganAt(judged: Judged, clean: Rest, held: readonly Rest[]): number {
  const low = timeAt(judged.grid, clean.to);
  const first = held[0] as Rest;
  const last = held[held.length - 1] as Rest;
  const high = timeAt(judged.grid, first.from);
  const slope = (last.usage - first.usage) / Math.max(judged.grid.step, (last.from - first.from) * judged.grid.step);
  if (slope <= 0) return (low + high) / 2;
  return clamp(high - first.usage / slope, low, high);
}

/** Seconds without a rest before a balance is drawn up, and points it must have. */
const BALANCE_SECONDS = 600;
/** Stretches the balance is drawn up over. */
const BALANCE_POINTS = 20;
/** Part of all tokens that counters and their edges may be off by. */
const MISCOUNT = 0.004;
/** Share of running requests that may be loading remote KV before their blocks explain the rise. */
const REMOTE = 0.05;

/** What a running request should hold, and what lengths did. */
interface Sizes {
  /** Tokens a running request holds on average over its life. */
  readonly expected: number;
  readonly prompt: number;
  readonly answer: number;
  /** Late ÷ early mean answer of finished requests, and mean prompt of first tokens. */
  readonly longer: number;
  /** Part of the generated tokens that no finished request accounts for, less those of requests that were given up. */
  readonly unfinished: number;
  /** Tokens, prompts and answers together, that came in and did not leave with a finished request, again less those given up; 0 where that is within what counting misses. */
  readonly stayed: number;
}

/**
 * Never at rest: tokens held against what the running requests can hold. A leak grows at constant lengths while requests come
 * and go many times over; longer answers grow only until the first of them finish, and meanwhile generate tokens that no
 * finished request accounts for.
 */
function balance(judged: Judged, engine: Engine, rests: readonly Rest[], start: number): Leak | null {
  const { trace } = engine;
  const { grid, end } = judged;
  const { capacity } = trace;
  if (capacity === null || !trace.usage || !trace.running) return null;
  // An empty rest is a proof of its own: nothing had leaked by then.
  const clean = rests.findLast((rest) => rest.usage < residueOf(engine));
  const from = Math.max(start, clean ? clean.to + 1 : 0);
  const seconds = (end - from + 1) * grid.step;
  if (seconds < BALANCE_SECONDS) return null;
  const sizes = sizesOf(judged, engine, from);
  if (!sizes) return null;
  const scrape = Math.max(grid.step, judged.evidence.scrapeInterval ?? 0);
  const every = stepsIn(grid, Math.max(2 * scrape, seconds / BALANCE_POINTS));
  const held: Values = trace.usage.map((u) => (u === null ? null : u * capacity));
  const xs: number[] = [];
  const hs: number[] = [];
  const rs: number[] = [];
  for (let i = from; i + every - 1 <= end; i += every) {
    const h = median(held.slice(i, i + every));
    const r = mean(trace.running.slice(i, i + every));
    if (h === null || r === null) continue;
    xs.push(timeAt(grid, i + (every - 1) / 2));
    hs.push(h);
    rs.push(r);
  }
  const quarter = Math.max(2, Math.floor(xs.length / 4));
  if (xs.length < 8) return null;
  const early = { held: mean(hs.slice(0, quarter)) ?? 0, running: mean(rs.slice(0, quarter)) ?? 0 };
  const late = { held: mean(hs.slice(-quarter)) ?? 0, running: mean(rs.slice(-quarter)) ?? 0 };
  // What one request holds is known twice over: from lengths, and from the beginning, where shared prefixes lower it.
  const perRunning = [sizes.expected, early.running >= 0.5 ? early.held / early.running : sizes.expected];
  const excess = (per: number): Points => ({
    xs,
    ys: hs.map((h, j) => (h - per * (rs[j] as number)) / capacity),
  });
  const trends = perRunning.map((per) => ({ per, points: excess(per), trend: trendOf(excess(per)) }));
  const raw = (late.held - early.held) / capacity;
  const rise = Math.min(
    ...trends.map(({ points }) => (mean(points.ys.slice(-quarter)) ?? 0) - (mean(points.ys.slice(0, quarter)) ?? 0)),
  );
  const waiting = mean(trace.waiting?.slice(end - every * quarter) ?? []) ?? 0;
  // Usage itself must have risen, unless the pool is full already and only fewer and fewer fit.
  const full = late.held / capacity >= 0.85 && waiting >= 0.5 && late.running < early.running;
  if (rise <= 0 || (raw < 0.4 * rise && !full)) return null;
  const weakest = trends.reduce((a, b) => ((b.trend?.order ?? 0) < (a.trend?.order ?? 0) ? b : a));
  const trend = weakest.trend;
  if (!trend) return null;
  const ratio = late.held / Math.max(1e-9, late.running * sizes.expected);
  const finished = (mean(trace.finishes?.slice(from) ?? []) ?? 0) * seconds;
  const turnover = finished / Math.max(1, mean(rs) ?? 1);
  const longest = trace.e2e ? quantileOfStretch(trace.e2e, from, end, 0.95) : null;
  const { deferred, fetching, connector } = deferralOf(judged, engine);
  const remote = (mean((fetching ?? deferred ?? []).slice(from)) ?? 0) / Math.max(1, mean(rs) ?? 1);
  if (remote > REMOTE) return null;
  const unexplained = (late.held - late.running * sizes.expected) / capacity;
  const score =
    all(
      ramp(rise, 0.01, 0.06),
      ramp(trend.order, 0.7, 0.9),
      ramp(trend.overNoise, 2, 5),
      ramp(turnover, 3, 8),
      Math.max(ramp(ratio, 1.2, 1.8), ramp(trend.overNoise, 4, 8) * 0.8),
    ) *
    fall(sizes.longer, 1.15, 1.4) *
    fall(sizes.unfinished, 0.12, 0.3) *
    // Requests that live on hold what came in and did not leave: what they explain is no leak.
    fall(sizes.stayed / (rise * capacity), 0.3, 0.7) *
    ramp(trend.goesOn, 0.25, 0.5) *
    (longest === null ? 1 : fall(longest / seconds, 0.2, 0.35));
  const gone = clamp(Math.max(rise, ratio > 1.2 ? unexplained : 0));
  // More is held than lengths explain from the first sample on: it began before.
  const before = early.held > 1.3 * early.running * sizes.expected;
  const bend = before || score < ENTER ? null : bendOf(fine(judged, engine, from, Math.min(...perRunning), capacity));
  const hours = ((xs[xs.length - 1] as number) - (bend ?? (xs[0] as number))) / 3600;
  const perHour = hours > 0 ? (bend === null ? trend.slope * 3600 : rise / hours) : null;
  const per = late.held / Math.max(1e-9, late.running);
  return {
    variant: 'kv-blocks',
    engine,
    score,
    hint: false,
    cap: connector ? PARKED_CAP : BALANCE_CAP,
    because: 'The engine is never at rest, so what nobody holds is worked out and not seen.',
    level: gone,
    perHour,
    limit: 1,
    since: bend,
    from: bend === null ? from : Math.max(from, Math.round((bend - grid.from) / grid.step)),
    says: `${sayShare(gone)} of the KV cache is held by no request that runs`,
    trend: engine.admission.tokensPerRunning,
    facts: [
      fact({
        signal: 'kv-cache-usage',
        says: `${sig(per)} KV tokens held per running request; prompt and answer explain ${sig(sizes.expected)}`,
        figure: sig(per),
        label: 'KV tokens held per running request',
        compared: `explained ${sig(sizes.expected)}`,
        detail: `prompts of ${sig(sizes.prompt)} and answers of ${sig(sizes.answer)} tokens, long answers counted as often as they are seen; ${sayShare(late.held / capacity)} of the pool with ${sig(late.running)} running, ${sayShare(early.held / capacity)} with ${sig(early.running)} at first`,
        observed: per,
        expected: sizes.expected,
        unit: 'tokens',
        query: `${gaugeOf(judged, [engine], 'kv-cache-usage')} * ${Math.round(capacity)} / ${gaugeOf(judged, [engine], 'running')}`,
        trend: engine.admission.tokensPerRunning,
        limit: sizes.expected,
      }),
      ...growthFact(judged, engine, perHour, gone),
      fact({
        signal: 'output-length',
        says: `answers stay at ${sig(sizes.answer)} tokens while ${sayCount(finished, 'request')} finish`,
        figure: sig(sizes.answer),
        label: 'tokens an answer: no longer than before',
        compared: `late ÷ early ${sig(sizes.longer)}`,
        detail: `the running requests were replaced ${sig(turnover)} times over`,
        observed: sizes.answer,
        expected: null,
        unit: 'tokens',
        query: meanOf(judged, [engine], 'output-length', Math.round(seconds)),
      }),
    ],
  };
}

/** The excess at every grid time, for the bend. */
function fine(judged: Judged, engine: Engine, from: number, per: number, capacity: number): Points {
  const xs: number[] = [];
  const ys: number[] = [];
  const stride = Math.max(1, Math.ceil((judged.end - from) / 240));
  for (let i = from; i <= judged.end; i += stride) {
    const u = median(engine.trace.usage?.slice(i, i + stride) ?? []);
    const r = mean(engine.trace.running?.slice(i, i + stride) ?? []);
    if (u === null || r === null) continue;
    xs.push(timeAt(judged.grid, i));
    ys.push(u - (per * r) / capacity);
  }
  return { xs, ys };
}

/**
 * What one running request holds, averaged over its life: its prompt and half of its answer, with answers counted by the
 * time they run: E[P] + E[O²] ÷ 2E[O], plus half a block (pathologies.md §13).
 * @returns `null` where lengths of finished requests are not measured, or fewer than 30 finished
 */
function sizesOf(judged: Judged, engine: Engine, from: number): Sizes | null {
  const { trace } = engine;
  const { grid, end } = judged;
  const seconds = (end - from + 1) * grid.step;
  const third = Math.floor((end - from + 1) / 3);
  const answers = momentsOf(trace.outputLength, from, end);
  const prompts = momentsOf(trace.promptLength, from, end);
  if (!answers || !prompts || answers.mean < 1 || answers.count * seconds < 30) return null;
  const part = (of: typeof trace.outputLength, a: number, b: number) => momentsOf(of, a, b)?.mean ?? null;
  const ratio = (of: typeof trace.outputLength) => {
    const a = part(of, from, from + third - 1);
    const b = part(of, end - third + 1, end);
    return a !== null && b !== null && a > 0 ? b / a : 1;
  };
  const sum = (values: Values | null | undefined) => (mean(values?.slice(from) ?? []) ?? 0) * seconds;
  const generated = sum(trace.output);
  const accounted = sum(trace.outputLength?.sum);
  const started = sum(trace.firstTokens);
  const ended = sum(trace.finishes);
  const grown =
    (mean(trace.running?.slice(-third) ?? []) ?? 0) - (mean(trace.running?.slice(from, from + third) ?? []) ?? 0);
  const givenUp = started > 0 ? clamp((started - ended - Math.max(0, grown)) / started) : 0;
  const through = sum(trace.prompt) + generated;
  const left = sum(trace.promptLength?.sum) + accounted;
  const stayed = through - left - givenUp * started * (prompts.mean + answers.mean / 2);
  return {
    expected: prompts.mean + (answers.variance + answers.mean ** 2) / (2 * answers.mean) + (trace.blockSize ?? 0) / 2,
    prompt: prompts.mean,
    answer: answers.mean,
    longer: Math.max(ratio(trace.outputLength), ratio(trace.promptLength)),
    unfinished: generated > 0 ? Math.max(0, 1 - accounted / generated - givenUp) : 0,
    stayed: stayed > MISCOUNT * through ? stayed : 0,
  };
}

function quantileOfStretch(
  histogram: NonNullable<Engine['trace']['e2e']>,
  from: number,
  to: number,
  q: number,
): number | null {
  const b = bucketsBetween(histogram, from, to);
  return quantileInterval(b.bounds, b.cumulative, b.count, q)?.estimate ?? null;
}

function growthFact(judged: Judged, engine: Engine, perHour: number | null, level: number) {
  if (perHour === null || perHour <= 0) return [];
  const left = ((1 - level) / perHour) * 3600;
  return [
    fact({
      signal: 'kv-cache-usage',
      says: `${sayShare(perHour)} of the KV cache is lost an hour`,
      figure: sayShare(perHour),
      label: 'of the KV cache is lost an hour',
      compared: 'steady 0',
      detail: `${sayShare(level)} gone by now; the rest in ${sayDuration(left)}`,
      observed: perHour,
      expected: 0,
      unit: 'ratio' as const,
      query: gaugeOf(judged, [engine], 'kv-cache-usage'),
      trend: engine.trace.usage,
    }),
  ];
}

/** For the sentence of what was not found: what is held at rest, with a space in front; empty where it never rested. */
export function sayRest(judged: Judged): string {
  const rests = judged.engines.flatMap((e) => restsOf(judged, e, 0));
  const most = maxOf(rests.map((rest) => rest.usage));
  if (most === null) return '';
  return most <= EMPTY ? ' At rest the KV cache is empty.' : ` At rest the KV cache is ${sayShare(most)} full.`;
}
