import { expect, test } from 'vitest';
import { freshnessOf } from './freshness.ts';
import { buildScene, type SceneText } from './notation.ts';

const of = (scene: SceneText) => {
  const { stale, frozen } = freshnessOf(buildScene(scene));
  return { stale: Object.fromEntries(stale), frozen: Object.fromEntries(frozen) };
};

test('a signal that ended is stale on the replicas it ended on, one late scrape is not enough', () => {
  const lines = { running: '3x29', 'gpu-utilization': '0.5x20 _x9', waiting: '1x23 _x6', 'running@b': '3x9 _x20' };
  expect(of({ replicas: ['a', 'b'], lines }).stale).toEqual({ running: ['b'], 'gpu-utilization': ['a', 'b'] });
});

test('what was blanked because no scrape succeeds is stale, and so is a histogram', () => {
  const { stale } = of({ lines: { running: '3x29', up: '1x14 0x14' }, histograms: { ttft: '0.1*1x29' } });
  expect(Object.keys(stale)).toEqual(['ttft', 'running']);
});

const HUNG = { running: '5', waiting: '2', 'kv-cache-usage': '0.4', up: '1' };

test('gauges of an engine that gives no token and moves none of them are frozen', () => {
  const hung = of({ steps: 30, lines: { ...HUNG, 'output-tokens': '100x14 0x14' } });
  expect(hung).toEqual({
    stale: {},
    frozen: { running: ['vllm-0'], waiting: ['vllm-0'], 'kv-cache-usage': ['vllm-0'] },
  });
});

test.each<[string, SceneText]>([
  ['tokens come', { steps: 30, lines: { ...HUNG, 'output-tokens': '100' } }],
  [
    'steps are taken',
    { steps: 30, lines: { ...HUNG, 'output-tokens': '0' }, histograms: { 'step-tokens': '1*5 ...' } },
  ],
  ['a gauge moves', { steps: 30, lines: { ...HUNG, waiting: '2x27 3 4', 'output-tokens': '0' } }],
  ['nobody runs', { steps: 30, lines: { ...HUNG, running: '0', 'output-tokens': '0' } }],
  ['nothing counts tokens', { steps: 30, lines: HUNG }],
  ['the window is too short to tell', { steps: 8, lines: { ...HUNG, 'output-tokens': '0' } }],
])('not frozen: %s', (_, scene) => {
  expect(of(scene).frozen).toEqual({});
});
