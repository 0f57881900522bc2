import { expect, test } from 'vitest';
import { agreeUntil } from './agree.ts';
import type { Evidence } from './evidence.ts';
import { buildScene, type SceneText } from './notation.ts';
import { trimEvidence } from './slice.ts';

const END = 1_800_000_000;
const LONG = { end: END, lines: { running: '1+1x19' }, histograms: { ttft: '0.2*5x9 0.3*4x9' } } satisfies SceneText;
const long = buildScene(LONG);
const at = (index: number) => long.grid.from + index * 5;

test.each<[string, Evidence, number | null]>([
  ['the same read', long, END],
  ['a read that starts later', trimEvidence(long, at(4)), END],
  ['a read that goes on', buildScene({ ...LONG, end: END + 10, lines: { running: '1+1x21' }, histograms: {} }), null],
  ['a value that came late', buildScene({ ...LONG, lines: { running: '1+1x17 0 ...' } }), at(17)],
  ['a histogram that came late', buildScene({ ...LONG, histograms: { ttft: '0.2*5x9 0.3*4x8 0.3*9 ...' } }), at(18)],
  ['a line that begins', buildScene({ ...LONG, lines: { ...LONG.lines, waiting: '_x12 3 ...' } }), at(11)],
  ['another selector', buildScene({ ...LONG, selector: '{job="other"}' }), null],
  ['another model', buildScene({ ...LONG, model: 'n' }), null],
  ['other settings', buildScene({ ...LONG, knobs: { 'max-num-seqs': 8 } }), null],
  ['times between the times', { ...long, grid: { ...long.grid, from: long.grid.from + 2 } }, null],
  ['another source', { ...long, source: { ...long.source, label: 'elsewhere' } }, null],
])('%s', (_, later, expected) => {
  expect(agreeUntil(long, later)).toBe(expected);
});
