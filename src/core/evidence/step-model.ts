import { sayShare } from '../base/say.ts';
import type { Grid, Values } from '../base/grid.ts';
import { stepsIn, timeAt } from '../base/grid.ts';
import { remember } from '../base/remember.ts';
import { median, quantile } from '../base/statistics.ts';
import type { Evidence } from './evidence.ts';
import type { Engine } from './judged.ts';
import { replicaLine, smooth } from './lines.ts';
import { regress, type Regression } from './regression.ts';

/**
 * What one engine step costs: t ≈ α + β · tokens scheduled + γ · resident tokens, the iteration model of llm-d's autoscaler
 * (pathologies.md §3, "load-conditioned expectation").
 *
 * While nobody waits it is fitted in rates, not per step. By Little's law running = rate × step time, so a fit of step time on
 * running explains every slow-down by the requests it piled up itself. Divided by t the model reads 1 ÷ t = (1 − β · w − γ · κ) ÷ α
 * with w tokens scheduled a second and κ resident tokens read a second, which arrivals set and a sick machine does not. Where
 * requests wait it is the batch that is set from outside, and those points are fitted per step.
 */

/** One engine's steps over the window; each value is of the trailing stretch that ends at its grid time. */
export interface StepLines {
  /** Mean seconds of a step as running answers see it. */
  readonly seconds: Values;
  /** Tokens scheduled a second: one per running answer and step, guesses of speculation, prompt tokens computed. */
  readonly rate: Values;
  /** Resident tokens read a second; `null` where the size of the KV cache is not known. */
  readonly reads: Values;
  readonly running: Values;
  readonly waiting: Values;
}

export interface StepPoint {
  readonly seconds: number;
  readonly rate: number;
  readonly reads: number | null;
  readonly waits: boolean;
}

/** Seconds a step may take at some load: `high` is `null` where the model does not reach. */
export interface Expectation {
  readonly low: number;
  readonly mid: number;
  readonly high: number | null;
}

export interface StepModel {
  /**
   * fitted: α, β and γ mean something; level: the load hardly varied, so only the usual step time is known and only near the
   * usual load (β and γ are 0).
   */
  readonly kind: 'fitted' | 'level';
  /** Seconds of an empty step, seconds a token scheduled, seconds a resident token. */
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  /** Independent points behind it. */
  readonly points: number;
  /** Robust standard deviation of ln(observed ÷ expected). */
  readonly spread: number;
  /** Load seen: tokens scheduled a second, and tokens a step. */
  readonly rates: readonly [number, number];
  readonly loads: readonly [number, number];
  /** What a step takes while this many tokens are scheduled and read each second. */
  atRate(rate: number, reads: number | null): Expectation;
  /** What a step with so many tokens takes beside so many resident ones. */
  atLoad(tokens: number, resident: number | null): Expectation;
}

/** Outputs a stretch must hold for its mean step time to count. */
const ENOUGH_OUTPUTS = 30;
/** A process is not compared before it has run this long: compilation, graph capture and cold caches. */
const WARM_UP = 120;
/** Independent points, and the ratio of high to low load (10 % to 90 % of them), that a slope needs. */
const POINTS_FOR_LEVEL = 3;
const POINTS_FOR_SLOPE = 8;
const VARIED = 1.4;
/** A load that nearly doubles shows its slope in fewer points. */
const POINTS_FOR_STEEP = 5;
const VARIED_MUCH = 1.8;
/** Factor beyond the load seen up to which a slope may be extended; without a slope hardly at all, since near its capacity an engine slows down faster than its load grows. */
const REACH = 1.5;
const REACH_OF_LEVEL = 1.1;
/** Neighbouring points are not independent: variance is taken twice (autocorrelation of about a third). */
const INFLATION = 2;

/**
 * How one engine stepped; `null` where too few outputs were seen, nothing ran, or the process had just begun.
 * @param seconds trailing stretch behind each value; the rate window of the evidence comes on top · @param enough outputs it must hold
 */
