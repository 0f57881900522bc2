import { useId } from 'react';
import { timeAt, type Values } from '../../core/base/grid.ts';
import type { PanelBand, PanelData, PanelGap, PanelLine, PanelThreshold } from '../../core/panels/panel.ts';
import { formatInterval, formatText, inWords } from './format.ts';
import { type PlacedLabel, spread } from './labels.ts';
import { type ChartLayout, stackTops } from './layout.ts';
import type { Onset } from './onset.ts';

/** What the library has no shape for: intervals with both edges, hatched gaps, the onset, stacks with holes, labels on the line. */
interface MarksProps {
  readonly data: PanelData;
  readonly layout: ChartLayout;
  readonly onset: Onset | null;
}

const HARM = 'var(--critical)';
const BAND_INK: Readonly<Record<PanelBand['style'], string>> = {
  main: 'var(--series-1)',
  second: 'var(--series-2)',
  thin: 'var(--series-2)',
};
const BAND_FILL: Readonly<Record<PanelBand['style'], number>> = { main: 0.13, second: 0.16, thin: 0.07 };

export function lineColour(line: PanelLine): string {
  if (line.accent) return 'var(--accent)';
  return line.style === 'main' ? 'var(--series-1)' : 'var(--series-2)';
}

const r = (n: number): string => n.toFixed(1);

/** Under the lines: onset, gaps, stacks, bands, areas. */
export function MarksBelow({ data, layout, onset }: MarksProps) {
  const hatch = useId();
  const { top, bottom } = layout;
  const tops = stackTops(data);
  return (
    <g>
      <defs>
        <pattern id={hatch} width={7} height={7} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line x1={0} x2={0} y1={0} y2={7} stroke="var(--strong)" strokeWidth={1.6} />
        </pattern>
        <pattern id={`${hatch}s`} width={5} height={5} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line x1={0} x2={0} y1={0} y2={5} stroke="var(--accent)" strokeOpacity={0.55} strokeWidth={1.4} />
        </pattern>
      </defs>
      {onset && <OnsetBand layout={layout} onset={onset} />}
      {data.gaps.map((gap) => {
        const [x0, x1] = gapEdges(data, layout, gap);
        return (
          <rect
            key={`${gap.kind}${gap.from}`}
            x={x0}
            width={Math.max(1, x1 - x0)}
            y={top}
            height={bottom - top}
            fill={`url(#${hatch})`}
            opacity={0.55}
          />
        );
      })}
      {data.stacks.map((stack, k) => {
        const upper = tops[k] ?? [];
        const lower = k === 0 ? null : (tops[k - 1] ?? null);
        const fill =
          stack.style === 'hatched'
            ? `url(#${hatch}s)`
            : stack.style === 'main'
              ? 'var(--accent)'
              : stack.style === 'second'
                ? 'var(--series-2)'
                : 'var(--strong)';
        return runsOf(upper).map(([a, b]) => (
          <path
            key={`${stack.id}${a}`}
            d={between(data, layout, upper, lower, a, b)}
            fill={fill}
            opacity={stack.style === 'hatched' ? 0.9 : 0.5}
            stroke={stack.style === 'hatched' ? 'none' : fill}
            strokeWidth={0.75}
          />
        ));
      })}
      {data.lines
        .filter((line) => line.area)
        .map((line) =>
          runsOf(line.values).map(([a, b]) => (
            <path
              key={`${line.id}${a}`}
              d={between(data, layout, line.values, null, a, b)}
              fill={lineColour(line)}
              opacity={0.12}
            />
          )),
        )}
      {data.bands.map((band) => (
        <Band key={band.id} band={band} data={data} layout={layout} />
      ))}
    </g>
  );
}

function OnsetBand({ layout, onset }: { layout: ChartLayout; onset: Onset }) {
  const x0 = Math.max(layout.left, layout.x(onset.from));
  const x1 = Math.min(layout.right, Math.max(layout.x(onset.to), layout.x(onset.from) + 3));
  if (x1 <= layout.left || x0 >= layout.right) return null;
  return (
    <rect
      x={x0}
      width={x1 - x0}
      y={layout.top - 6}
      height={layout.bottom - layout.top + 6}
      fill="var(--fill)"
      data-mark="onset"
    />
  );
}

/** A gap reaches from the last value before it to the first one after it. */
function gapEdges(data: PanelData, layout: ChartLayout, gap: PanelGap): [number, number] {
  const from = timeAt(data.grid, gap.from - 1);
  const to = timeAt(data.grid, gap.to + 1);
  return [Math.max(layout.left, layout.x(from)), Math.min(layout.right, layout.x(to))];
}

