import { expect, test } from 'vitest';
import { quantile } from '../base/statistics.ts';
import { judgedOf } from '../evidence/judged.ts';
import { buildScene } from '../evidence/notation.ts';
import { usualLine } from './baseline.ts';

const judged = judgedOf(buildScene({ lines: { running: '1x59' } }), { ttft: 0.5, tbt: 0.05, e2e: 10 }, false);
/** Short window of 40 s and rate window of 20 s, in steps of 5 s. */
const GAP = 12;

test('the quantile of all before the last window, gaps left out', () => {
  const line = Array.from({ length: 60 }, (_, i) => (i % 7 === 3 ? null : ((i * 37) % 101) / 10));
  for (const q of [0.25, 0.5, 0.75]) {
    const usual = usualLine(line, judged, q);
    for (let i = 0; i < line.length; i++) {
      const past = line.slice(0, Math.max(0, i - GAP));
      const known = past.filter((v) => v !== null).length;
      if (known * 5 < 60) expect(usual[i], `${q} at ${i}`).toBeNull();
      else expect(usual[i], `${q} at ${i}`).toBeCloseTo(quantile(past, q) ?? Number.NaN, 10);
    }
  }
});

test('an incident does not teach its own baseline', () => {
  const usual = usualLine(
    Array.from({ length: 60 }, (_, i) => (i < 45 ? 1 : 9)),
    judged,
  );
  expect(usual.slice(45)).toEqual(Array.from({ length: 15 }, () => 1));
});