export function stepLinesOf(evidence: Evidence, engine: Engine, seconds: number, enough = ENOUGH_OUTPUTS): StepLines {
  return linesKept(engine, `${seconds} ${enough}`, () => makeStepLines(evidence, engine, seconds, enough));
}

const linesKept = remember<Engine, string, StepLines>();

function makeStepLines(evidence: Evidence, engine: Engine, seconds: number, enough: number): StepLines {
  const { trace } = engine;
  const { grid } = evidence;
  const k = stepsIn(grid, seconds);
  const line = (values: Values | null): Values => (values ? smooth(values, k) : gaps(grid));
  const outputs = line(trace.itl?.count ?? null);
  const sum = line(trace.itl?.sum ?? null);
  const computed = line(trace.computed);
  const drafts = replicaLine(evidence, 'spec-draft-tokens', engine.id);
  const guesses = drafts ? smooth(drafts, k) : null;
  const running = line(trace.running);
  const usage = line(trace.usage);
  const cold = coldOf(evidence, engine);
  const at = (i: number) => {
    const c = outputs[i] ?? null;
    const s = sum[i] ?? null;
    const p = computed[i] ?? null;
    if (c === null || s === null || p === null || cold[i]) return null;
    const span = Math.max(Math.min(seconds, (i + 1) * grid.step), Math.min(evidence.window, seconds));
    if (c * span < enough || s <= 0) return null;
    const t = s / c;
    const u = usage[i] ?? null;
    return {
      t,
      rate: c + (guesses?.[i] ?? 0) + p,
      reads: u === null || trace.capacity === null ? null : (u * trace.capacity) / t,
    };
  };
  const each = Array.from({ length: grid.count }, (_, i) => at(i));
  return {
    seconds: each.map((x) => x?.t ?? null),
    rate: each.map((x) => x?.rate ?? null),
    reads: each.map((x) => x?.reads ?? null),
    running,
    waiting: line(trace.waiting),
  };
}

function gaps(grid: Grid): Values {
  return Array.from({ length: grid.count }, () => null);
}

function coldOf(evidence: Evidence, engine: Engine): boolean[] {
  const start = replicaLine(evidence, 'process-start', engine.id);
  return Array.from({ length: evidence.grid.count }, (_, i) => {
    const began = start?.[i] ?? null;
    return began !== null && timeAt(evidence.grid, i) - began < WARM_UP;
  });
}

/** A queue of this share of the running requests decides what a batch holds; one or two that wait for the next step do not. */
const QUEUE = 0.1;

/** The points of a line. Neighbours share most of their stretch: tell `fitSteps` how many do. @param from first and @param to last grid index, both inclusive */
export function stepPoints(lines: StepLines, from: number, to: number): StepPoint[] {
  const out: StepPoint[] = [];
  for (let i = Math.max(0, from); i <= to; i++) {
    const t = lines.seconds[i] ?? null;
    const rate = lines.rate[i] ?? null;
    if (t === null || rate === null || rate <= 0) continue;
    const waiting = lines.waiting[i] ?? 0;
    out.push({
      seconds: t,
      rate,
      reads: lines.reads[i] ?? null,
      waits: waiting >= Math.max(1, QUEUE * (lines.running[i] ?? 0)),
    });
  }
  return out;
}

/**
 * Fits the model to points of one engine, or of several of the same model.
 * @param overlap how many neighbouring points share a stretch: so many count as one
 * @returns `null` with fewer than three independent points; a `level` where the load hardly varied
 */
