import type { GpuSummary } from '../../core/traces/summary.ts';
import { firstIn, type Stretches, STATES } from '../../core/traces/sweep.ts';

/** A stretch of time that is looked at; nanoseconds from the first kernel of each GPU on. */
export interface View {
  readonly from: number;
  readonly to: number;
}

/** Nothing is to be seen closer than this, nanoseconds. */
const CLOSEST = 200;

/** Zooms by `factor` about a moment, and stays inside the whole. */
export function zoomed(view: View, about: number, factor: number, whole: number): View {
  const length = Math.min(whole, Math.max(CLOSEST, (view.to - view.from) / factor));
  const share = (about - view.from) / (view.to - view.from);
  return moved({ from: about - share * length, to: about + (1 - share) * length }, 0, whole);
}

/** Moves by nanoseconds, and stays inside the whole. */
export function moved(view: View, by: number, whole: number): View {
  const length = Math.min(whole, view.to - view.from);
  const from = Math.min(Math.max(0, view.from + by), whole - length);
  return { from, to: from + length };
}

/** Brings a moment into view without more movement than it takes. */
export function holding(view: View, at: number, whole: number): View {
  if (at < view.from) return moved(view, at - view.from, whole);
  if (at > view.to) return moved(view, at - view.to, whole);
  return view;
}

/** Per column of pixels and state: the share of the column's time. Row-major, `STATES.length` numbers a column. */
export function columnsOf(stretches: Stretches, view: View, columns: number): Float32Array {
  const shares = new Float32Array(columns * STATES.length);
  const zero = stretches.edge[0] ?? 0;
  const scale = columns / (view.to - view.from);
  const add = (column: number, state: number, share: number) => {
    const at = column * STATES.length + state;
    shares[at] = (shares[at] as number) + share;
  };
  for (let i = firstIn(stretches, view.from + zero); i < stretches.count; i++) {
    const from = Math.max(0, ((stretches.edge[i] as number) - zero - view.from) * scale);
    const to = Math.min(columns, ((stretches.edge[i + 1] as number) - zero - view.from) * scale);
    if (from >= columns) break;
    const state = stretches.state[i] as number;
    const [first, last] = [Math.floor(from), Math.min(columns - 1, Math.floor(to))];
    if (first === last) add(first, state, to - from);
    else {
      add(first, state, first + 1 - from);
      for (let column = first + 1; column < last; column++) add(column, state, 1);
      add(last, state, to - last);
    }
  }
  return shares;
}

/** What is to be seen at a moment of one GPU. */
export interface Moment {
  readonly state: (typeof STATES)[number];
  /** Kernels that run then, longest first; empty while it is idle. */
  readonly running: readonly { readonly name: string; readonly duration: number }[];
  readonly step: string | null;
  /** How long the GPU has been and will be in this state, nanoseconds. */
  readonly lasts: number;
}

/** @returns `null` outside the time of that GPU */
export function momentAt(gpu: GpuSummary, at: number): Moment | null {
  const { stretches, trace, device, steps } = gpu;
  const moment = at + (stretches.edge[0] ?? 0);
  const i = firstIn(stretches, moment);
  if (i >= stretches.count || moment < (stretches.edge[i] as number)) return null;
  const { activities, kernels } = trace;
  const running: { name: string; duration: number }[] = [];
  // By start: whoever runs now began before it. Nothing long runs far behind, but a profile may hold anything.
  for (let k = lastStarted(activities.start, activities.count, moment); k >= 0; k--) {
    if ((activities.start[k] as number) < moment - LONGEST_RUNNING) break;
    if (activities.device[k] === device && (activities.end[k] as number) > moment)
      running.push({
        name: kernels[activities.kernel[k] as number]?.name ?? '',
        duration: (activities.end[k] as number) - (activities.start[k] as number),
      });
  }
  return {
    state: STATES[stretches.state[i] as number] as Moment['state'],
    running: running.toSorted((a, b) => b.duration - a.duration),
    step: steps.find(({ from, to }) => from <= moment && moment < to)?.name ?? null,
    lasts: (stretches.edge[i + 1] as number) - (stretches.edge[i] as number),
  };
}

/** Nanoseconds looked back for a kernel that still runs: one second. */
const LONGEST_RUNNING = 1e9;

function lastStarted(start: Float64Array, count: number, at: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((start[middle] as number) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