/** Each value stands for the step that ends at it; a change of harm or of openness starts another piece. */
function Band({ band, data, layout }: { band: PanelBand; data: PanelData; layout: ChartLayout }) {
  const pieces = bandPieces(band);
  return (
    <g data-mark={`band-${band.id}`}>
      {pieces.map((piece) => {
        const ink = piece.harm ? HARM : BAND_INK[band.style];
        const top = stepPath(data, layout, piece.from, piece.to, (i) =>
          piece.open ? layout.top : layout.y(band.high[i] as number),
        );
        const bottom = stepPath(data, layout, piece.from, piece.to, (i) => layout.y(band.low[i] as number));
        const back = [...bottom].reverse();
        const path = (points: readonly (readonly [number, number])[]): string =>
          points.map(([x, y]) => `${r(x)},${r(y)}`).join('L');
        const edge = {
          fill: 'none',
          stroke: ink,
          strokeOpacity: piece.harm && band.style === 'main' ? 1 : 0.55,
          strokeWidth: 1,
        };
        return (
          <g key={piece.from}>
            <path
              d={`M${path(top)}L${path(back)}Z`}
              fill={ink}
              fillOpacity={piece.harm && band.style === 'main' ? 0.25 : BAND_FILL[band.style]}
            />
            {!piece.open && (
              <path d={`M${path(top)}`} {...edge} strokeDasharray={band.style === 'thin' ? '1.5 2' : undefined} />
            )}
            <path d={`M${path(bottom)}`} {...edge} strokeDasharray={band.style === 'thin' ? '1.5 2' : undefined} />
          </g>
        );
      })}
    </g>
  );
}

interface Piece {
  readonly from: number;
  to: number;
  readonly harm: boolean;
  readonly open: boolean;
}

function bandPieces(band: PanelBand): Piece[] {
  const pieces: Piece[] = [];
  band.low.forEach((low, i) => {
    if (low === null) return;
    const open = (band.high[i] ?? null) === null;
    const harm = band.limit !== null && low >= band.limit;
    const last = pieces[pieces.length - 1];
    if (last && last.to === i - 1 && last.harm === harm && last.open === open) last.to = i;
    else pieces.push({ from: i, to: i, harm, open });
  });
  return pieces;
}

function stepPath(
  data: PanelData,
  layout: ChartLayout,
  from: number,
  to: number,
  y: (i: number) => number,
): [number, number][] {
  const points: [number, number][] = [];
  for (let i = from; i <= to; i++) {
    const x0 = Math.max(layout.left, layout.x(timeAt(data.grid, i - 1)));
    points.push([x0, y(i)], [layout.x(timeAt(data.grid, i)), y(i)]);
  }
  return points;
}

function runsOf(values: Values): [number, number][] {
  const runs: [number, number][] = [];
  values.forEach((v, i) => {
    if (v === null) return;
    const last = runs[runs.length - 1];
    if (last && last[1] === i - 1) last[1] = i;
    else runs.push([i, i]);
  });
  return runs;
}

function between(
  data: PanelData,
  layout: ChartLayout,
  upper: Values,
  lower: Values | null,
  from: number,
  to: number,
): string {
  const top: string[] = [];
  const base: string[] = [];
  for (let i = from; i <= to; i++) {
    const x = r(layout.x(timeAt(data.grid, i)));
    top.push(`${x},${r(layout.y(upper[i] as number))}`);
    base.push(`${x},${r(layout.y(lower?.[i] ?? layout.low))}`);
  }
  return `M${top.join('L')}L${base.reverse().join('L')}Z`;
}

/** Between two lines of one label. */
const LABEL_LINE = 12;

const TEXT = {
  fontSize: 10.5,
  paintOrder: 'stroke' as const,
  stroke: 'var(--bg)',
  strokeWidth: 3,
  strokeLinejoin: 'round' as const,
};

const THRESHOLD_INK: Readonly<Record<PanelThreshold['tone'], string>> = {
  target: 'var(--ink-2)',
  textbook: 'var(--ink-3)',
  limit: 'var(--ink-2)',
  proposed: 'var(--accent)',
};