export function fitSteps(points: readonly StepPoint[], overlap = 1): StepModel | null {
  const open = points.filter((p) => !p.waits);
  const free = open.length / overlap >= Math.min(POINTS_FOR_SLOPE, points.length / overlap / 2);
  const used = free ? open : points.filter((p) => p.waits);
  const count = used.length / overlap;
  if (count < POINTS_FOR_LEVEL) return null;
  const withReads = used.every((p) => p.reads !== null);
  const loadOf = (p: StepPoint) => (free ? p.rate : p.rate * p.seconds);
  const heldOf = (p: StepPoint) => (p.reads === null ? 0 : free ? p.reads : p.reads * p.seconds);
  const ys = used.map((p) => (free ? 1 / p.seconds : p.seconds));
  const sign = free ? -1 : 1;
  const rows = (columns: Columns) =>
    used.map((p) => [1, ...(columns.load ? [loadOf(p)] : []), ...(columns.held ? [heldOf(p)] : [])]);
  const candidates: Columns[] = [];
  if (count >= POINTS_FOR_STEEP) {
    const varied = (pick: (p: StepPoint) => number) => {
      const xs = used.map(pick);
      const ratio = (quantile(xs, 0.9) ?? 0) / Math.max(quantile(xs, 0.1) ?? 0, 1e-12);
      return ratio >= (count >= POINTS_FOR_SLOPE ? VARIED : VARIED_MUCH);
    };
    const load = varied(loadOf);
    const held = withReads && varied(heldOf);
    // Two slopes only where both loads vary and not in step with each other.
    if (load && held && count >= 2 * POINTS_FOR_SLOPE && apart(used, loadOf, heldOf)) candidates.push({ load, held });
    if (load) candidates.push({ load, held: false });
    if (held) candidates.push({ load: false, held });
  }
  for (const columns of candidates) {
    const fit = regress(rows(columns), ys, INFLATION * overlap);
    if (!fit) continue;
    const [base, ...slopes] = fit.coefficients as [number, ...number[]];
    if (base <= 0 || slopes.some((s) => s * sign <= 0)) continue;
    return modelOf(used, overlap, free, columns, base, slopes, fit);
  }
  return levelOf(used, overlap);
}

/** Which loads have a slope of their own. */
interface Columns {
  readonly load: boolean;
  readonly held: boolean;
}

function apart(points: readonly StepPoint[], a: (p: StepPoint) => number, b: (p: StepPoint) => number): boolean {
  const xs = points.map(a);
  const ys = points.map(b);
  const mx = xs.reduce((s, x) => s + x, 0) / xs.length;
  const my = ys.reduce((s, y) => s + y, 0) / ys.length;
  let sxy = 0;
  let sxx = 0;
  let syy = 0;
  for (let i = 0; i < xs.length; i++) {
    const dx = (xs[i] as number) - mx;
    const dy = (ys[i] as number) - my;
    sxy += dx * dy;
    sxx += dx * dx;
    syy += dy * dy;
  }
  return sxx > 0 && syy > 0 && Math.abs(sxy) / Math.sqrt(sxx * syy) < 0.9;
}

function ranges(points: readonly StepPoint[], overlap: number): Pick<StepModel, 'rates' | 'loads' | 'points'> {
  const of = (xs: number[]): [number, number] => [Math.min(...xs), Math.max(...xs)];
  return {
    points: Math.round(points.length / overlap),
    rates: of(points.map((p) => p.rate)),
    loads: of(points.map((p) => p.rate * p.seconds)),
  };
}

