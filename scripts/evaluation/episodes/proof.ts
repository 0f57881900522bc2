import type { Figures } from './figures.ts';
import type { Proof, Strength } from './kind.ts';

/** Share of people hurt that is called mild, and from which it is strong. */
const MILD: readonly [number, number] = [0.12, 0.5];

/**
 * Whether a trouble is what its label says: the conditions hold, and as many people are hurt as the strength says.
 * @param conditions what must be true of the cause; if one is not, the story is drawn again
 */
export function proveHurt(
  strength: Strength,
  hurt: number,
  conditions: readonly boolean[],
  books: Proof['books'],
  range: readonly [number, number] = strength === 'mild' ? MILD : [MILD[1], 1.01],
): Proof {
  const all = { 'hurt share': hurt, ...books };
  if (hurt < range[0]) return { verdict: 'more', books: all };
  if (hurt > range[1]) return { verdict: 'less', books: all };
  return { verdict: conditions.every(Boolean) ? 'holds' : 'redraw', books: all };
}

/** Nobody is hurt, not even for half a minute. */
export function proveCalm(figures: Figures, conditions: readonly boolean[] = [], books: Proof['books'] = {}): Proof {
  const all = {
    'late share': figures.late,
    'slow share': figures.slow,
    'worst half minute': figures.worst(),
    ...books,
  };
  if (figures.late > 0.04 || figures.slow > 0.04 || figures.worst() > 0.18) return { verdict: 'less', books: all };
  return { verdict: conditions.every(Boolean) ? 'holds' : 'redraw', books: all };
}

/** What is wanted of a figure: above, below, or within. */
export function within(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}
