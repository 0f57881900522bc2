import type { Values } from '../../base/grid.ts';
import { stepsIn } from '../../base/grid.ts';
import { remember } from '../../base/remember.ts';
import { all, ramp } from '../../base/score.ts';
import { known, maxOf, median, quantile } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { ownStretchOf } from '../../evidence/stretch.ts';
import { recent } from '../../evidence/trace.ts';
import { regress } from '../../evidence/regression.ts';
import { loadRise } from '../load-rise.ts';
import { type StepLines, stepLinesOf } from '../../evidence/step-model.ts';

/** A batch size at which step time jumps, as seen on one engine. */
export interface Cliff {
  /** Requests running from which steps take longer; the data place it between `below` and `above`. */
  readonly edge: number;
  readonly below: number;
  readonly above: number;
  /** Step time just above ÷ just below, at the same tokens. */
  readonly jump: number;
  /** Seconds a step takes just below and just above. */
  readonly fast: number;
  readonly slow: number;
  /**
   * - jump: sizes on both sides of the edge were seen, and no smooth curve meets them as closely;
   * - leap: the batch went over it at once, and steps take longer than in proportion to what they hold.
   */
  readonly how: 'jump' | 'leap';
  /** Scatter around the best smooth curve ÷ scatter with the jump; of a leap, seconds of a step ÷ the most a smooth one takes. */
  readonly sharper: number;
  /** 0 to 1: how far chance and smooth curves are left behind. */
  readonly proof: number;
  /** Times running went over the edge, and back. */
  readonly up: number;
  readonly down: number;
  /** Seconds a step would take at these tokens a second without the jump; `null` where they would be too many. */
  readonly fastAt: (rate: number) => number | null;
}

/** A fit, and the mean of what is left: every point counts, since a smooth curve may well meet most of them. */
function fitted(
  rows: readonly (readonly number[])[],
  ys: readonly number[],
): { readonly coefficients: readonly number[]; readonly scatter: number } | null {
  const fit = regress(rows, ys);
  if (!fit || rows.length <= fit.coefficients.length) return null;
  const { coefficients } = fit;
  let left = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as readonly number[];
    let expected = 0;
    for (let c = 0; c < row.length; c++) expected += (row[c] as number) * (coefficients[c] as number);
    left += Math.abs((ys[i] as number) - expected);
  }
  return { coefficients, scatter: left / (rows.length - coefficients.length) };
}

interface Point {
  readonly seconds: number;
  readonly tokens: number;
  /** Resident tokens; `null` where the size of the KV cache is not known. */
  readonly resident: number | null;
  /** Somebody waits, and for seats: steps hold what runs, and no more of the budget than without a queue. */
  readonly queued: boolean;
  readonly rate: number;
  /** Running at the grid times its rate window covers. */
  readonly running: readonly number[];
}

/** Jump from which it counts (pathologies.md P12: 1.15 to 1.6). */
const JUMP = [1.15, 1.6] as const;
/** How much better a jump must fit than the best smooth curve. Smooth slow-downs reach 1 (own-decode-slowdown 0.4, own-workload-shift 1.05), a real edge (own-graph-cliff) 2 to 3.8. */
const SHARPER = [1.25, 1.9] as const;
/** Independent points that must lie on each side, and in all. */
const EACH_SIDE = 3;
const IN_ALL = 10;
/** Points on the wrong side of the jump: slow below the edge or fast above it. */
const STRAY = 0.15;
/**
 * Work above the edge against work below: it was load that carried the batch over. A machine that slows down piles requests up,
 * too (Little's law), at the same work.
 */
const MORE_WORK = 1.1;
const BEYOND_SWINGS = 2.5;
/** The jump against the scatter on both sides of it. */
const CLEAR = 5;
/** Smaller batches than this are always captured. */
const LEAST_EDGE = 8;
/** Edges tried at most. */
const EDGES = 48;
/** Scatter is not trusted below this share of the step time: readings are rounded. */
const FLOOR = 0.005;

/** @returns the edge that is proven best, or `null` where one side was hardly seen or a smooth curve does as well */
export function cliffOf(judged: Judged, engine: Engine): Cliff | null {
  const jump = jumpOf(judged, engine);
  const leap = leapOf(judged, engine);
  return jump && leap ? (leap.proof > jump.proof ? leap : jump) : (jump ?? leap);
}

