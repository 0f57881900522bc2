import type { Values } from '../../base/grid.ts';
import { stepsIn } from '../../base/grid.ts';
import { all, fall, ramp } from '../../base/score.ts';
import { known, median, quantile } from '../../base/statistics.ts';
import type { Histogram } from '../../evidence/evidence.ts';
import type { Engine, Judged } from '../../evidence/judged.ts';
import { replicaLine, smooth } from '../../evidence/lines.ts';
import {
  fitSteps,
  residualsOf,
  type StepLines,
  stepLinesOf,
  type StepModel,
  type StepPoint,
  stepPoints,
} from '../../evidence/step-model.ts';
import { over } from '../../evidence/trace.ts';

/** Step times of one replica against what its peers, or itself earlier, take for the same work. */
export interface Slowness {
  readonly engine: Engine;
  /** Who it is compared with. `history` where it has no peers. */
  readonly against: 'peers' | 'history';
  readonly lines: StepLines;
  readonly model: StepModel | null;
  /** ln(step time ÷ what the same work takes elsewhere), less what slows all of them at that time. */
  readonly deviation: Values;
  readonly strength: Values;
  readonly early: () => Values;
  /** Peers that make up the model. */
  readonly peers: number;
}

/** Ratio of step times from which a replica counts as slower; more where its peers themselves scatter. pathologies.md P14: 1.12. */
const SLOWER = 1.15;
const CLEARLY = 0.45;
/** Peers' scatter (standard deviations) a deviation must exceed. */
const BEYOND = 2.5;
/**
 * Without peers nothing tells the machine from all that may have changed with the hour. A healthy engine beside noisy neighbours
 * took 1.9 times as long for a minute and more (own-healthy-busy), so only a lasting doubling counts.
 */
const ALONE = [1.5, 2.5] as const;
const ALONE_LASTS = 180;
/** Seconds for which it must be slower throughout, but for a quarter of them. */
const LASTS = 75;
const STRAY = 0.25;
/** Resident tokens of one request against the peers': beyond, it serves other requests. */
const SAME_WORK = [1.8, 3] as const;
/** Preemptions per finished request that make recomputation, which no token counter shows, the likelier cause. */
const RECOMPUTES = [0.2, 0.8] as const;
/** Of a lone replica: prompts admitted for each that came to an answer. */
const UNBOOKED = [1.15, 1.5] as const;
/** Share of slow moments at batches that are fast elsewhere, from which batch size is no excuse; and how much more work makes it one. */
const OVERLAP = 0.1;
const CARRIED = [1.12, 1.35] as const;
/** Throttled CPU periods that make the CPU the likelier cause. */
const THROTTLED = [0.1, 0.3] as const;
/** Gaps of this many usual steps are stalls and preemptions, not the pace of the machine. */
const STRAY_GAP = 6;

/** @returns one entry per engine, in the order of `judged`. */
export function slownessOf(judged: Judged): Slowness[] {
  const seconds = judged.fast;
  const each = judged.engines.map((engine) => ({ engine, lines: stepLinesOf(judged.evidence, engine, seconds) }));
  const points = each.map(({ lines }) => stepPoints(lines, 0, judged.end));
  const overlap = stepsIn(judged.grid, seconds);
  const everybody = points.flat();
  let first = 0;
  const models = points.map((own) => {
    const begin = first;
    first += own.length;
    const others = everybody.length - own.length;
    const every = Math.max(1, Math.ceil(others / FIT_POINTS));
    const some: StepPoint[] = [];
    for (let i = 0; i < others; i += every) some.push(everybody[i < begin ? i : i + own.length] as StepPoint);
    return fitSteps(some, Math.max(1, overlap / every));
  });
  const raw = each.map(({ lines }, k) => {
    const model = models[k];
    return model ? residualsOf(model, lines, 'high') : null;
  });
  return each.map(({ engine, lines }, k) => {
    const peers = points.filter((p, m) => m !== k && p.length >= 3 * overlap).length;
    const model = models[k] ?? null;
    const own = raw[k] ?? null;
    if (judged.engines.length < 2 || peers === 0 || !model || !own)
      return alone(judged, engine, lines, points[k] ?? []);
    const others = raw.filter((_, m) => m !== k);
    const deviation = own.map((d, i) => {
      if (d === null || d <= 0) return d;
      // What slows all of them at the same moment is not this replica's doing.
      const common = median(others.map((line) => line?.[i] ?? null)) ?? 0;
      return d - Math.max(0, Math.min(common, d));
    });
    const low = Math.max(Math.log(SLOWER), BEYOND * Math.min(model.spread, 0.3));
    const strength = strengthOf(judged, engine, model, deviation, low, low + CLEARLY, LASTS, true);
    const carried = strength.some((x) => x !== null && x > 0)
      ? carriedOver(
          each.map((e) => e.lines),
          k,
          deviation,
          low,
        )
      : 1;
    return {
      engine,
      against: 'peers' as const,
      lines,
      model,
      peers,
      deviation,
      strength: strength.map((x) => (x === null ? null : x * fall(carried, ...CARRIED))),
      early: () => earlySign(judged, engine, model, deviation, low),
    };
  });
}

