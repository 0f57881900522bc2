import { expect, test } from 'vitest';
import { buildScene } from '../evidence/notation.ts';
import { lengthsOf } from './lengths.ts';

test('requests are rate × spacing, the mean is sum ÷ requests, and what is absent is named', () => {
  const scene = buildScene({
    step: 5,
    histograms: { 'prompt-length': { bounds: [100, 1000], series: '50*1,400*3x9' } },
  });
  const { lengths, absent } = lengthsOf(scene);
  expect(lengths).toMatchObject([
    {
      signal: 'prompt-length',
      replica: 'vllm-0',
      requests: 4 * 5 * scene.grid.count,
      mean: (50 + 3 * 400) / 4,
      quantiles: { '0.95': { low: 100, high: 1000 } },
      buckets: [
        { le: 100, requests: 5 * scene.grid.count },
        { le: 1000, requests: 20 * scene.grid.count },
        { le: '+Inf', requests: 20 * scene.grid.count },
      ],
    },
  ]);
  expect(absent).toEqual(['computed-prompt-length', 'output-length', 'requested-output']);
});
