import type { PanelData } from '../../core/panels/panel.ts';
import { csvText } from '../share/table.ts';
import { formatInterval, formatText, inWords } from './format.ts';

/** What a panel says at one grid time, in words: for the corner of the panel, the table behind it, and a screen reader. */
export interface PointReading {
  /** The lead: "80–160 s". */
  readonly lead: string;
  /** Its name, where the title alone does not say it: "mean". */
  readonly name: string;
  /** Everything else drawn or told: "p50 40–80 s". */
  readonly others: readonly { readonly label: string; readonly value: string }[];
}

/** @returns the reading at grid index `index`; a gap says why it is one. */
export function readingAt(data: PanelData, index: number): PointReading {
  const gap = data.gaps.find((g) => index >= g.from && index <= g.to);
  const all = [
    ...data.bands.map((b) => {
      const low = b.low[index] ?? null;
      return {
        id: b.id,
        label: b.label,
        value: low === null ? null : inWords(formatInterval(low, b.high[index] ?? null, data.unit)),
      };
    }),
    ...data.stacks.map((s) => ({ id: s.id, label: s.label, value: textOf(s.values[index] ?? null, data) })),
    ...data.lines.map((l) => ({
      id: l.id,
      label: l.label,
      value: textOf(l.values[index] ?? null, data, l.unit),
    })),
  ];
  const lead = all.find((part) => part.id === data.lead);
  const others = [
    ...all.filter((part) => part.id !== data.lead && part.label !== ''),
    ...data.readouts.map((r) => {
      const value = r.values[index] ?? null;
      return { id: r.label, label: r.label, value: value === null ? null : formatText(value, r.unit) };
    }),
  ];
  return {
    lead: lead?.value ?? (gap ? gapWord(gap.label) : '–'),
    name: lead?.value && all.length > 1 ? lead.label : '',
    others: others.flatMap((part) => (part.value === null ? [] : [{ label: part.label, value: part.value }])),
  };
}

/** "no first tokens for 30 s" is short enough already; the duration is left to the chart. */
function gapWord(label: string): string {
  return label.replace(/ for [\s\S]*/, '');
}

function textOf(value: number | null, data: PanelData, unit = data.unit): string | null {
  return value === null ? null : formatText(value, unit);
}

/** Comma-separated values of everything drawn, one line per grid time: time in RFC 3339 and base units. */
export function csvOf(data: PanelData): string {
  const columns = [
    ...data.bands.flatMap((b) => [
      { name: `${b.id} low`, values: b.low },
      { name: `${b.id} high`, values: b.high },
    ]),
    ...data.stacks.map((s) => ({ name: s.label || s.id, values: s.values })),
    ...data.lines.map((l) => ({ name: l.label || l.id, values: l.values })),
    ...data.readouts.map((r) => ({ name: r.label, values: r.values })),
  ];
  const rows = Array.from({ length: data.grid.count }, (_, i) => [
    new Date((data.grid.from + i * data.grid.step) * 1000).toISOString(),
    ...columns.map((c) => c.values[i] ?? null),
  ]);
  return csvText([['time', ...columns.map((c) => c.name)], ...rows]);
}
