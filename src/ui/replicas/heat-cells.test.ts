import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellAt, cellsOf, GAP, indexOf, layoutOf, LEVELS } from './heat-cells.ts';

const line = (...values: (number | null)[]) => ({ replica: 'vllm-0', values });

describe('cells', () => {
  it('are one a scrape where there is room, empty ones told from zeros', () => {
    const { levels, stride } = cellsOf([line(0, 1, null, 0.5)], 4, 10, 1);
    expect([stride, ...levels]).toEqual([1, 0, LEVELS - 1, GAP, 4]);
  });

  it('show the highest of several where there is not, and nothing only where nothing is', () => {
    const { levels, stride, columns } = cellsOf([line(0, 1, null, null, null, 0.2)], 6, 3, 1);
    expect([stride, columns, ...levels]).toEqual([2, 3, LEVELS - 1, GAP, 1]);
  });

  it('are as many as fit, and cover every scrape, for any shape', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), (count, room) => {
        const last = [...Array.from({ length: count - 1 }, () => null), 1];
        const cells = cellsOf([line(...last)], count, room, 1);
        expect(cells.columns).toBeLessThanOrEqual(Math.max(1, room));
        expect(cells.levels.at(-1)).toBe(LEVELS - 1);
        expect(indexOf(line(...last), cells, cells.columns - 1, count)).toBe(count - 1);
      }),
    );
  });
});

describe('layout', () => {
  const many = (rows: number) => Array.from({ length: rows }, (_, i) => ({ replica: `vllm-${i}`, values: [] }));

  it.each([
    { rows: 2, row: 23 },
    { rows: 40, row: 10 },
    { rows: 1000, row: 1 },
  ])('gives $rows rows $row pixels each', ({ rows, row }) => {
    expect(layoutOf(many(rows), 600).row).toBe(row);
  });

  it('finds the cell under a pointer, and none below the rows', () => {
    const lines = [line(0, 1, 0, 0), line(0, 0, 0, 1)];
    const layout = layoutOf(lines, 600);
    const cells = cellsOf(lines, 4, 100, 1);
    expect(cellAt(layout, cells, layout.left + 1, 1)).toEqual({ row: 0, column: 0 });
    expect(cellAt(layout, cells, 599, layout.row + 1)).toEqual({ row: 1, column: 3 });
    expect(cellAt(layout, cells, 2, 1)).toEqual({ row: 0, column: 0 });
    expect(cellAt(layout, cells, 599, 2 * layout.row + 1)).toBeNull();
  });
});
