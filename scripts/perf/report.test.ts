import { describe, expect, test } from 'vitest';
import type { Bare } from './bare.ts';
import { barsOf, barsTable } from './bars.ts';
import type { BoardFigures } from './board-page.ts';
import { growthPicture } from './growth.ts';
import type { FleetFigures } from './measure.ts';
import type { PageFigures } from './page.ts';
import { diagnoseTable, ratio, tablesOf } from './report.ts';
import type { Work } from './trace.ts';

const work = (main: number, workers = 0): Work => ({ main, workers, longest: 40, over50: 0 });
const bare: Bare = { seconds: 0.5, slowestSeconds: 0.2, bytes: 2e6, samples: 80_000 };
const board: BoardFigures = {
  queries: 40,
  series: 40_000,
  samples: 5e6,
  bytes: 100e6,
  panelsSeconds: 60,
  work: work(9000),
};
const page: PageFigures = {
  said: 'degraded slow-replica',
  verdictSeconds: 1.1,
  panelsSeconds: 2,
  slowestAnswerSeconds: 0.3,
  afterAnswerSeconds: 0.1,
  wireBytes: 3e5,
  opening: work(700, 200),
  drawing: work(300),
  refresh: { count: 3, requests: 50, wireBytes: 2e4, work: work(150, 50) },
  heapBytes: 2e7,
  peakBytes: null,
  asked: [],
};
const fleet = (size: number, changes: Partial<FleetFigures> = {}): FleetFigures => ({
  server: 'prometheus',
  size,
  filled: { series: 333 * size, samples: 53_000 * size, seconds: 1 },
  page,
  unwatched: null,
  bare: { together: bare, alone: bare },
  boards: { replicas: board, fleet: board },
  uplot: work(30),
  ...changes,
});
const judged = [
  {
    size: 1000,
    figures: {
      replicas: 1000,
      signals: 24,
      points: 180,
      said: 'degraded',
      first: { wall: 300, cpu: 310 },
      middle: { wall: 140, cpu: 150 },
    },
  },
];
const holds = (...given: Parameters<typeof barsOf>) => barsOf(...given).map((bar) => bar.holds);

describe('the bars', () => {
  test('hold where every figure is below its limit', () => {
    expect(holds([fleet(1), fleet(1000)], judged)).toEqual([true, true, true, true, true, true]);
  });

  test.each<[string, number, Partial<FleetFigures>]>([
    ['a verdict a second after the slowest query', 0, { page: { ...page, verdictSeconds: 1.21 } }],
    [
      'workers count as work of a refresh',
      1,
      { page: { ...page, refresh: { ...page.refresh!, work: work(200, 101) } } },
    ],
    ['a verdict in a browser nobody watches', 0, { unwatched: { verdictSeconds: 1.21, panelsSeconds: 2 } }],
    ['a tenth of the bytes', 2, { bare: { together: { ...bare, bytes: 10.1e6 }, alone: bare } }],
    ['five times faster', 3, { page: { ...page, panelsSeconds: 12.1 } }],
    ['three times the work of one replica', 4, { page: { ...page, opening: work(2600, 101) } }],
  ])('%s', (_, place, changes) => {
    const found = holds([fleet(1), fleet(1000, changes)], judged);
    expect(found.map((bar, i) => bar !== true && i)).toContain(place);
    expect(found.filter((bar) => bar !== true)).toEqual([false]);
  });

  test('judging alone', () => {
    const slow = judged.map((one) => ({ ...one, figures: { ...one.figures, middle: { wall: 151, cpu: 151 } } }));
    expect(holds([], slow).at(-1)).toBe(false);
    expect(holds([], [{ size: 1000, figures: 'no verdict within 60 s' }]).at(-1)).toBe(false);
  });

  test('are not said to hold where nothing was measured, and are missed where the page had no verdict', () => {
    expect(holds([], [])).toEqual([null, null, null, null, null, null]);
    const none = barsOf([fleet(1), fleet(1000, { page: 'no verdict within 120 s', bare: null })], judged);
    expect(none.slice(0, 5).map((bar) => bar.holds)).toEqual([false, false, false, false, false]);
    expect(barsTable(none)).toContain('no verdict within 120 s | **missed**');
    // Another server's figures do not stand for Prometheus'.
    expect(holds([fleet(1000, { server: 'victoria-metrics' })], [])).toEqual([null, null, null, null, null, null]);
  });
});

describe('the tables', () => {
  test('have a column a fleet, by size, and leave out what nobody asked for', () => {
    const text = tablesOf('prometheus', [fleet(1000), fleet(1, { boards: null })]);
    expect(text).toContain('| the page | 1 replica | 1,000 replicas |');
    expect(text).toContain('| JSON, page ÷ (a) | – | 0.020 |');
    expect(text).toContain('| to all panels, (a) ÷ page | – | 30 |');
    expect(text).not.toContain('most memory');
    expect(tablesOf('victoria-metrics', [fleet(1)])).toBe('');
  });

  test('say why there is no verdict', () => {
    expect(tablesOf('prometheus', [fleet(1000, { page: 'no verdict within 120 s' })])).toContain(
      '| the page says | no verdict within 120 s |',
    );
    expect(diagnoseTable([{ size: 1000, figures: 'no verdict within 60 s' }])).toContain('no verdict within 60 s');
  });

  test.each([
    [1, 0, null],
    [undefined, 2, null],
    [1, 20, '0.050'],
    [61, 2, '31'],
  ])('%s of %s', (of, to, says) => expect(ratio(of, to)).toBe(says));
});

test('the picture has a point for every fleet that was measured, and says so where none was', () => {
  const picture = growthPicture([fleet(1), fleet(10), fleet(1000, { page: 'no verdict', bare: null })]);
  expect(picture).toMatch(/^<svg [^]*<\/svg>\n$/);
  expect(picture.match(/<title>page, /g)).toHaveLength(6);
  expect(picture.match(/<title>board by replica, /g)).toHaveLength(9);
  expect(picture).not.toMatch(/NaN|Infinity/);
  expect(growthPicture([]).match(/not measured/g)).toHaveLength(3);
});
