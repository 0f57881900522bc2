import { CATEGORIES, CATEGORY_TITLES } from './kernels.ts';
import type { StepKind } from './steps.ts';
import type { Summary } from './summary.ts';
import { type Account, IDLE_KINDS, type IdleKind, type State } from './sweep.ts';

export const IDLE_TITLES: Readonly<Record<IdleKind, string>> = {
  'host-wait': 'Idle: host wait',
  'kernel-wait': 'Idle: kernel wait',
  unexplained: 'Idle: not explained',
};

export const STATE_TITLES: Readonly<Record<State, string>> = { ...CATEGORY_TITLES, ...IDLE_TITLES };

export interface Difference {
  readonly id: string;
  readonly title: string;
  /** Nanoseconds a step, or a ratio of the wall time, by `Comparison.unit`. */
  readonly before: number;
  readonly after: number;
}

/** Two profiles side by side, what they have in common. */
export interface Comparison {
  /** Which steps are compared; `all`: the whole of each. */
  readonly of: StepKind | 'all';
  /** `ns`: nanoseconds of a mean step. `share`: of the wall time, where steps are not marked in both. */
  readonly unit: 'ns' | 'share';
  readonly steps: readonly [number, number] | null;
  /** Largest difference first. */
  readonly rows: readonly Difference[];
}

/**
 * Two profiles compared: the mean step of each kind both have, otherwise shares of the wall time, otherwise, for summaries without a
 * timeline, shares of the kernel time.
 */
export function compare(before: Summary, after: Summary): Comparison[] {
  const kinds = before.byKind.flatMap((one) => {
    const other = after.byKind.find(({ kind }) => kind === one.kind);
    return other === undefined ? [] : [{ one, other }];
  });
  if (kinds.length > 0)
    return kinds.map(({ one, other }) => ({
      of: one.kind,
      unit: 'ns',
      steps: [one.count, other.count],
      rows: sorted([
        {
          id: 'wall',
          title: 'Whole step',
          before: one.account.wall / one.count,
          after: other.account.wall / other.count,
        },
        ...rowsOf(one.account, other.account, one.count, other.count),
      ]),
    }));
  if (before.account !== null && after.account !== null)
    return [
      {
        of: 'all',
        unit: 'share',
        steps: null,
        rows: sorted(rowsOf(before.account, after.account, before.account.wall, after.account.wall)),
      },
    ];
  const [a, b] = [totalOf(before), totalOf(after)];
  if (a === 0 || b === 0) return [];
  return [
    {
      of: 'all',
      unit: 'share',
      steps: null,
      rows: sorted(
        CATEGORIES.map((id) => ({
          id,
          title: CATEGORY_TITLES[id],
          before: before.summed[id] / a,
          after: after.summed[id] / b,
        })),
      ),
    },
  ];
}

/** Kernels of both by what a step spends in them, or, without steps in both, by their share of kernel time; largest difference first. */
export function compareKernels(before: Summary, after: Summary, most: number): Omit<Comparison, 'of'> {
  const steps = [stepsIn(before), stepsIn(after)] as const;
  const perStep = steps[0] > 0 && steps[1] > 0;
  const [a, b] = perStep ? steps : [totalOf(before) || 1, totalOf(after) || 1];
  const left = new Map(before.kernels.map(({ name, total }) => [name, total / a]));
  const right = new Map(after.kernels.map(({ name, total }) => [name, total / b]));
  const names = [...new Set([...left.keys(), ...right.keys()])];
  const rows = names.map((name) => ({
    id: name,
    title: name,
    before: left.get(name) ?? 0,
    after: right.get(name) ?? 0,
  }));
  return { unit: perStep ? 'ns' : 'share', steps: perStep ? [...steps] : null, rows: sorted(rows).slice(0, most) };
}

function rowsOf(before: Account, after: Account, a: number, b: number): Difference[] {
  return [...CATEGORIES, ...IDLE_KINDS].map((id) => ({
    id,
    title: STATE_TITLES[id],
    before: before.states[id] / a,
    after: after.states[id] / b,
  }));
}

function sorted(rows: readonly Difference[]): Difference[] {
  return rows
    .filter(({ before, after }) => before > 0 || after > 0)
    .toSorted((x, y) => Math.abs(y.after - y.before) - Math.abs(x.after - x.before) || x.id.localeCompare(y.id));
}

function stepsIn({ byKind }: Summary): number {
  return byKind.reduce((sum, { count }) => sum + count, 0);
}

function totalOf({ summed }: Summary): number {
  return CATEGORIES.reduce((sum, id) => sum + summed[id], 0);
}
