import { expect, test } from 'vitest';
import { times, watchedSaying } from '../testing.ts';
import { buildReport } from './report.ts';
import { isWrong, timelineOf } from './timeline.ts';

const trouble = { primary: 'deferred-admission', onset: 300, shows: 300 };
const ALL = [
  watchedSaying([...times(20, 'healthy'), ...times(30, 'deferred-admission 0.9')], trouble, {
    id: 'deferred-admission/mild/1',
  }),
  watchedSaying([...times(20, 'healthy'), ...times(30, 'seat-ceiling 0.9')], trouble, {
    id: 'deferred-admission/strong/1',
  }),
  watchedSaying(times(50, 'healthy'), {}, { kind: 'healthy-busy' }),
];
const outcome = { all: ALL, missing: 0, seed: 7, perKind: 1, recordings: [] };

test('the page holds the bars, the class that is short, and the same text every time', () => {
  const { markdown, plot, unreasoned } = buildReport(outcome);
  expect(markdown).toContain('| Top-1: episodes whose trouble is named right | ≥ 0.92 | 0.500');
  expect(markdown).toContain('`healthy-busy`');
  expect(markdown).toContain('| `deferred-admission` | `seat-ceiling` | 1 |');
  expect(unreasoned).toEqual(['deferred-admission']);
  expect(plot).toMatch(/^<svg [^]*<\/svg>\n$/);
  expect(buildReport(outcome)).toEqual({ markdown, plot, unreasoned });
});

test('every table row has as many cells as its head', () => {
  const rows = buildReport(outcome).markdown.split('\n');
  let width = 0;
  for (const row of rows) {
    const cells = row.startsWith('|') ? row.split(/(?<!\\)\|/).length : 0;
    if (cells > 0 && width > 0) expect(row.split(/(?<!\\)\|/)).toHaveLength(width);
    width = cells;
  }
});

test('nothing watched gives a page without figures', () => {
  expect(buildReport({ ...outcome, all: [] }).markdown).toContain('not measured');
});

test('a timeline has one line per change, in seconds from the onset', () => {
  const [right, wrong, healthy] = ALL;
  if (!right || !wrong || !healthy) throw new Error('three episodes');
  expect([right, wrong, healthy].map(isWrong)).toEqual([false, true, false]);
  expect(timelineOf(wrong).split('\n').slice(3)).toEqual([
    '    -300 s  healthy: healthy',
    '       0 s  degraded: seat-ceiling  [0.90, since before the window]',
  ]);
});
