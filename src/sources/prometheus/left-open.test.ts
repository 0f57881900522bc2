import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Grid, Values } from '../../core/base/grid.ts';
import { type RunningPrometheus, startPrometheus } from '../../testing/prometheus.ts';
import { rateWindow } from '../timing.ts';
import { matrixOnGrid } from './answers.ts';

/**
 * Prometheus 3.0 leaves the older edge of a range open: a sample that falls exactly on it no longer counts. What that does to
 * our windows is measured on a 2.x, whose window a millisecond shorter holds the very same samples. Source: migration guide of
 * 3.0, "Range selectors and lookback exclude samples coinciding with the left boundary".
 */
const EVERY = 5;
const FROM = 1_795_000_000;
const grid: Grid = { from: FROM + 60, step: EVERY, count: 100 };
/** Of what was counted over the whole range. */
const TOLERANCE = 0.02;

let prometheus: RunningPrometheus;
const folder = mkdtempSync(join(tmpdir(), 'vllm-triage-edge-'));

beforeAll(async () => {
  const lines: string[] = [];
  for (const [name, offset] of [
    ['on_grid', 0],
    ['beside_grid', 1.3],
  ] as const) {
    let total = 0;
    for (let i = 0; i < 125; i += 1) {
      total += (i * 37) % 23;
      lines.push(`${name}_total ${total} ${FROM + i * EVERY + offset}`);
    }
  }
  writeFileSync(join(folder, 'edge.om'), `${lines.join('\n')}\n# EOF\n`);
  prometheus = await startPrometheus({ recordings: [join(folder, 'edge.om')] });
}, 30_000);
afterAll(async () => {
  await prometheus?.stop();
  rmSync(folder, { recursive: true });
});

async function rates(metric: string, windowMs: number): Promise<Values> {
  const params = new URLSearchParams({
    query: `rate(${metric}[${windowMs}ms])`,
    start: String(grid.from),
    end: String(grid.from + grid.step * (grid.count - 1)),
    step: String(grid.step),
  });
  const answer = (await (await fetch(`${prometheus.url}/api/v1/query_range?${params}`)).json()) as { data: unknown };
  return matrixOnGrid(answer.data, grid)[0]?.values ?? [];
}

const windowMs = rateWindow(EVERY, EVERY) * 1000;
const sum = (values: Values) => values.reduce<number>((total, value) => total + (value ?? 0), 0);

test('samples exactly on the grid: single rates differ, none is lost, and the range counts the same', async () => {
  const [closed, open] = [await rates('on_grid_total', windowMs), await rates('on_grid_total', windowMs - 1)];
  expect(closed).not.toEqual(open);
  expect(open.every((value) => value !== null)).toBe(true);
  expect(Math.abs(sum(open) / sum(closed) - 1)).toBeLessThan(TOLERANCE);
});

test('samples anywhere else: the same rates', async () => {
  const [closed, open] = [await rates('beside_grid_total', windowMs), await rates('beside_grid_total', windowMs - 1)];
  closed.forEach((value, i) => expect(Math.abs((open[i] ?? 0) / (value ?? 0) - 1)).toBeLessThan(1e-3));
});