function jumpOf(judged: Judged, engine: Engine): Cliff | null {
  const { evidence, grid } = judged;
  const points = pointsOf(judged, engine).filter((p) => !p.queued);
  // Neighbouring points share most of their rate window.
  const overlap = stepsIn(grid, evidence.window);
  if (points.length < IN_ALL * overlap) return null;
  const seconds = points.map((p) => p.seconds);
  const tokens = points.map((p) => p.tokens);
  const floor = FLOOR * (median(seconds) ?? 0);
  const smooth = [
    fitted(
      tokens.map((x) => [1, x]),
      seconds,
    ),
    fitted(
      tokens.map((x) => [1, x, x * x]),
      seconds,
    ),
    fitted(
      points.map((p) => [1, p.tokens, meanOf(p.running)]),
      seconds,
    ),
  ].flatMap((fit) => (fit ? [Math.max(fit.scatter, floor)] : []));
  if (smooth.length === 0) return null;
  const plain = Math.min(...smooth);
  let best: { edge: number; scale: number; coefficients: readonly number[] } | null = null;
  for (const edge of edgesOf(points)) {
    const share = points.map((p) => shareFrom(p, edge));
    const side = (f: number) => share.reduce((n, x) => (x === f ? n + 1 : n), 0) / overlap;
    if (side(0) < EACH_SIDE || side(1) < EACH_SIDE) continue;
    const fit = fitted(
      points.map((p, i) => [1, p.tokens, share[i] as number, (share[i] as number) * p.tokens]),
      seconds,
    );
    if (!fit) continue;
    const scale = Math.max(fit.scatter, floor);
    if (!best || scale < best.scale) best = { edge, scale, coefficients: fit.coefficients };
  }
  return best ? describe(judged, engine, points, best, plain) : null;
}

function describe(
  judged: Judged,
  engine: Engine,
  points: readonly Point[],
  { edge, scale, coefficients }: { edge: number; scale: number; coefficients: readonly number[] },
  plain: number,
): Cliff | null {
  const [a, b, c, d] = coefficients as [number, number, number, number];
  const low = points.filter((p) => shareFrom(p, edge) === 0);
  const high = points.filter((p) => shareFrom(p, edge) === 1);
  // Between the most tokens seen below and the fewest seen above: where both sides have something to say.
  const at = (Math.max(...low.map((p) => p.tokens)) + Math.min(...high.map((p) => p.tokens))) / 2;
  const fast = a + b * at;
  const slow = fast + c + d * at;
  if (!(fast > 0) || !(slow > fast)) return null;
  if (slow - fast < CLEAR * scale) return null;
  const middle = Math.sqrt(slow / fast);
  const strayLow = low.filter((p) => p.seconds > (a + b * p.tokens) * middle).length;
  const strayHigh = high.filter((p) => p.seconds < (a + b * p.tokens) * middle).length;
  if (strayLow > STRAY * low.length || strayHigh > STRAY * high.length) return null;
  if (!carriedOver(low, high)) return null;
  const below = Math.max(...low.flatMap((p) => p.running));
  const { up, down } = crossings(engine.trace.running ?? [], edge, stepsIn(judged.grid, judged.fast));
  return {
    edge,
    below,
    above: Math.min(...high.map((p) => Math.min(...p.running))),
    jump: slow / fast,
    fast,
    slow,
    how: 'jump',
    sharper: plain / scale,
    proof: all(ramp(slow / fast, ...JUMP), ramp(plain / scale, ...SHARPER)),
    up,
    down,
    fastAt: (rate) => (b * rate < 0.95 && a > 0 ? a / (1 - Math.max(0, b) * rate) : null),
  };
}

/**
 * A step ÷ the most that a larger batch takes (see `leapOf`), and ÷ what the steps below, laid on a line, lead to expect. Above 1
 * the first is proof by itself; near it, a batch would have to grow dearer by each request from the very edge on.
 */
