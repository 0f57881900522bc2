import Papa from 'papaparse';
import { timeAt, type Values } from '../../core/base/grid.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { signalById } from '../../core/signals/index.ts';

/** Rows as comma-separated values. A text that a spreadsheet would take for a formula gets a quotation mark in front. */
export function csvText(rows: readonly (readonly (string | number | null)[])[]): string {
  return Papa.unparse(rows as (string | number | null)[][], { escapeFormulae: true, newline: '\n' });
}

/**
 * Everything measured, one line per series: what it is, the query it can be had from, then its values in base units, one column
 * per time. A gap is an empty field. Of histograms each bucket with its bound, the count and the sum, as rates per second.
 */
export function evidenceCsv({ grid, readings }: Evidence): string {
  const times = Array.from({ length: grid.count }, (_, i) => new Date(timeAt(grid, i) * 1000).toISOString());
  const rows = Object.values(readings).flatMap((reading) => {
    const { unit } = signalById(reading.signal);
    const row = (replica: string, part: string, what: string, values: Values) => [
      reading.signal,
      unit,
      replica,
      part,
      what,
      reading.query ?? '',
      ...values,
    ];
    return [
      ...reading.lines.map((line) => row(line.replica, line.part, 'value', line.values)),
      ...reading.histograms.flatMap((h) => [
        ...h.cumulative.map((values, i) => row(h.replica, String(h.bounds[i]), 'at or below, per second', values)),
        row(h.replica, '', 'count per second', h.count),
        row(h.replica, '', 'sum per second', h.sum),
      ]),
    ];
  });
  return csvText([['signal', 'unit', 'replica', 'part', 'what', 'query', ...times], ...rows]);
}