/** Over the lines: points that stand alone, thresholds with their names, and the name and last value of each series. */
export function MarksAbove({ data, layout, onset, showOnset }: MarksProps & { readonly showOnset: boolean }) {
  const { left, right, top, bottom } = layout;
  const thresholds = thresholdLabels(layout, data);
  const series = spread(seriesLabels(data, layout), top + 3, bottom - 3);
  const reach =
    right -
    Math.max(
      0,
      ...series.filter((l) => l.y < top + 14).map((l) => l.text.length * (l.bold ? BOLD_CHARACTER : CHARACTER)),
    );
  return (
    <g pointerEvents="none">
      {data.lines.flatMap((line) =>
        runsOf(line.values)
          .filter(([a, b]) => a === b)
          .map(([a]) => (
            <circle
              key={`${line.id}${a}`}
              cx={layout.x(timeAt(data.grid, a))}
              cy={layout.y(line.values[a] as number)}
              r={1.4}
              fill={lineColour(line)}
            />
          )),
      )}
      {thresholds.map(({ threshold, y, labelY, text }) => (
        <g key={`${threshold.label}${threshold.value}`} data-mark="threshold">
          <line
            x1={left}
            x2={right}
            y1={y}
            y2={y}
            stroke={THRESHOLD_INK[threshold.tone]}
            strokeWidth={1}
            strokeDasharray="4 3"
          />
          <text x={left + 4} y={labelY} {...TEXT} fill={THRESHOLD_INK[threshold.tone]}>
            {text}
          </text>
        </g>
      ))}
      {layout.above.length > 0 && (
        <text x={left + 4} y={top + 4} {...TEXT} fill="var(--ink-3)">
          {`↑ ${layout.above.map((t) => thresholdText(t, data)).join(', ')}`}
        </text>
      )}
      {data.gaps
        .filter((gap) => {
          const [x0, x1] = gapEdges(data, layout, gap);
          return x1 - x0 > 14;
        })
        .slice(0, 2)
        .map((gap) => {
          const [x0, x1] = gapEdges(data, layout, gap);
          const room = (Math.max(...gap.label.split(/ (?=for )/).map((line) => line.length)) * CHARACTER) / 2;
          const place = Math.max(left + room, Math.min(right - room, (x0 + x1) / 2));
          const anchor = 'middle';
          return (
            <text
              key={`${gap.kind}${gap.from}`}
              x={place}
              y={(top + bottom) / 2}
              textAnchor={anchor}
              {...TEXT}
              fill="var(--ink-2)"
            >
              {gap.label.split(/ (?=for )/).map((line, row) => (
                <tspan key={line} x={place} dy={row === 0 ? 0 : LABEL_LINE}>
                  {line}
                </tspan>
              ))}
            </text>
          );
        })}
      {series.map((label) => (
        <text
          key={label.text}
          x={right - 2}
          y={label.y}
          textAnchor="end"
          {...TEXT}
          fontWeight={label.bold ? 550 : 400}
          fill={label.tone}
        >
          {label.text}
        </text>
      ))}
      {showOnset && onset && layout.x(onset.from) > left + 40 && layout.x(onset.from) < reach && (
        <text x={layout.x(onset.from) - 3} y={top + 2} textAnchor="end" {...TEXT} fill="var(--ink-3)">
          onset
        </text>
      )}
    </g>
  );
}

function valueText(threshold: PanelThreshold, data: PanelData): string {
  return formatText(threshold.value, data.unit === 'requests' || data.unit === 'tokens' ? 'count' : data.unit);
}

function thresholdText(threshold: PanelThreshold, data: PanelData): string {
  const value = valueText(threshold, data);
  return threshold.tone === 'limit' ? `${value} ${threshold.label}` : `${threshold.label} ${value}`;
}

/** Closer than this, two labels cannot be told apart and become one. */
const TOO_CLOSE = 7;

/** Above its line; below it where another one stands close above, or where the top edge is near. Very close ones share a label. */
function thresholdLabels(layout: ChartLayout, data: PanelData) {
  const sorted = [...layout.inside].sort((a, b) => b.value - a.value);
  // The one line of those above the plot stands at the top edge.
  let last = layout.above.length > 0 ? layout.top + 4 : -Infinity;
  return sorted.map((threshold, i) => {
    const y = layout.y(threshold.value);
    const above = sorted[i - 1];
    const below = sorted[i + 1];
    const near = (other: PanelThreshold | undefined): boolean =>
      other !== undefined && other.label === threshold.label && Math.abs(layout.y(other.value) - y) < TOO_CLOSE;
    if (near(above)) return { threshold, y, labelY: y, text: '' };
    const pair = below && near(below) ? `${thresholdText(below, data)}, ${valueText(threshold, data)}` : '';
    let labelY = y - 3.5;
    if (labelY < layout.top + 3 || labelY - last < LABEL_LINE - 1) labelY = y + 10.5;
    if (labelY - last < LABEL_LINE - 1) labelY = last + LABEL_LINE - 1;
    last = labelY;
    return { threshold, y, labelY: Math.min(layout.bottom - 2, labelY), text: pair || thresholdText(threshold, data) };
  });
}

