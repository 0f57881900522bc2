import { describe, expect, it } from 'vitest';
import { buildScene } from '../evidence/notation.ts';
import { groundOf } from './ground.ts';
import { reproduces } from './what-if.ts';

describe('cannot tell', () => {
  const END = 1_800_000_000;
  const flat = {
    end: END,
    steps: 61,
    lines: {
      running: '4',
      waiting: '0',
      'kv-cache-usage': '0.2',
      'output-tokens': '100',
      'finished{stop}': '1',
      'computed-prompt-tokens': '300',
    },
    histograms: { ttft: '0.1*1', itl: '0.03*100', 'prompt-length': '300*1', 'output-length': '100*1' },
  };
  const capacity = { labels: { 'cache-config': { num_gpu_blocks: '4000', block_size: '16' } } };

  it.each([
    ['no engine', { ...flat, lines: {}, histograms: {} }, /no engine|KV cache/],
    ['no size of the cache', flat, /size of the KV cache is not known/],
    ['a load that never varied', { ...flat, ...capacity }, /hardly varied/],
  ])('%s', (_, scene, because) => {
    const found = groundOf(buildScene(scene as Parameters<typeof buildScene>[0]), null, []);
    expect('because' in found ? found.because : 'ready').toMatch(because);
  });
});

describe('reproduces', () => {
  const span = (low: number, mid: number, high: number | null) => ({ low, mid, high });
  it.each([
    ['bands that meet', span(80, 150, 160), span(140, 170, 200), true],
    ['a bucket without an upper end', span(640, 640, null), span(700, 800, 900), true],
    ['middles within 15 %', span(10, 10, 10), span(10.5, 11, 12), true],
    ['neither', span(10, 10, 10), span(13, 14, 15), false],
    ['nothing against something', span(0, 0, 0), span(5, 6, 7), false],
  ])('%s', (_, measured, played, same) => expect(reproduces(measured, played)).toBe(same));
});