const OVER_BOUND = [0.8, 1] as const;
const OVER_LINE = [1.1, 1.4] as const;
/** Of the bounds that the steps below give, one that few undercut: they are all valid, and the readings scatter. */
const TIGHT = 0.1;
/** By how much a narrower gap must prove more to be the one. */
const CLEARLY = 0.25;
/** Gaps tried at most. */
const GAPS = 12;
/** Growth of arrivals that carried the batch over: chance alone does 17 % (own-slow-replica). */
const MORE_ARRIVE = 1.25;
/** KV cache usage from which memory, too, may lengthen steps. */
const ROOM = 0.9;

/**
 * Where a burst throws the batch over the edge at once, no size near it is seen, and a curve can be laid through both clusters. But
 * a step of so many times the tokens, beside so many times the resident ones, takes at most so many times as long: what it costs
 * anyway is not less than nothing, and a larger batch is not dearer a token than a smaller one. A step beyond that went over an
 * edge on the way. While the queue waits for seats, steps hold what runs and are as telling as without one.
 */
function leapOf(judged: Judged, engine: Engine): Cliff | null {
  const { evidence, grid } = judged;
  const overlap = stepsIn(grid, evidence.window);
  let best: Cliff | null = null;
  for (const { edge, low, high, leap } of leapsOf(judged, engine)) {
    if (high.length < EACH_SIDE * overlap || (best !== null && leap.proof <= best.proof + CLEARLY)) continue;
    if (!carriedOver(low, high) && !moreArrive(judged, engine, edge)) continue;
    const { up, down } = crossings(engine.trace.running ?? [], edge, stepsIn(grid, judged.fast));
    best = { ...leap, edge, up, down };
  }
  return best && !shortOfMemory(judged, engine, best.edge) ? best : null;
}

/** A gap between the batch sizes seen, the moments on both sides of it, and what lies between them. */
interface OverGap {
  readonly edge: number;
  readonly low: readonly Point[];
  readonly high: readonly Point[];
  readonly leap: Leap;
}

type Leap = Omit<Cliff, 'edge' | 'up' | 'down'> & { readonly overLine: number; readonly overSteep: number };

const leapsKept = remember<Engine, Judged, readonly OverGap[]>();

/** The gaps with enough moments below and any above, widest first; measured once for both that ask. */
function leapsOf(judged: Judged, engine: Engine): readonly OverGap[] {
  return leapsKept(engine, judged, () => {
    const overlap = stepsIn(judged.grid, judged.evidence.window);
    const points = pointsOf(judged, engine);
    return gapsOf(points).flatMap((edge) => {
      const low = points.filter((p) => !p.queued && shareFrom(p, edge) === 0);
      const high = points.filter((p) => shareFrom(p, edge) === 1);
      if (low.length < EACH_SIDE * overlap || high.length < SEEN_ABOVE * overlap) return [];
      const leap = measureLeap(low, high, overlap);
      return leap === null ? [] : [{ edge, low, high, leap }];
    });
  });
}

function measureLeap(low: readonly Point[], high: readonly Point[], overlap: number): Leap | null {
  const middle = (points: readonly Point[], pick: (p: Point) => number | null) => median(points.map(pick));
  const slow = middle(high, (p) => p.seconds);
  const usual = middle(low, (p) => p.seconds);
  const tokens = middle(high, (p) => p.tokens);
  const line = regress(
    low.map((p) => [1, p.tokens]),
    low.map((p) => p.seconds),
    overlap,
  );
  if (slow === null || usual === null || tokens === null || !line) return null;
  const resident = middle(high, (p) => p.resident);
  const bounds = low.map(
    (p) => p.seconds * Math.max(1, tokens / p.tokens, resident === null || !p.resident ? 1 : resident / p.resident),
  );
  const bound = quantile(bounds, TIGHT) ?? slow;
  const [base, slope] = line.coefficients as [number, number];
  const fast = Math.max(usual, base + slope * tokens);
  const straight = fast + 2 * Math.sqrt(line.variance([1, tokens]));
  const most = Math.min(straight, bound);
  const half = Math.sqrt(usual * slow);
  if (low.filter((p) => p.seconds > half).length > STRAY * low.length) return null;
  if (high.filter((p) => p.seconds < half).length > STRAY * high.length) return null;
  return {
    below: Math.max(...low.flatMap((p) => p.running)),
    above: Math.min(...high.flatMap((p) => p.running)),
    jump: slow / fast,
    fast,
    slow,
    how: 'leap',
    sharper: slow / bound,
    overLine: slow / straight,
    overSteep: slow / (usual + 2 * (straight - usual)),
    proof: all(ramp(slow / bound, ...OVER_BOUND), ramp(slow / most, ...OVER_LINE)),
    fastAt: () => null,
  };
}

