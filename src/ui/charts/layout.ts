import { endOf, type Values } from '../../core/base/grid.ts';
import type { PanelData, PanelThreshold } from '../../core/panels/panel.ts';
import { type AxisUnit, axisUnit } from './format.ts';
import { decadeTicks, timeTicks, valueTicks, zoneOffset } from './ticks.ts';

/** One chart grammar: every chart has this height and this left axis, so that a column of them lines up. */
export const CHART_HEIGHT = 138;
export const MARGIN = { left: 30, right: 6, top: 8, bottom: 18 } as const;

/** A threshold this many times above the values is named at the top edge instead of flattening them. */
const REACH = 4;
/** Room above the highest value for its label. */
const HEADROOM = 1.12;
/** Distance between time labels in pixels. */
const TIME_LABEL = 62;

export interface ChartLayout {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly axis: AxisUnit;
  /** In base units. */
  readonly ticks: readonly number[];
  readonly times: readonly number[];
  readonly spacing: number;
  /** Those inside the plot, and those that lie above it. */
  readonly inside: readonly PanelThreshold[];
  readonly above: readonly PanelThreshold[];
  readonly x: (time: number) => number;
  readonly timeAt: (x: number) => number;
  /** Clamped to the plot, so that a band from zero ends at the axis of a log chart. */
  readonly y: (value: number) => number;
}

/** Where everything goes: pure arithmetic shared by the drawing, the cursor on top of it, and the tests. */
export function layoutOf(
  data: PanelData,
  width: number,
  thresholds: readonly PanelThreshold[],
  height = CHART_HEIGHT,
): ChartLayout {
  const left = MARGIN.left;
  const right = Math.max(left + 10, width - MARGIN.right);
  const top = MARGIN.top;
  const bottom = height - MARGIN.bottom;
  const from = data.grid.from;
  const to = Math.max(endOf(data.grid), from + 1e-3);
  const { most, least } = extent(data);
  const inReach = thresholds.filter((t) => t.value <= Math.max(most * REACH, data.range.high ?? 0) || most === 0);
  const peak = Math.max(most, data.range.high ?? 0, ...inReach.map((t) => t.value));
  const log = data.scale === 'log';
  const axis = axisUnit(data.unit, peak);
  const [low, high] = log ? logRange(least, peak, inReach) : linearRange(data, peak);
  const ticks = log
    ? decadeTicks(low * axis.factor, high * axis.factor).map((t) => t / axis.factor)
    : valueTicks(low * axis.factor, high * axis.factor, 4).map((t) => t / axis.factor);
  const { ticks: times, spacing } = timeTicks(
    from,
    to,
    Math.max(2, Math.floor((right - left) / TIME_LABEL)),
    zoneOffset(to),
  );
  const place = log ? Math.log10 : (v: number): number => v;
  const y = (value: number): number => {
    const v = Math.max(low, Math.min(high, value));
    return bottom - ((place(v) - place(low)) / (place(high) - place(low))) * (bottom - top);
  };
  return {
    width,
    height,
    left,
    right,
    top,
    bottom,
    from,
    to,
    low,
    high,
    log,
    axis,
    ticks,
    times,
    spacing,
    inside: inReach.filter((t) => t.value >= low && t.value <= high),
    above: thresholds.filter((t) => !inReach.includes(t)),
    x: (time) => left + ((time - from) / (to - from)) * (right - left),
    timeAt: (px) => from + ((px - left) / (right - left)) * (to - from),
    y,
  };
}

/** Largest value drawn, and smallest above zero. */
function extent(data: PanelData): { most: number; least: number } {
  let most = 0;
  let least = Infinity;
  const see = (value: number | null | undefined): void => {
    if (value === null || value === undefined) return;
    most = Math.max(most, value);
    if (value > 0) least = Math.min(least, value);
  };
  for (const line of data.lines) line.values.forEach(see);
  for (const band of data.bands) {
    band.low.forEach(see);
    band.high.forEach(see);
  }
  for (const total of stackTops(data).at(-1) ?? []) see(total);
  return { most, least: Number.isFinite(least) ? least : 1 };
}

/** Upper edge of each layer, added up from the bottom; `null` where no layer has a value. */
export function stackTops(data: PanelData): Values[] {
  const sums: (number | null)[] = Array.from({ length: data.grid.count }, () => null);
  return data.stacks.map((stack) => {
    stack.values.forEach((value, i) => {
      if (value !== null) sums[i] = (sums[i] ?? 0) + value;
    });
    return [...sums];
  });
}

function linearRange(data: PanelData, peak: number): [number, number] {
  const low = data.range.low ?? 0;
  const top = peak > low ? peak : low + 1;
  return [low, low + (top - low) * HEADROOM];
}

/** From the decade below the smallest value, and a little lower where that lies on it: an edge on the axis cannot be seen. */
function logRange(least: number, peak: number, thresholds: readonly PanelThreshold[]): [number, number] {
  const smallest = Math.min(least, ...thresholds.filter((t) => t.value > 0).map((t) => t.value));
  const decade = 10 ** Math.floor(Math.log10(smallest) + 1e-9);
  return [smallest < decade * 1.5 ? decade / 2 : decade, peak * 1.6];
}