/**
 * How much more this replica has to do since it is slower, if batch size could be the reason: no moment was seen at which it was
 * slow with a batch that was fast elsewhere or earlier. Then load may have carried it over an edge (P12), or up a steep curve. A
 * machine that slows down is caught slow before its batch has grown, or does no more than before.
 * @returns ratio of its work since to its work before; 1 where batches overlap or there was no before
 */
function carriedOver(lines: readonly StepLines[], k: number, deviation: Values, low: number): number {
  const own = lines[k];
  if (!own) return 1;
  const slowAt = (i: number) => (deviation[i] ?? -1) >= low;
  const sized = (line: StepLines, pick: (i: number) => boolean) =>
    known(line.running.map((r, i) => (r !== null && (line.seconds[i] ?? null) !== null && pick(i) ? r : null)));
  const fast = [
    ...sized(own, (i) => deviation[i] !== null && !slowAt(i)),
    ...lines.flatMap((line, m) => (m === k ? [] : sized(line, () => true))),
  ];
  const slow = sized(own, slowAt);
  const most = quantile(fast, 0.95);
  if (most === null || slow.length === 0) return 1;
  if (slow.filter((r) => r <= most).length >= OVERLAP * slow.length) return 1;
  const before = median(own.rate.map((w, i) => (deviation[i] !== null && !slowAt(i) ? w : null)));
  const since = median(own.rate.map((w, i) => (slowAt(i) ? w : null)));
  return before === null || since === null || before <= 0 ? 1 : since / before;
}

/** Points that a fit is given at most: more of them only take time. */
const FIT_POINTS = 400;

/** One replica: against itself before the moment at which its step time changed most. */
function alone(judged: Judged, engine: Engine, lines: StepLines, points: readonly StepPoint[]): Slowness {
  const split = judged.engines.length > 1 ? null : splitOf(lines.seconds);
  const base = { engine, against: 'history' as const, lines, peers: 0 };
  const nothing = lines.seconds.map((t) => (t === null ? null : 0));
  const overlap = stepsIn(judged.grid, judged.fast);
  const model = fitSteps(split === null ? points : stepPoints(lines, 0, split - 1), overlap);
  if (split === null || !model)
    return {
      ...base,
      model,
      deviation:
        model && judged.engines.length === 1 ? residualsOf(model, lines, 'high') : lines.seconds.map(() => null),
      strength: nothing,
      early: () => nothing,
    };
  const atRate = residualsOf(model, lines, 'high');
  // The same question put per step: more requests in the batch must not explain it either.
  const deviation = atRate.map((d, i) => {
    const t = lines.seconds[i] ?? null;
    const rate = lines.rate[i] ?? null;
    const reads = lines.reads[i] ?? null;
    if (d === null || t === null || rate === null) return null;
    const load = model.atLoad(rate * t, reads === null ? null : reads * t);
    return Math.min(d, Math.log(t / Math.max(load.mid, 1e-9)));
  });
  const [low, high] = ALONE;
  const carried = carriedOver([lines], 0, deviation, Math.log(low));
  return {
    ...base,
    model,
    deviation,
    strength: strengthOf(judged, engine, model, deviation, Math.log(low), Math.log(high), ALONE_LASTS, false).map(
      (x) => (x === null ? null : x * fall(carried, ...CARRIED)),
    ),
    early: () => earlySign(judged, engine, model, deviation, Math.log(low)),
  };
}

/** Grid index at which a line changes its level most: the split with the largest spread between its two parts; `null` if too short. */
function splitOf(values: Values): number | null {
  const at: number[] = [];
  const ys: number[] = [];
  values.forEach((v, i) => {
    if (v === null || v <= 0) return;
    at.push(i);
    ys.push(Math.log(v));
  });
  const total = ys.reduce((a, b) => a + b, 0);
  let before = 0;
  let best = 0;
  let split: number | null = null;
  for (let k = 1; k < ys.length; k++) {
    before += ys[k - 1] as number;
    if (k < ys.length * 0.1 || k > ys.length * 0.9) continue;
    const gap = (total - before) / (ys.length - k) - before / k;
    const between = gap > 0 ? gap * gap * k * (ys.length - k) : 0;
    if (between > best) {
      best = between;
      split = at[k] as number;
    }
  }
  return split;
}

