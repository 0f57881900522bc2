import { describe, expect, test } from 'vitest';
import type { Histogram } from './evidence.ts';
import { judgedOf } from './judged.ts';
import { buildScene, type SceneText } from './notation.ts';
import { busyLevel, momentsOf, stretchOf } from './stretch.ts';

const stretch = (scene: SceneText, from = 0, to?: number) => {
  const judged = judgedOf(buildScene(scene), { ttft: 0.5, tbt: 0.05, e2e: 10 }, false);
  return stretchOf(judged.engines, judged.grid, from, to ?? judged.end);
};

describe('over several engines', () => {
  const two = stretch({
    replicas: ['a', 'b'],
    lines: {
      'running@a': '4x19',
      'running@b': '2x19',
      waiting: '1',
      'kv-cache-usage@a': '0.5',
      'kv-cache-usage@b': '0.96',
      'finished{stop}': '1',
      'output-tokens': '100',
      preemptions: '0.1',
    },
    histograms: { 'ttft@a': '0.2*3 ...', 'ttft@b': '1*1 ...' },
  });
  test('counts add up, fullness is the worst', () => {
    expect(two).toMatchObject({ seconds: 100, running: 6, waiting: 2, runningMax: 4, usageFullShare: 1 });
    expect(two.usage).toBeCloseTo(0.96, 10);
    expect(two.output).toBe(200);
  });
  test('means weigh by observations', () => {
    expect(two.ttft).toBeCloseTo((3 * 0.2 + 1) / 4, 10);
  });
  test('events are rates times seconds', () => {
    expect(two.finished).toBeCloseTo(200, 10);
    expect(two.preempted).toBeCloseTo(20, 10);
    expect(two.started).toBeCloseTo(400, 10);
  });
});

test.each([
  ['steady', '4x19', '0', 2],
  ['the queue grows by 1/s', '4x19', '0+5x19', 2 + (90 - 5) / 100],
  ['running grows, too', '0+5x19', '0', 2 + (90 - 5) / 100],
  ['more finish than arrive', '4x19', '95-5x19', Math.max(0, 2 - (90 - 5) / 100)],
])('arrivals are finishes plus growth: %s', (_, running, waiting, arrivals) => {
  expect(stretch({ lines: { running, waiting, 'finished{stop}': '2' } }).arrivals).toBeCloseTo(arrivals, 10);
});

test('one flicker at the end is no growth', () => {
  const calm = stretch({ lines: { running: '4x19', waiting: '0x18 6', 'finished{stop}': '2' } }).arrivals ?? 0;
  expect(calm).toBeLessThan(2.05);
});

test('one scrape of cut-off clients ends no queue, two do', () => {
  const last = (waiting: string) => stretch({ lines: { running: '4', waiting } }).waitingLast;
  expect(last('200+2x18 0')).toBe(236);
  expect(last('200+2x17 0 0')).toBe(0);
  expect(last('95-5x19')).toBe(0);
});

test('mean prompt of first tokens; of finished requests where prompt tokens are not counted', () => {
  const histograms = { ttft: '0.1*2 ...', 'prompt-length': '300*2 ...' };
  expect(stretch({ lines: { running: '4x19', 'prompt-tokens': '1000' }, histograms }).prompt).toBe(500);
  expect(stretch({ lines: { running: '4x19' }, histograms }).prompt).toBe(300);
});

test('computed tokens from the hit rate where no counter tells', () => {
  const lines = {
    running: '4x19',
    'prompt-tokens': '1000',
    'prefix-cache-queries': '1000',
    'prefix-cache-hits': '800',
  };
  expect(stretch({ lines })).toMatchObject({ hitRate: 0.8 });
  expect(stretch({ lines }).computed).toBeCloseTo(200, 10);
});

test('tokens held by one running request', () => {
  const labels = { 'cache-config': { block_size: '16', num_gpu_blocks: '1000' } };
  expect(stretch({ lines: { running: '4x19', 'kv-cache-usage': '0.5' }, labels }).held).toBe(2000);
});

test('an empty stretch knows nothing', () => {
  const nothing = stretch({ lines: { running: '4x19' } }, 5, 4);
  expect(nothing).toMatchObject({ seconds: 0, running: null, waiting: null, ttft: null, arrivals: null, finished: 0 });
});

describe('moments of a histogram', () => {
  const histogram = (text: string) => {
    const scene = buildScene({
      steps: 20,
      histograms: { 'prompt-length': { bounds: [100, 200, 300, 400], series: `${text} ...` } },
    });
    return scene.readings['prompt-length']?.histograms[0] as Histogram;
  };
  test('the mean is exact, the spread that of the buckets', () => {
    const m = momentsOf(histogram('0..400*4'), 0, 19);
    expect(m?.mean).toBe(200);
    expect(m?.variance).toBeCloseTo(400 ** 2 / 12, 6);
    expect(m?.count).toBe(4);
  });
  test('one bucket has the spread of its width', () => {
    expect(momentsOf(histogram('100..200*4'), 0, 19)?.variance).toBeLessThan(100 ** 2);
  });
  test('nothing observed, nothing there', () => {
    expect(momentsOf(histogram('-'), 0, 19)).toBeNull();
    expect(momentsOf(null, 0, 19)).toBeNull();
  });
});

test('a busy moment is the 75th percentile', () => {
  expect(busyLevel([1, 2, 3, 4, 5], 0, 4)).toBe(4);
  expect(busyLevel(null, 0, 4)).toBeNull();
});
