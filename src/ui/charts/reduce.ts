import { type Grid, timeAt, type Values } from '../../core/base/grid.ts';
import type { PanelBand, PanelData, PanelLine, PanelStack } from '../../core/panels/panel.ts';

/** Points a chart draws at most: beyond, a pixel holds several and an update costs a frame (ecosystem.md §4). */
export const MOST_POINTS = 300;

/**
 * Thins a panel to at most `most` points and keeps every extreme: two points per stretch, a line's lowest and highest in the
 * order they came; a band spans all it covered. Gap indices move along. A stretch is a gap only if all of it is.
 */
export function reduced(data: PanelData, most = MOST_POINTS): PanelData {
  if (data.grid.count <= most) return data;
  const size = Math.ceil(data.grid.count / Math.floor(most / 2));
  const stretches = Math.ceil(data.grid.count / size);
  const half = data.grid.step * (size / 2);
  // The last time stays where it is: "now" must not move.
  const grid: Grid = {
    from: timeAt(data.grid, data.grid.count - 1) - (stretches * 2 - 1) * half,
    step: half,
    count: stretches * 2,
  };
  const offset = stretches * size - data.grid.count;
  const slotOf = (index: number): number => Math.floor((index + offset) / size) * 2;
  const line = (values: Values): Values => {
    const out: (number | null)[] = Array.from({ length: grid.count }, () => null);
    for (let s = 0; s < stretches; s++) {
      let low = -1;
      let high = -1;
      for (let i = Math.max(0, s * size - offset); i < (s + 1) * size - offset; i++) {
        const v = values[i] ?? null;
        if (v === null) continue;
        if (low < 0 || v < (values[low] as number)) low = i;
        if (high < 0 || v > (values[high] as number)) high = i;
      }
      if (low < 0) continue;
      out[s * 2] = values[Math.min(low, high)] as number;
      out[s * 2 + 1] = values[Math.max(low, high)] as number;
    }
    return out;
  };
  const spanned = (values: Values, pick: (a: number, b: number) => number, alive: Values): Values => {
    const out: (number | null)[] = Array.from({ length: grid.count }, () => null);
    const open = new Set<number>();
    values.forEach((v, i) => {
      const slot = slotOf(i);
      if (v === null) {
        if ((alive[i] ?? null) !== null) open.add(slot);
        return;
      }
      const had = out[slot] ?? null;
      out[slot] = had === null ? v : pick(had, v);
      out[slot + 1] = out[slot];
    });
    for (const slot of open) {
      out[slot] = null;
      out[slot + 1] = null;
    }
    return out;
  };
  return {
    ...data,
    grid,
    lines: data.lines.map((l): PanelLine => ({ ...l, values: line(l.values) })),
    stacks: data.stacks.map((s): PanelStack => ({ ...s, values: spanned(s.values, Math.max, s.values) })),
    bands: data.bands.map(
      (b): PanelBand => ({ ...b, low: spanned(b.low, Math.min, b.low), high: spanned(b.high, Math.max, b.low) }),
    ),
    gaps: data.gaps.map((gap) => ({ ...gap, from: slotOf(gap.from), to: slotOf(gap.to) + 1 })),
  };
}