function strengthOf(
  judged: Judged,
  engine: Engine,
  model: StepModel,
  deviation: Values,
  low: number,
  high: number,
  lasts: number,
  peers: boolean,
): Values {
  const { grid } = judged;
  const hold = stepsIn(grid, Math.max(lasts, 5 * Math.max(grid.step, judged.evidence.scrapeInterval ?? grid.step)));
  const bulk = bulkOf(judged, engine, STRAY_GAP * model.alpha);
  return deviation.map((d, i) => {
    if (d === null) return null;
    const part = deviation.slice(Math.max(0, i - hold + 1), i + 1);
    const seen = known(part);
    // Nothing is said before the stretch is mostly seen.
    if (seen.length < hold / 2) return 0;
    const lasting = quantile(seen, STRAY) ?? 0;
    if (lasting <= low) return 0;
    const many = bulk[i] ?? null;
    const mean = meanOf(engine.trace.itl, judged, i);
    // What rare long gaps add to the mean is taken off: they are stalls and preemptions.
    const steady = many !== null && mean !== null ? lasting + Math.min(0, Math.log(many / mean)) : lasting;
    const strength = all(ramp(steady, low, high));
    if (strength === 0) return 0;
    return (
      (peers ? Math.sqrt(strength) : strength * fall(unbooked(judged, engine, i), ...UNBOOKED)) *
      otherCauses(judged, engine, i)
    );
  });
}

function meanOf(histogram: Histogram | null, judged: Judged, i: number): number | null {
  const sum = over(histogram?.sum ?? null, judged.grid, i, judged.fast);
  const count = over(histogram?.count ?? null, judged.grid, i, judged.fast);
  return sum === null || count === null || count <= 1e-9 ? null : sum / count;
}

/** Mean of the gaps up to `cut` or the next bucket edge above it: an upper bound, since the rest is taken off at its lower edges. */
function bulkOf(judged: Judged, engine: Engine, cut: number): Values {
  const { itl } = engine.trace;
  if (!itl) return [];
  const k = stepsIn(judged.grid, judged.fast);
  const first = itl.bounds.findIndex((b) => b >= cut);
  if (first < 0) return [];
  const count = smooth(itl.count, k);
  const sum = smooth(itl.sum, k);
  const lines = itl.cumulative.slice(first).map((line) => smooth(line, k));
  return count.map((c, i) => {
    const s = sum[i] ?? null;
    const under = lines[0]?.[i] ?? null;
    if (c === null || s === null || under === null || under <= 1e-9) return null;
    let rest = s;
    let below = under;
    for (let b = 1; b <= lines.length; b++) {
      const upTo = b < lines.length ? (lines[b]?.[i] ?? below) : c;
      rest -= Math.max(0, upTo - below) * (itl.bounds[first + b - 1] as number);
      below = upTo;
    }
    return Math.max(0, Math.min(rest / under, itl.bounds[first] as number));
  });
}

/**
 * Prompt tokens admitted ÷ prompt tokens that came to a first token. Requests cancelled in between cost steps that no token counter
 * shows (pathologies.md §14b.3): 1 where all come to an answer, or where it is not measured.
 */
function unbooked(judged: Judged, engine: Engine, i: number): number {
  const asked = over(engine.trace.queried, judged.grid, i, judged.main);
  const done = over(engine.trace.prompt, judged.grid, i, judged.main);
  return asked === null || done === null || done <= 1e-9 ? 1 : asked / done;
}

/** 1 where nothing else explains slow steps; falls to 0 with preemptions, throttled CPU, or requests of another size. */
function otherCauses(judged: Judged, engine: Engine, i: number): number {
  const { grid, main } = judged;
  const preempted = over(engine.trace.preemptions, grid, i, main) ?? 0;
  const finished = over(engine.trace.finishes, grid, i, main) ?? 0;
  const throttled = throttledOf(judged, engine, i) ?? 0;
  const held = over(engine.admission.tokensPerRunning, grid, i, main);
  const usual = median(
    judged.engines.filter((e) => e !== engine).map((e) => over(e.admission.tokensPerRunning, grid, i, main)),
  );
  const size = held !== null && usual !== null && usual > 0 ? held / usual : 1;
  return (
    (preempted > 0 ? fall(preempted / Math.max(finished, 1e-6), ...RECOMPUTES) : 1) *
    fall(throttled, ...THROTTLED) *
    fall(size, ...SAME_WORK)
  );
}

/** Share of CPU periods in which the limit stopped the container, 0 to 1; `null` without a limit or cAdvisor. */
export function throttledOf(judged: Judged, engine: Engine, i: number): number | null {
  const periods = over(replicaLine(judged.evidence, 'container-cpu-periods', engine.id), judged.grid, i, judged.main);
  const stopped = over(replicaLine(judged.evidence, 'container-cpu-throttled', engine.id), judged.grid, i, judged.main);
  return periods === null || stopped === null || periods <= 1e-9 ? null : stopped / periods;
}

/** Per rate window, unsmoothed: halfway from "as its peers" to what it is now. */
function earlySign(judged: Judged, engine: Engine, model: StepModel, deviation: Values, low: number): Values {
  const sharp = stepLinesOf(judged.evidence, engine, judged.grid.step, 8);
  const now = median(deviation.slice(-stepsIn(judged.grid, judged.main))) ?? 0;
  const mark = Math.max(low, 0.4 * now);
  return residualsOf(model, sharp, 'mid').map((d) => (d === null ? null : d >= mark ? 1 : 0));
}