/** Steps longer than a line through the smaller batches leads to expect, and nobody saw where they became so. */
export interface Open {
  /** Most running on the side where steps are short, fewest where they are long. */
  readonly below: number;
  readonly above: number;
  readonly fast: number;
  readonly slow: number;
}

/** Independent points above a gap that make it worth a word, though not yet a finding. */
const SEEN_ABOVE = 1;
/** Times the most tokens of the smaller batches up to which their line is believed (own-seats-24: at 3.2 times it was a third short). */
const LINE_REACH = 2;

/**
 * An edge that may lie in a gap between the batch sizes seen, and may not: steps above it are longer than smaller batches lead to
 * expect (from `JUMP` on, uncertainty added), which a smooth bend does as well. @returns the widest such gap below the largest batch of
 * the last minutes; `null` where there is none
 */
export function openLeap(judged: Judged, engine: Engine): Open | null {
  const { grid, end } = judged;
  // A batch that goes to and fro over an edge is on the far side now and then.
  const now = maxOf(recent(engine.trace.running, grid, end, judged.main)) ?? 0;
  for (const { edge, low, high, leap } of leapsOf(judged, engine)) {
    if (edge > now || leap.overLine < JUMP[0]) continue;
    // Where readings scatter the slope comes out too flat, which tells far beyond the tokens it rests on: there it must not do at twice the slope either.
    const reach = median(high.map((p) => p.tokens)) ?? Infinity;
    const far = reach > LINE_REACH * Math.max(...low.map((p) => p.tokens));
    if (far && leap.overSteep < JUMP[0] && leap.sharper < OVER_BOUND[0]) continue;
    if (!carriedOver(low, high) && !moreArrive(judged, engine, edge)) continue;
    if (!shortOfMemory(judged, engine, edge)) return leap;
  }
  return null;
}

/** Once the engine is slow the work it does says nothing of what is asked of it: then arrivals have to tell that load took the batch over. */
function moreArrive(judged: Judged, engine: Engine, edge: number): boolean {
  const crossed = lastBelow(engine, edge) + 1;
  const before = ownStretchOf(engine, judged.grid, 0, Math.max(0, crossed - 1 - stepsIn(judged.grid, judged.fast)));
  const since = ownStretchOf(engine, judged.grid, Math.min(judged.end, crossed), judged.end);
  return before.arrivals !== null && since.arrivals !== null && since.arrivals >= MORE_ARRIVE * before.arrivals;
}

function shortOfMemory(judged: Judged, engine: Engine, edge: number): boolean {
  const since = ownStretchOf(engine, judged.grid, Math.min(judged.end, lastBelow(engine, edge) + 1), judged.end);
  return (since.usage ?? 1) >= ROOM || since.preempted >= 1;
}

function lastBelow(engine: Engine, edge: number): number {
  return (engine.trace.running ?? []).findLastIndex((r) => r !== null && r < edge);
}

/** Whether more work was done above the edge than below, beyond the ordinary swings of the work below. */
function carriedOver(low: readonly Point[], high: readonly Point[]): boolean {
  const rates = low.map((p) => p.rate);
  const usual = median(rates) ?? 0;
  const above = median(high.map((p) => p.rate)) ?? 0;
  const more = above - usual;
  const swing = 1.4826 * (median(rates.map((w) => Math.abs(w - usual))) ?? 0);
  return more >= (MORE_WORK - 1) * usual && (more >= BEYOND_SWINGS * swing || above >= (quantile(rates, 0.95) ?? 0));
}

const pointsKept = remember<Engine, Judged, readonly Point[]>();

/** The moments that tell what a step takes with how many running, once for all that ask. */
function pointsOf(judged: Judged, engine: Engine): readonly Point[] {
  return pointsKept(engine, judged, () => readPoints(judged, engine));
}

