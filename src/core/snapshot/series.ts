import type { Values } from '../base/grid.ts';
import { type ByteReader, BytesError, type ByteWriter } from './bytes.ts';

/** Lines that belong together, of one replica say: rates of one scrape are whole counts times one factor. */
export interface Row {
  readonly group: number;
  readonly values: Values;
}

/**
 * How a value is written, as one whole number: 0 a double that stands in the list behind, 1 nothing measured, 2 the same as
 * in the row of its group above it, and from 3 in turn a count (value = count × factor ÷ divisor) or a decimal (millionths,
 * zigzag for the sign). Count and decimal are used only where they give the very same double.
 */
const LITERAL = 0;
const GAP = 1;
const ABOVE = 2;
const FIRST = 3;

const MILLION = 1e6;
const MOST_COUNT = 2 ** 40;
/** Values tried as a factor per grid time, and the counts each is tried for: the rarest events count few. */
const TRIED_VALUES = 8;
const TRIED_COUNTS = 16;
/** Values a factor is tried on, and every which grid time is looked at to choose the divisor: enough to tell, and quick. */
const TRIED_ON = 24;
const SAMPLED = 8;

/**
 * Writes lines of one length so that each double comes back bit by bit.
 * @param window seconds of the rate window: our rates are `(count × covered share) ÷ window`, while Prometheus multiplies by
 * one factor alone; whichever explains more is taken
 */
export function writeSeries(out: ByteWriter, rows: readonly Row[], length: number, window: number): void {
  const sample = rows.map(({ group, values }) => ({ group, values: values.filter((_, i) => i % SAMPLED === 0) }));
  const [ours, theirs] = [window, 1].map(
    (divisor) => factorsOf(sample, sample[0]?.values.length ?? 0, divisor).explained,
  );
  const divisor = (ours as number) >= (theirs as number) ? window : 1;
  const { factors } = factorsOf(rows, length, divisor);
  const literals: number[] = [];
  const above = new Map<number, Values>();
  out.doubles([divisor]);
  const written = [...factors.values()].flat();
  out.whole(written.length);
  out.doubles(written);
  for (const { group, values } of rows) {
    const before = above.get(group);
    const ofGroup = factors.get(group) as readonly number[];
    values.forEach((value, i) => {
      if (value === null) out.whole(GAP);
      else if (before !== undefined && before[i] === value) out.whole(ABOVE);
      else {
        const code = codeOf(value, ofGroup[i] as number, divisor);
        if (code === LITERAL) literals.push(value);
        out.whole(code);
      }
    });
    above.set(group, values);
  }
  out.doubles(literals);
}

/**
 * Reads what `writeSeries` wrote.
 * @param groups the group of each row, in order
 * @throws BytesError where the bytes end early or hold what no writer wrote
 */
export function readSeries(bytes: ByteReader, groups: readonly number[], length: number): Values[] {
  if (groups.length * length > bytes.left) throw new BytesError('there are fewer numbers than lines');
  const divisor = bytes.doubles(1)[0] as number;
  const count = bytes.whole();
  const factors = bytes.doubles(count);
  const places = new Map<number, number>();
  for (const group of groups) if (!places.has(group)) places.set(group, places.size);
  if (places.size * length !== count) throw new BytesError('there are more lines than factors');
  const above = new Map<number, (number | null)[]>();
  const open: { readonly row: (number | null)[]; readonly index: number; readonly from: number | null }[] = [];
  const rows = groups.map((group) => {
    const before = above.get(group);
    const row: (number | null)[] = new Array<number | null>(length).fill(null);
    for (let i = 0; i < length; i += 1) {
      const code = bytes.whole();
      if (code === LITERAL) open.push({ row, index: i, from: null });
      else if (code === ABOVE) {
        if (before === undefined) throw new BytesError('the first line repeats a line above it');
        // Copied when the doubles are known, since the one above may be one of them.
        row[i] = before[i] ?? null;
        if (row[i] === null) open.push({ row, index: i, from: i });
      } else if (code !== GAP) {
        const rest = code - FIRST;
        const half = Math.floor(rest / 2);
        row[i] =
          rest % 2 === 0
            ? (half * (factors[(places.get(group) as number) * length + i] as number)) / divisor
            : unzigzag(half) / MILLION;
      }
    }
    above.set(group, row);
    return { row, before };
  });
  const literals = bytes.doubles(open.filter(({ from }) => from === null).length);
  if ([divisor, ...factors, ...literals].some((value) => !Number.isFinite(value)) || divisor === 0)
    throw new BytesError('a number is none');
  fill(rows, open, literals);
  return rows.map(({ row }) => row);
}

/** Puts the doubles where they belong, in the order they were met; a repeat takes what stands above it by then. */
function fill(
  rows: readonly { readonly row: (number | null)[]; readonly before: readonly (number | null)[] | undefined }[],
  open: readonly { readonly row: (number | null)[]; readonly index: number; readonly from: number | null }[],
  literals: readonly number[],
): void {
  const beforeOf = new Map(rows.map(({ row, before }) => [row, before]));
  let next = 0;
  for (const { row, index, from } of open) {
    if (from === null) {
      row[index] = literals[next] as number;
      next += 1;
    } else row[index] = beforeOf.get(row)?.[from] ?? null;
  }
}

function codeOf(value: number, factor: number, divisor: number): number {
  const count = Math.round((value * divisor) / factor);
  if (count >= 0 && count < MOST_COUNT && (count * factor) / divisor === value) return FIRST + 2 * count;
  const millionths = Math.round(value * MILLION);
  if (Math.abs(millionths) < 2 ** 50 && millionths / MILLION === value) return FIRST + 1 + 2 * zigzag(millionths);
  return LITERAL;
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
const unzigzag = (code: number): number => (code % 2 === 1 ? -(code + 1) / 2 : code / 2);

interface Factors {
  /** Per group and grid time. */
  readonly factors: ReadonlyMap<number, readonly number[]>;
  /** How many different values they explain. */
  readonly explained: number;
}

/** The factor that explains most values as counts, for each group and grid time; 1 where none does. */
function factorsOf(rows: readonly Row[], length: number, divisor: number): Factors {
  const seen = new Map<number, Set<number>[]>();
  for (const { group, values } of rows) {
    const sets = seen.get(group) ?? Array.from({ length }, () => new Set<number>());
    seen.set(group, sets);
    values.forEach((value, i) => {
      if (value !== null && value > 0 && Math.round(value * MILLION) / MILLION !== value) sets[i]?.add(value);
    });
  }
  let explained = 0;
  const factors = new Map<number, number[]>();
  for (const [group, sets] of seen) {
    const found = sets.map((set) => factorOf([...set], divisor));
    explained += found.reduce((sum, one) => sum + one.explained, 0);
    factors.set(
      group,
      found.map(({ factor }) => factor),
    );
  }
  return { factors, explained };
}

function factorOf(values: readonly number[], divisor: number): { factor: number; explained: number } {
  let best = { factor: 1, explained: 0 };
  const ascending = [...values].sort((a, b) => a - b);
  const stride = Math.ceil(values.length / TRIED_ON);
  const tried = ascending.filter((_, i) => i % stride === 0);
  for (const value of ascending.slice(0, TRIED_VALUES)) {
    for (let count = 1; count <= TRIED_COUNTS; count += 1) {
      const factor = (value * divisor) / count;
      const explained = tried.filter((one) => {
        const times = Math.round((one * divisor) / factor);
        return times < MOST_COUNT && (times * factor) / divisor === one;
      }).length;
      if (explained > best.explained) best = { factor, explained };
    }
  }
  return best;
}
