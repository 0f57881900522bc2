import { describe, expect, it } from 'vitest';
import type { PanelData } from '../../core/panels/panel.ts';
import { spread } from './labels.ts';
import { layoutOf } from './layout.ts';
import { csvOf, readingAt } from './readings.ts';
import { reduced } from './reduce.ts';
import { decadeTicks, timeTicks, valueTicks } from './ticks.ts';

function panelData(values: readonly (number | null)[], more: Partial<PanelData> = {}): PanelData {
  return {
    grid: { from: 1000, step: 5, count: values.length },
    unit: 'requests',
    state: 'ok',
    missing: [],
    lines: [{ id: 'a', label: '', values, style: 'main' }],
    bands: [],
    stacks: [],
    thresholds: [],
    readouts: [],
    gaps: [],
    lead: 'a',
    scale: 'linear',
    range: { low: 0, high: null },
    note: '',
    ...more,
  };
}

describe('the layout of a chart', () => {
  it('puts time and value where axes and cursor agree', () => {
    const layout = layoutOf(panelData([0, 50, 100]), 286, []);
    expect(layout.x(1000)).toBe(30);
    expect(layout.x(1010)).toBe(280);
    expect(layout.timeAt(layout.x(1005))).toBeCloseTo(1005);
    expect(layout.y(0)).toBe(layout.bottom);
    expect(layout.ticks).toEqual([0, 50, 100]);
  });

  it('reaches for a threshold near the values, and names a far one at the top', () => {
    const lines = [
      { label: 'textbook', value: 10, tone: 'textbook' as const },
      { label: 'textbook', value: 50, tone: 'textbook' as const },
    ];
    const split = (values: number[]) => {
      const { inside, above } = layoutOf(panelData(values), 286, lines);
      return [inside.map((t) => t.value), above.map((t) => t.value)];
    };
    expect(split([0, 0, 0])).toEqual([[10, 50], []]);
    expect(split([0, 3, 4])).toEqual([[10], [50]]);
    expect(split([0, 200, 239])).toEqual([[10, 50], []]);
  });

  it('keeps zero on a log axis at the axis', () => {
    const layout = layoutOf(panelData([0.1, 150], { unit: 'seconds', scale: 'log' }), 286, []);
    expect(layout.y(0)).toBe(layout.bottom);
    expect(layout.ticks).toEqual([0.1, 1, 10, 100]);
  });
});

it('ticks are round numbers', () => {
  expect(valueTicks(0, 239)).toEqual([0, 100, 200]);
  expect(valueTicks(0, 1.06)).toEqual([0, 0.5, 1]);
  expect(decadeTicks(0.05, 250)).toEqual([0.1, 1, 10, 100]);
  expect(timeTicks(0, 480, 4, 0)).toEqual({ ticks: [0, 120, 240, 360, 480], spacing: 120 });
  // Half an hour off the hour: ticks stand on the viewer's clock.
  expect(timeTicks(0, 7200, 4, 1800).ticks).toEqual([0, 1800, 3600, 5400, 7200]);
});

describe('fewer points', () => {
  const long = Array.from({ length: 1200 }, (_, i) => (i === 777 ? 99 : i === 500 ? -3 : 1));

  it('keeps every extreme and the last time', () => {
    const thin = reduced(panelData(long));
    expect(thin.grid.count).toBeLessThanOrEqual(300);
    expect(Math.max(...thin.lines[0]!.values.map((v) => v ?? 0))).toBe(99);
    expect(Math.min(...thin.lines[0]!.values.map((v) => v ?? 0))).toBe(-3);
    expect(thin.grid.from + (thin.grid.count - 1) * thin.grid.step).toBeCloseTo(1000 + 1199 * 5);
  });

  it('keeps gaps as gaps, and moves their hatch along', () => {
    const holed = long.map((v, i) => (i >= 600 && i < 700 ? null : v));
    const thin = reduced(panelData(holed, { gaps: [{ from: 600, to: 699, kind: 'missing', label: 'no data' }] }));
    const empty = thin.lines[0]!.values.flatMap((v, i) => (v === null ? [i] : []));
    expect(empty.length).toBeGreaterThan(15);
    expect(thin.gaps[0]!.from).toBeLessThanOrEqual(empty[0]!);
    expect(thin.gaps[0]!.to).toBeGreaterThanOrEqual(empty[empty.length - 1]!);
  });

  it('spans what a band covered, and stays open where it was', () => {
    const low = long.map(() => 2);
    const high = long.map((_, i) => (i === 1199 ? null : i === 300 ? 9 : 4));
    const band = { id: 'p95', label: 'p95', low, high, style: 'main' as const, limit: null };
    const thin = reduced(panelData(long, { bands: [band] })).bands[0]!;
    expect(Math.max(...thin.high.map((v) => v ?? 0))).toBe(9);
    expect(thin.high[thin.high.length - 1]).toBeNull();
    expect(thin.low[thin.low.length - 1]).toBe(2);
  });

  it('leaves short ones as they are', () => {
    const data = panelData([1, 2, 3]);
    expect(reduced(data)).toBe(data);
  });
});

describe('a reading', () => {
  const data = panelData([5, null, 7], {
    bands: [{ id: 'p95', label: 'p95', low: [1, null, 2], high: [2, null, null], style: 'main', limit: null }],
    readouts: [{ label: 'steps', values: [27, null, 28], unit: 'steps-per-second' }],
    gaps: [{ from: 1, to: 1, kind: 'silent', label: 'no steps for 5 s' }],
  });

  it('tells the lead and everything beside it', () => {
    expect(readingAt(data, 0)).toEqual({
      lead: '5 requests',
      name: '',
      others: [
        { label: 'p95', value: '1–2 requests' },
        { label: 'steps', value: '27 steps/s' },
      ],
    });
    expect(readingAt(data, 2).others[0]).toEqual({ label: 'p95', value: 'over 2 requests' });
  });

  it('tells a gap by its reason, not as zero', () => {
    expect(readingAt(data, 1)).toEqual({ lead: 'no steps', name: '', others: [] });
  });

  it('goes to CSV with empty cells for gaps', () => {
    expect(csvOf(data).split('\n')).toEqual([
      'time,p95 low,p95 high,a,steps',
      '1970-01-01T00:16:40.000Z,1,2,5,27',
      '1970-01-01T00:16:45.000Z,,,,',
      '1970-01-01T00:16:50.000Z,2,,7,28',
    ]);
  });
});

it('labels are moved apart and stay inside', () => {
  const label = (text: string, y: number, weight = 1) => ({ text, y, weight, tone: '', bold: false });
  const placed = spread([label('a', 20), label('b', 22), label('c', 119)], 10, 120);
  expect(placed.map((l) => l.y)).toEqual([20, 31.5, 119]);
  expect(spread([label('a', 119), label('b', 120)], 10, 120).map((l) => l.y)).toEqual([108.5, 120]);
  expect(spread([label('light', 20, 1), label('heavy', 20, 2)], 10, 22).map((l) => l.text)).toEqual(['heavy']);
});
