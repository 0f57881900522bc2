import type { Share } from '../metrics/accuracy.ts';

/** Rows of a Markdown table; numbers are set right by the columns named in `right`. */
export function table(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  right = columns.length,
): string {
  const align = columns.map((_, i) => (i === 0 || i >= right + 1 ? '---' : '---:'));
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), line(align), ...rows.map(line)].join('\n');
}

/** `0.92`; a dash of nothing. */
export function ratio(value: number | null, digits = 2): string {
  return value === null ? '–' : value.toFixed(digits);
}

/** `0.92 (46 of 50)`; a dash of nothing. */
export function share({ hits, of }: Share): string {
  return of === 0 ? '–' : `${(hits / of).toFixed(2)} (${hits} of ${of})`;
}

/** `0.92` of a share. */
export function bare({ hits, of }: Share): string {
  return of === 0 ? '–' : (hits / of).toFixed(2);
}

/** `3.4 %` of a ratio. */
export function percent(value: number | null, digits = 1): string {
  return value === null ? '–' : `${(100 * value).toFixed(digits)} %`;
}

/** `45 s`, `3.5 min`, `never`; a dash of nothing. */
export function span(seconds: number | null): string {
  if (seconds === null) return '–';
  if (seconds === Infinity) return 'never';
  return Math.abs(seconds) < 120 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(1)} min`;
}

/** `a, b and c`. */
export function list(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1] ?? ''}`;
}
