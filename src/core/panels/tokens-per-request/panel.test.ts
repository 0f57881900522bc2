import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { tokensPerRequest } from './panel.ts';

const chat = targetsOf('chat');

it('is usage × capacity ÷ running', () => {
  const scene = (labels: Record<string, string>) =>
    buildScene({
      steps: 12,
      lines: { 'kv-cache-usage': '0.5', running: '10' },
      labels: { 'cache-config': labels },
      knobs: { 'max-num-seqs': 64 },
    });
  const blocks = tokensPerRequest.build(scene({ num_gpu_blocks: '600', block_size: '32' }), chat);
  expect(blocks.lines[0]?.values[11]).toBeCloseTo(960);
  expect(blocks.thresholds[0]).toMatchObject({ label: 'would fit 64 seats', value: 300 });
  // The capacity in tokens is right for hybrid models, blocks × size is not.
  const tokens = tokensPerRequest.build(
    scene({ kv_cache_size_tokens: '10000', num_gpu_blocks: '600', block_size: '32' }),
    chat,
  );
  expect(tokens.lines[0]?.values[11]).toBeCloseTo(500);
});

it('is absent without the capacity, which is what decides', () => {
  const data = tokensPerRequest.build(
    buildScene({ steps: 12, lines: { 'kv-cache-usage': '0.5', running: '10' } }),
    chat,
  );
  expect(data.state).toBe('absent');
  expect(data.missing[0]?.decides).toBe('how many requests of this size fit');
});
