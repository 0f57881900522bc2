import { describe, expect, test } from 'vitest';
import type { Remedy } from '../detectors/detector.ts';
import { buildScene, type SceneText } from '../evidence/notation.ts';
import { targetsOf } from '../verdict/profiles.ts';
import { appliedOf } from './applied.ts';
import { compare } from './compare.ts';
import { judge, sideOf } from './side.ts';

const chat = targetsOf('chat');
const side = (scene: SceneText) => sideOf(judge(buildScene(scene), chat), 120);
const scene = (more: Partial<SceneText> & Pick<SceneText, 'lines'>): SceneText => ({
  ...more,
  lines: { running: '8x60', waiting: '0', 'kv-cache-usage': '0.1', 'process-start': '1799990000', ...more.lines },
});
const restarted = { 'process-start': '1799999000' };
const remedy = (more: Partial<Remedy>) => ({ knob: null, flag: null, from: null, to: null, ...more }) as Remedy;
const calm = scene({ lines: {} });

describe('whether a remedy was followed', () => {
  test.each<[string, Partial<Remedy>, SceneText, string, RegExp]>([
    [
      'as given',
      { knob: 'max-num-seqs', to: 24, flag: '--max-num-seqs 24' },
      scene({ lines: restarted, knobs: { 'max-num-seqs': 24 } }),
      'visible',
      /given as 24/,
    ],
    [
      'given otherwise',
      { knob: 'max-num-seqs', to: 24, flag: '--max-num-seqs 24' },
      scene({ lines: restarted, knobs: { 'max-num-seqs': 8 } }),
      'contradicted',
      /given as 8, not 24/,
    ],
    [
      'more run than it allows',
      { knob: 'max-num-seqs', to: 4, flag: '--max-num-seqs 4' },
      scene({ lines: restarted }),
      'contradicted',
      /8 ran at once, more than 4 seats allow/,
    ],
    [
      'fewer run than it allows, which proves nothing',
      { knob: 'max-num-seqs', to: 24, flag: '--max-num-seqs 24' },
      scene({ lines: { ...restarted, running: '6x60' } }),
      'not-visible',
      /at most 6 ran at once/,
    ],
    [
      'a label of the cache',
      { knob: 'gpu-memory-utilization', to: 0.95, flag: '--gpu-memory-utilization 0.95' },
      scene({ lines: restarted, labels: { 'cache-config': { gpu_memory_utilization: '0.95' } } }),
      'visible',
      /gpu_memory_utilization is 0\.95/,
    ],
    [
      'the label as it was',
      { knob: 'kv-cache-dtype', to: 'fp8', flag: '--kv-cache-dtype fp8' },
      scene({ lines: restarted, labels: { 'cache-config': { cache_dtype: 'auto' } } }),
      'contradicted',
      /cache_dtype is auto, not fp8/,
    ],
    [
      'the same process',
      { knob: 'long-prefill-token-threshold', to: 512, flag: '--x', needsRestart: true },
      calm,
      'contradicted',
      /no process was started anew/,
    ],
    [
      'another process, and nothing that shows',
      { knob: 'long-prefill-token-threshold', to: 512, flag: '--x', needsRestart: true },
      scene({ lines: restarted }),
      'not-visible',
      /not visible in the metrics/,
    ],
    ['replicas', { from: 1, to: 2 }, scene({ lines: {}, replicas: ['a', 'b'] }), 'visible', /2 replicas after 1/],
    ['no replica more', { from: 1, to: 2 }, calm, 'contradicted', /1 replica after 1 before, not 2/],
  ])('%s', (_, given, after, state, says) => {
    const found = appliedOf(remedy(given), side(calm), side(after));
    expect(found.says).toMatch(says);
    expect(found.state).toBe(state);
  });
});

test('models are paired by name, one with one whatever they are called, and none is dropped in silence', () => {
  const named = (...models: string[]) => {
    const evidence = buildScene({ ...calm, replicas: models.map((_, i) => `vllm-${i}`) });
    return { ...evidence, replicas: evidence.replicas.map((one, i) => ({ ...one, model: models[i] as string })) };
  };
  const renamed = compare(named('old'), named('new'), chat);
  expect(renamed.unmatched).toEqual([]);
  expect(renamed.models[0]?.sections[0]?.rows[0]).toMatchObject({
    id: 'model',
    before: 'old',
    after: 'new',
    difference: 'changed',
  });
  const two = compare(named('a', 'b'), named('b', 'c'), chat);
  expect(two.models.map(({ model }) => model)).toEqual(['b']);
  expect(two.unmatched).toEqual([
    { model: 'a', side: 'before' },
    { model: 'c', side: 'after' },
  ]);
});
