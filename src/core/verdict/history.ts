import { endOf, type Grid, timeAt } from '../base/grid.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { sliceEvidence } from '../evidence/slice.ts';
import { type Said, sameSaying, sayOf } from './chapters.ts';
import { diagnose } from './diagnose.ts';
import type { Targets } from './profiles.ts';
import type { Verdict } from './verdict.ts';

/** The headline over a window, as far as it is judged. */
export interface History {
  /** In any order. */
  readonly said: readonly Said[];
  /** Seconds between two moments, before the edges are narrowed down. */
  readonly every: number;
  /** Whether the fleet is so large that fewer moments are judged than a person would like. */
  readonly fewer: boolean;
  readonly done: boolean;
}

/** Moments of one window before the edges are narrowed down: more segments than that nobody tells apart on a screen. */
const MOST = 34;
/** And with the edges narrowed down. */
const MOST_IN_ALL = 42;
/** So many at least, however large the fleet: fewer tell no story. */
const LEAST = 6;
/** Seconds below which two headlines do not differ by more than chance: three scrapes of the usual 5 s. */
const CLOSEST = 15;
/** Replicas × points judged in all; one costs about 0.1 ms, so this is ten seconds of one core. */
const BUDGET = 100_000;

/** Verdicts at several times, each from what was known then. The replay of the command line and the history of the page. */
export function* verdictsAt(evidence: Evidence, targets: Targets, times: Iterable<number>): Generator<Verdict> {
  for (const at of times) yield diagnose(sliceEvidence(evidence, at), targets);
}

/**
 * The moments a window is judged at, newest first, so that the end in view is filled first. All but the end lie on multiples
 * of the spacing since 1970: while a window moves on, its moments stay, and what was said at them can be kept.
 */
export function momentsOf({ grid, replicas }: Pick<Evidence, 'grid' | 'replicas'>): {
  readonly times: readonly number[];
  readonly every: number;
  readonly fewer: boolean;
} {
  // On average a moment has half the window behind it.
  const affordable = Math.floor(BUDGET / ((Math.max(1, replicas.length) * grid.count) / 2));
  const most = Math.max(LEAST, Math.min(MOST, affordable));
  const stride = Math.max(Math.ceil(CLOSEST / grid.step), Math.ceil((grid.count - 1) / (most - 2)), 1);
  const times = [endOf(grid)];
  for (let i = grid.count - 2; i >= 0; i--) {
    const time = timeAt(grid, i);
    if (Math.round(time / grid.step) % stride === 0) times.push(time);
  }
  return { times, every: stride * grid.step, fewer: most < MOST };
}

/**
 * Judges the moments of a window one by one; the caller may stop between any two. First the moments of `momentsOf`, then, where
 * two neighbours differ, the time between them, until the edge is known to a grid step or the budget is used.
 * @param known what is known already and still holds; not judged again
 */
export function* judgeMoments(evidence: Evidence, targets: Targets, known: readonly Said[] = []): Generator<Said> {
  const { grid } = evidence;
  const { times } = momentsOf(evidence);
  const said = [...known];
  const have = new Set(known.map(({ at }) => at));
  const missing = times.filter((at) => !have.has(at));
  for (const verdict of verdictsAt(evidence, targets, missing)) {
    const one = sayOf(verdict);
    said.push(one);
    yield one;
  }
  const extra = Math.max(LEAST, Math.round((times.length * (MOST_IN_ALL - MOST)) / MOST));
  for (let k = 0; k < extra; k++) {
    const at = widestEdge(said, grid);
    if (at === null) return;
    for (const verdict of verdictsAt(evidence, targets, [at])) {
      const one = sayOf(verdict);
      said.push(one);
      yield one;
    }
  }
}

/** @returns the middle of the widest stretch between two neighbours that differ, `null` where all edges are a grid step wide */
function widestEdge(said: readonly Said[], grid: Grid): number | null {
  const order = [...said].sort((a, b) => b.at - a.at);
  let widest = grid.step * 1.5;
  let middle: number | null = null;
  for (const [i, later] of order.entries()) {
    const earlier = order[i + 1];
    if (!earlier || sameSaying(earlier, later) || later.at - earlier.at <= widest) continue;
    widest = later.at - earlier.at;
    middle = timeAt(grid, Math.round(((earlier.at + later.at) / 2 - grid.from) / grid.step));
  }
  return middle;
}
