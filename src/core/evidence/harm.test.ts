import { expect, test } from 'vitest';
import { harmOf } from './harm.ts';
import { buildScene, type SceneText } from './notation.ts';
import { tracesOf, type Trace } from './trace.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const harm = (scene: SceneText, limits = LIMITS) => harmOf(tracesOf(buildScene(scene))[0] as Trace, limits, 20);

test.each([
  ['nobody', '0.2*2', 0],
  ['a quarter', '0.2*1.5,0.7*0.5', 0.25],
  ['all', '3*2', 1],
])('late first tokens: %s', (_, ttft, share) => {
  expect(harm({ steps: 10, histograms: { ttft: `${ttft} ...` } }).lateTtft.at(-1)).toBeCloseTo(share, 10);
});

test('a target inside a bucket gives the lower bound', () => {
  // 0.2 lies in (0.1, 0.25]: those at 0.15 may or may not be late, those at 0.4 are.
  const { lateTtft } = harm({ steps: 10, histograms: { ttft: '0.15*1,0.4*1 ...' } }, { ...LIMITS, ttft: 0.2 });
  expect(lateTtft.at(-1)).toBeCloseTo(0.5, 10);
});

test('slow tokens are counted per request, not per step', () => {
  const h = harm({ steps: 10, histograms: { itl: '0.09*100 ...', 'time-per-output-token': '0.03*1,0.08*1 ...' } });
  expect(h.slowTokens.at(-1)).toBeCloseTo(0.5, 10);
  expect(harm({ steps: 10, histograms: { itl: '0.09*100 ...' } }).slowTokens).toEqual(
    Array.from({ length: 10 }, () => null),
  );
});

test.each([
  ['nobody waits', '0x9', '0.1*2', 0],
  ['ten wait, two a second are served', '10x9', '0.1*2', 5],
  ['ten wait and nobody is served', '10x9', '-', null],
  ['not measured', '_x10', '0.1*2', null],
])('the wait of a newcomer: %s', (_, waiting, ttft, wait) => {
  expect(harm({ lines: { waiting }, histograms: { ttft: `${ttft} ...` } }).wait.at(-1)).toBe(wait);
});

test('nothing served is no share, not 0', () => {
  expect(harm({ steps: 10, histograms: { ttft: '- ...', e2e: '- ...' } })).toMatchObject({
    lateTtft: Array.from({ length: 10 }, () => null),
    lateE2e: Array.from({ length: 10 }, () => null),
  });
});
