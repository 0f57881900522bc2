import { useMemo } from 'react';
import { endOf, type Values } from '../../core/base/grid.ts';
import { maxOf, minOf } from '../../core/base/statistics.ts';
import type { PanelData } from '../../core/panels/panel.ts';
import { formatInterval, formatText, formatTime, inWords } from './format.ts';
import { indexAt, type Onset } from './onset.ts';

interface SummaryProps {
  readonly data: PanelData;
  readonly title: string;
  readonly onset: Onset | null;
}

/** The chart as a small table for screen readers: per series lowest, highest, before the onset, now. */
export function ChartSummary({ data, title, onset }: SummaryProps) {
  const rows = useMemo(() => rowsOf(data, onset), [data, onset]);
  return (
    <div className="sr-only">
      <table>
        <caption>
          {`${title}, ${formatTime(data.grid.from)} to ${formatTime(endOf(data.grid))}. ${data.note}.`}
          {data.thresholds.length > 0 &&
            ` Lines: ${data.thresholds.map((t) => `${t.label} ${formatText(t.value, data.unit)}`).join(', ')}.`}
          {data.gaps
            .map((gap) => ` ${gap.label} from ${formatTime(data.grid.from + gap.from * data.grid.step)}.`)
            .join('')}
        </caption>
        <thead>
          <tr>
            <th scope="col">Series</th>
            <th scope="col">Lowest</th>
            <th scope="col">Highest</th>
            <th scope="col">Before the onset</th>
            <th scope="col">Now</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <td>{row.low}</td>
              <td>{row.high}</td>
              <td>{row.before}</td>
              <td>{row.now}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function rowsOf(data: PanelData, onset: Onset | null) {
  const last = data.grid.count - 1;
  const before = onset && onset.from > data.grid.from ? indexAt(data.grid, onset.from) - 1 : null;
  const series = [...data.stacks, ...data.lines].map((s) => plainRow(s.label || 'value', s.values, data, before));
  const bands = data.bands.map((band) => {
    const at = (i: number | null): string =>
      i === null ? '' : inWords(formatInterval(band.low[i] ?? null, band.high[i] ?? null, data.unit));
    return {
      name: band.label,
      low: formatText(minOf(band.low), data.unit),
      high: formatText(maxOf(band.high), data.unit),
      before: at(before),
      now: at(last),
    };
  });
  return [
    ...bands,
    ...series,
    ...data.readouts.map((r) => plainRow(r.label, r.values, { ...data, unit: r.unit }, before)),
  ];
}

function plainRow(name: string, values: Values, data: PanelData, before: number | null) {
  return {
    name,
    low: formatText(minOf(values), data.unit),
    high: formatText(maxOf(values), data.unit),
    before: before === null ? '' : formatText(values[before] ?? null, data.unit),
    now: formatText(values[values.length - 1] ?? null, data.unit),
  };
}
