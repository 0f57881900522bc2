import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { kvUsage } from './panel.ts';

const chat = targetsOf('chat');

function fleet(n: number) {
  const replicas = Array.from({ length: n }, (_, i) => `r${i}`);
  const lines = Object.fromEntries(replicas.map((id, i) => [`kv-cache-usage@${id}`, String((i + 1) / 20)]));
  return buildScene({ steps: 12, replicas, lines });
}

it('leads with the fullest replica, the others behind it', () => {
  const data = kvUsage.build(fleet(3), chat);
  expect(data.lines.map((l) => [l.label, l.style])).toEqual([
    ['r1', 'thin'],
    ['r0', 'thin'],
    ['r2', 'main'],
  ]);
  expect(data.lead).toBe('worst');
});

it('never draws more than eight: three worst, the median and an envelope of all', () => {
  expect(kvUsage.build(fleet(8), chat).lines).toHaveLength(8);
  const data = kvUsage.build(fleet(12), chat);
  expect(data.lines.map((l) => l.label)).toEqual(['median of 12', 'r10', 'r9', 'r11']);
  expect([data.bands[0]?.low[11], data.bands[0]?.high[11]]).toEqual([0.05, 0.6]);
});

it('has the levels of the textbook on an axis from 0 to 1', () => {
  const data = kvUsage.build(fleet(1), chat);
  expect(data.thresholds.map((t) => t.value)).toEqual([0.9, 0.98]);
  expect(data.range).toEqual({ low: 0, high: 1 });
});

it('tells the size of the pool where labels do', () => {
  const scene = buildScene({
    steps: 12,
    lines: { 'kv-cache-usage': '0.5' },
    labels: { 'cache-config': { kv_cache_size_tokens: '19200', num_gpu_blocks: '600', block_size: '32' } },
  });
  expect(kvUsage.build(scene, chat).note).toContain('of 19,200 tokens');
});