function modelOf(
  points: readonly StepPoint[],
  overlap: number,
  free: boolean,
  columns: Columns,
  base: number,
  slopes: readonly number[],
  fit: Regression,
): StepModel {
  const alpha = free ? 1 / base : base;
  const each = slopes.map((s) => (free ? -s / base : s));
  const beta = columns.load ? (each[0] ?? 0) : 0;
  const gamma = columns.held ? (each[each.length - 1] ?? 0) : 0;
  const range = ranges(points, overlap);
  const row = (load: number, held: number) => [1, ...(columns.load ? [load] : []), ...(columns.held ? [held] : [])];
  const within = (x: number, [, high]: readonly [number, number]) => x <= high * REACH;
  const leftAt = (rate: number, reads: number | null) => 1 - beta * rate - gamma * (reads ?? 0);
  const midAtRate = (rate: number, reads: number | null) => alpha / Math.max(0.05, leftAt(rate, reads));
  const midAtLoad = (tokens: number, resident: number | null) => alpha + beta * tokens + gamma * (resident ?? 0);
  const atRate = (rate: number, reads: number | null): Expectation => {
    const mid = midAtRate(rate, reads);
    if (leftAt(rate, reads) <= 0.05) return { low: alpha, mid, high: null };
    // In rates the deviation is that of 1 ÷ t; per step it is that of t.
    const deviation = free
      ? 2 * Math.sqrt(fit.variance(row(rate, reads ?? 0)))
      : (2 * Math.sqrt(fit.variance(row(rate * mid, (reads ?? 0) * mid)))) / (mid * mid);
    const speed = 1 / mid;
    return {
      low: 1 / (speed + deviation),
      mid,
      high: within(rate, range.rates) && speed > deviation ? 1 / (speed - deviation) : null,
    };
  };
  const atLoad = (tokens: number, resident: number | null): Expectation => {
    const mid = midAtLoad(tokens, resident);
    const deviation = free
      ? 2 * Math.sqrt(fit.variance(row(tokens / mid, (resident ?? 0) / mid))) * mid * mid
      : 2 * Math.sqrt(fit.variance(row(tokens, resident ?? 0)));
    return {
      low: Math.max(alpha / 2, mid - deviation),
      mid,
      high: within(tokens, range.loads) ? mid + deviation : null,
    };
  };
  const off = points.map((p) =>
    Math.log(
      p.seconds /
        (free
          ? midAtRate(p.rate, p.reads)
          : midAtLoad(p.rate * p.seconds, p.reads === null ? null : p.reads * p.seconds)),
    ),
  );
  const spread = 1.4826 * (median(off.map(Math.abs)) ?? 0);
  return { kind: 'fitted', alpha, beta, gamma, spread, ...range, atRate, atLoad };
}

/** The usual step time, near the usual load. Below it a step takes no longer, since α, β and γ are positive. */
function levelOf(points: readonly StepPoint[], overlap: number): StepModel {
  const usual = median(points.map((p) => p.seconds)) ?? 0;
  const spread = 1.4826 * (median(points.map((p) => Math.abs(Math.log(p.seconds / usual)))) ?? 0);
  const range = ranges(points, overlap);
  const near = (x: number, [, high]: readonly [number, number]): Expectation => ({
    low: usual * Math.exp(-2 * spread),
    mid: usual,
    // A step takes at most so many times as long as it holds times the tokens (α is not negative).
    high: x <= high * REACH_OF_LEVEL ? usual * Math.max(1, x / high) : null,
  });
  return {
    kind: 'level',
    alpha: usual,
    beta: 0,
    gamma: 0,
    spread,
    ...range,
    atRate: (rate) => near(rate, range.rates),
    atLoad: (tokens) => near(tokens, range.loads),
  };
}

/** ln(observed ÷ expected) at each grid time, expected at the engine's own rates; `null` beyond the model's reach. */
export function residualsOf(model: StepModel, lines: StepLines, bound: 'mid' | 'high' = 'mid'): Values {
  return lines.seconds.map((t, i) => {
    const rate = lines.rate[i] ?? null;
    if (t === null || rate === null) return null;
    const expected = model.atRate(rate, lines.reads[i] ?? null);
    const against = bound === 'mid' ? expected.mid : expected.high;
    return against === null || expected.high === null ? null : Math.log(t / Math.max(against, 1e-9));
  });
}

/** A scatter in words, without false precision. */
export function sayScatter(spread: number): string {
  return spread < 0.005 ? 'less than 1 %' : sayShare(Math.round(spread * 100) / 100);
}