function readPoints(judged: Judged, engine: Engine): Point[] {
  const { grid, evidence } = judged;
  const lines = stepLinesOf(evidence, engine, grid.step, 8);
  const span = stepsIn(grid, evidence.window);
  const out: Point[] = [];
  for (let i = 0; i <= judged.end; i++) {
    const seconds = lines.seconds[i] ?? null;
    const rate = lines.rate[i] ?? null;
    const running = known((engine.trace.running ?? []).slice(Math.max(0, i - span), i + 1));
    if (seconds === null || rate === null || running.length === 0) continue;
    const waits = queued(lines, i);
    // With a queue for the budget each step is filled with prompts, and the batch is no longer what makes it long.
    if (waits && engine.admission.binding[i] !== 'seats') continue;
    const reads = lines.reads[i] ?? null;
    out.push({
      seconds,
      rate,
      tokens: rate * seconds,
      resident: reads === null ? null : reads * seconds,
      running,
      queued: waits,
    });
  }
  return out;
}

const meanOf = (xs: readonly number[]): number => xs.reduce((s, x) => s + x, 0) / Math.max(1, xs.length);

function shareFrom({ running }: Point, edge: number): number {
  let over = 0;
  for (let k = 0; k < running.length; k++) if ((running[k] as number) >= edge) over++;
  return over / running.length;
}

/** A queue, not one or two that wait for the next step. */
function queued(lines: StepLines, i: number): boolean {
  return (lines.waiting[i] ?? 0) >= Math.max(1, 0.1 * (lines.running[i] ?? 0));
}

/** Batch sizes seen, ascending. */
function sizesOf(points: readonly Point[]): number[] {
  const seen = new Set<number>();
  for (const { running } of points) for (const r of running) seen.add(Math.ceil(r));
  return [...seen].sort((x, y) => x - y);
}

/** Batch sizes that were crossed, thinned where there are many. */
function edgesOf(points: readonly Point[]): number[] {
  const seen = sizesOf(points).slice(1);
  const stride = Math.ceil(seen.length / EDGES);
  // Captured sizes are multiples of 8: those stay in.
  return seen.filter((r, i) => r >= LEAST_EDGE && (i % stride === 0 || r % 8 === 1));
}

/** Batch sizes with the widest gaps before them, in proportion: a leap went over one. */
function gapsOf(points: readonly Point[]): number[] {
  const seen = sizesOf(points);
  return seen
    .map((size, i) => ({ size, gap: size / (seen[i - 1] ?? size) }))
    .filter(({ size, gap }) => size >= LEAST_EDGE && gap > 1)
    .sort((x, y) => y.gap - x.gap)
    .slice(0, GAPS)
    .map(({ size }) => size);
}

/** How often running went to the other side and stayed for `hold` grid times. */
function crossings(running: Values, edge: number, hold: number): { up: number; down: number } {
  let side: boolean | null = null;
  let run = 0;
  let last: boolean | null = null;
  let up = 0;
  let down = 0;
  for (const r of running) {
    if (r === null) continue;
    const over = r >= edge;
    run = over === last ? run + 1 : 1;
    last = over;
    if (run < hold || over === side) continue;
    if (side !== null) {
      if (over) up++;
      else down++;
    }
    side = over;
  }
  return { up, down };
}

/** 0 to 1 per grid time: the batch is above an edge at which steps are known to jump. */
export function strengthOf(judged: Judged, engine: Engine, cliff: Cliff | null): Values {
  const span = stepsIn(judged.grid, judged.fast);
  const running = engine.trace.running ?? [];
  const proven = cliff?.proof ?? 0;
  return Array.from({ length: judged.grid.count }, (_, i) => {
    const part = known(running.slice(Math.max(0, i - span + 1), i + 1));
    if (part.length === 0) return null;
    if (!cliff) return 0;
    return proven * ramp(part.filter((r) => r >= cliff.edge).length / part.length, 0.3, 0.7);
  });
}

/** 1 while running is at the edge or above, or the load that carries it there has begun to rise. */
export function earlySign(judged: Judged, engine: Engine, cliff: Cliff | null): Values {
  const rise = loadRise(judged, engine);
  return (engine.trace.running ?? []).map((r, i) =>
    r === null || !cliff ? null : r >= cliff.edge ? 1 : (rise[i] ?? 0),
  );
}
