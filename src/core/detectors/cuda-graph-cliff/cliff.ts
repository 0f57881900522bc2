import type { Values } from '../../base/grid.ts';
import { stepsIn } from '../../base/grid.ts';
import { all, ramp } from '../../base/score.ts';
import { known, median, quantile } from '../../base/statistics.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
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
  /** Scatter around the best smooth curve ÷ scatter with the jump. */
  readonly sharper: number;
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
  const left = rows.map((row, i) =>
    Math.abs((ys[i] as number) - row.reduce((sum, x, c) => sum + x * (fit.coefficients[c] ?? 0), 0)),
  );
  return {
    coefficients: fit.coefficients,
    scatter: left.reduce((a, b) => a + b, 0) / (rows.length - fit.coefficients.length),
  };
}

interface Point {
  readonly seconds: number;
  readonly tokens: number;
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

/** @returns the jump that fits best, or `null` where one side was hardly seen or a smooth curve does as well */
export function cliffOf(judged: Judged, engine: Engine): Cliff | null {
  const { evidence, grid } = judged;
  const lines = stepLinesOf(evidence, engine, grid.step, 8);
  const points = pointsOf(judged, engine, lines);
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
    const side = (f: number) => share.filter((x) => x === f).length / overlap;
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
    sharper: plain / scale,
    up,
    down,
    fastAt: (rate) => (b * rate < 0.95 && a > 0 ? a / (1 - Math.max(0, b) * rate) : null),
  };
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

function pointsOf(judged: Judged, engine: Engine, lines: StepLines): Point[] {
  const { grid, evidence } = judged;
  const span = stepsIn(grid, evidence.window);
  const out: Point[] = [];
  for (let i = 0; i <= judged.end; i++) {
    const seconds = lines.seconds[i] ?? null;
    const rate = lines.rate[i] ?? null;
    const running = known((engine.trace.running ?? []).slice(Math.max(0, i - span), i + 1));
    // With a queue each step is filled to its budget with prompts, and the batch is no longer what makes it long.
    if (seconds === null || rate === null || running.length === 0 || queued(lines, i)) continue;
    out.push({ seconds, rate, tokens: rate * seconds, running });
  }
  return out;
}

const meanOf = (xs: readonly number[]): number => xs.reduce((s, x) => s + x, 0) / Math.max(1, xs.length);
const shareFrom = (p: Point, edge: number): number => p.running.filter((r) => r >= edge).length / p.running.length;

/** A queue, not one or two that wait for the next step. */
function queued(lines: StepLines, i: number): boolean {
  return (lines.waiting[i] ?? 0) >= Math.max(1, 0.1 * (lines.running[i] ?? 0));
}

/** Batch sizes that were crossed, thinned where there are many. */
function edgesOf(points: readonly Point[]): number[] {
  const seen = [...new Set(points.flatMap((p) => p.running.map((r) => Math.ceil(r))))].sort((x, y) => x - y).slice(1);
  const stride = Math.ceil(seen.length / EDGES);
  // Captured sizes are multiples of 8: those stay in.
  return seen.filter((r, i) => r >= LEAST_EDGE && (i % stride === 0 || r % 8 === 1));
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
  const proven = cliff ? all(ramp(cliff.jump, ...JUMP), ramp(cliff.sharper, ...SHARPER)) : 0;
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