function seriesLabels(data: PanelData, layout: ChartLayout): PlacedLabel[] {
  const labels: PlacedLabel[] = [];
  const shared = new Map<string, { names: string[]; band: PanelBand; low: number; high: number | null }>();
  for (const band of data.bands) {
    const i = lastIndex(band.low);
    if (i < 0 || band.label === 'all') continue;
    const low = band.low[i] as number;
    const high = band.high[i] ?? null;
    const key = `${low}-${high}`;
    const had = shared.get(key);
    if (had) {
      had.names.push(band.label);
      if (band.style === 'main') had.band = band;
    } else shared.set(key, { names: [band.label], band, low, high });
  }
  const highest = Math.max(...[...shared.values()].map(({ high, low }) => high ?? low));
  for (const { names, band, low, high } of shared.values()) {
    const harm = band.limit !== null && low >= band.limit;
    const edge = high === null ? layout.top : layout.y(high);
    labels.push({
      text: `${names.sort().join(' ')} ${inWords(formatInterval(low, high, data.unit))}`,
      // The top one stands on its upper edge, the others hang from their lower one.
      y: (high ?? low) === highest ? edge - 3 : layout.y(low) + 11,
      tone: harm ? HARM : band.style === 'main' ? 'var(--ink)' : 'var(--ink-3)',
      bold: band.style === 'main',
      weight: band.style === 'main' ? 4 : 2,
    });
  }
  const tops = stackTops(data);
  data.stacks.forEach((stack, k) => {
    const i = lastIndex(stack.values);
    const value = stack.values[i];
    if (i < 0 || value === null || value === undefined) return;
    const total = tops.at(-1)?.[lastIndex(tops.at(-1) ?? [])] ?? 0;
    // A layer thinner than its name is left to the table and the corner.
    if (value < 0.06 * total) return;
    labels.push({
      text: `${stack.label} ${formatText(value, data.unit)}`,
      y: (layout.y((tops[k]?.[i] ?? 0) as number) + layout.y(((tops[k]?.[i] ?? 0) as number) - value)) / 2 + 4,
      tone: stack.style === 'main' ? 'var(--accent)' : 'var(--ink-2)',
      bold: stack.style === 'main',
      weight: value,
    });
  });
  const many = data.lines.length > 5;
  for (const line of data.lines) {
    const i = lastIndex(line.values);
    if (i < 0 || (many && line.style === 'thin')) continue;
    const value = line.values[i] as number;
    const word = formatText(value, data.unit === 'requests' || data.unit === 'tokens' ? 'count' : bare(data));
    const text = line.label ? `${line.label} ${word}` : word;
    labels.push({
      text,
      y: besideLine(line, data, layout, text.length * CHARACTER),
      tone: line.accent ? 'var(--accent)' : line.style === 'main' ? 'var(--ink)' : 'var(--ink-3)',
      bold: line.style === 'main',
      weight: line.style === 'main' ? 3 : 1,
    });
  }
  return labels;
}

/** About what a character of a label takes, in the widest of the system fonts. */
const CHARACTER = 5.8;
const BOLD_CHARACTER = 7;

/** Baseline of a label that stays clear of its own line where the text runs: above its peak there, else below its trough. */
function besideLine(line: PanelLine, data: PanelData, layout: ChartLayout, width: number): number {
  let peak = Infinity;
  let trough = -Infinity;
  line.values.forEach((v, i) => {
    if (v === null || layout.x(timeAt(data.grid, i)) < layout.right - width - 4) return;
    peak = Math.min(peak, layout.y(v));
    trough = Math.max(trough, layout.y(v));
  });
  if (!Number.isFinite(peak)) return layout.y(line.values[lastIndex(line.values)] as number) - 5;
  if (peak - 4 >= layout.top + 3) return peak - 4;
  // A line that climbs under the top edge keeps its label there; a flat one along it has room below.
  return trough - peak < 30 && trough + 12 <= layout.bottom - 2 ? trough + 12 : layout.top + 3;
}

/** On the line the unit stands in the title already, so rates are plain numbers. */
function bare(data: PanelData): PanelData['unit'] {
  return data.unit.endsWith('per-second') ? 'count' : data.unit;
}

function lastIndex(values: Values): number {
  for (let i = values.length - 1; i >= 0; i--) if ((values[i] ?? null) !== null) return i;
  return -1;
}
