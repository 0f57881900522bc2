import { expect, test } from 'vitest';
import { endOf } from '../base/grid.ts';
import { buildScene, NotationError, parseValues } from './notation.ts';

test.each([
  ['1 2 3', [1, 2, 3]],
  ['0.9+0.02x4', [0.9, 0.92, 0.94, 0.96, 0.98]],
  ['10-2x3', [10, 8, 6, 4]],
  ['1x3', [1, 1, 1, 1]],
  ['_ 1 _x2', [null, 1, null, null]],
  ['-1+0.5x2', [-1, -0.5, 0]],
  ['1e3', [1000]],
])('%s', (text, values) => {
  expect(parseValues(text)).toEqual(values);
});

const value = (scene: ReturnType<typeof buildScene>, id: 'running' | 'finished' | 'waiting' | 'up', replica: string) =>
  scene.readings[id]?.lines.find((line) => line.replica === replica)?.values;

test('a scene: held values, one replica alone, parts, gaps', () => {
  const scene = buildScene({
    step: 10,
    replicas: ['vllm-0', 'vllm-1'],
    lines: { running: '4', 'running@vllm-1': '1+1x3', 'finished{stop}': '2 3 ...', waiting: '_x2 5 ...' },
  });
  expect(scene.grid).toEqual({ from: 1_799_999_970, step: 10, count: 4 });
  expect(endOf(scene.grid)).toBe(1_800_000_000);
  expect(value(scene, 'running', 'vllm-0')).toEqual([4, 4, 4, 4]);
  expect(value(scene, 'running', 'vllm-1')).toEqual([1, 2, 3, 4]);
  expect(scene.readings.finished?.lines).toEqual([
    { replica: 'vllm-0', part: 'stop', values: [2, 3, 3, 3] },
    { replica: 'vllm-1', part: 'stop', values: [2, 3, 3, 3] },
  ]);
  expect(value(scene, 'waiting', 'vllm-0')).toEqual([null, null, 5, 5]);
  expect(scene.readings.preemptions?.state).toBe('absent');
  expect(scene.readings.running?.state).toBe('present');
});

test('a histogram: points, shares, spans, nothing observed, gaps', () => {
  const scene = buildScene({
    histograms: { 'prompt-length': { bounds: [10, 100], series: '5*2,50*1x1 0..20*4 - _' } },
  });
  const [histogram] = scene.readings['prompt-length']?.histograms ?? [];
  expect(histogram?.bounds).toEqual([10, 100]);
  expect(histogram?.cumulative).toEqual([
    [2, 2, 2, 0, null],
    [3, 3, 4, 0, null],
  ]);
  expect(histogram?.count).toEqual([3, 3, 4, 0, null]);
  expect(histogram?.sum).toEqual([60, 60, 40, 0, null]);
});

test('telemetry is sound unless written otherwise, and a target that is down blanks its engine', () => {
  expect(value(buildScene({ lines: { running: '1x3' } }), 'up', 'vllm-0')).toEqual([1, 1, 1, 1]);
  const down = buildScene({ lines: { running: '1x3', up: '1 1 0 1' } });
  expect(value(down, 'running', 'vllm-0')).toEqual([1, 1, null, 1]);
  const old = buildScene({ lines: { running: '1x3', 'sample-age': '1 20 31 1' } });
  expect(value(old, 'running', 'vllm-0')).toEqual([1, 1, null, 1]);
  expect(buildScene({ lines: { up: null } }).readings.up?.state).toBe('absent');
});

test.each([
  ['an unknown signal', { lines: { runing: '1' } }],
  ['an unknown replica', { lines: { 'running@vllm-9': '1' } }],
  ['lines of different length', { lines: { running: '1x9', waiting: '1x3' } }],
  ['a forgotten part', { lines: { finished: '1' } }],
  ['a part of a signal without', { lines: { 'running{a}': '1' } }],
  ['a word', { lines: { running: 'many' } }],
  ['... in the middle', { lines: { running: '1 ... 2' } }],
  ['a histogram as a line', { lines: { ttft: '1' } }],
  ['a line as a histogram', { histograms: { running: '1*2' } }],
])('refuses %s', (_, scene) => {
  expect(() => buildScene(scene)).toThrow(NotationError);
});
