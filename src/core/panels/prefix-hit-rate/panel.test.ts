import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { prefixHitRate } from './panel.ts';

const chat = targetsOf('chat');

it('is hits ÷ queries over the last minute, weighted by tokens', () => {
  const scene = buildScene({ lines: { 'prefix-cache-hits': '90x29 0x29', 'prefix-cache-queries': '100x59' } });
  const data = prefixHitRate.build(scene, chat);
  expect(data.lines[0]?.values[29]).toBeCloseTo(0.9);
  expect(data.lines[0]?.values[59]).toBeCloseTo(0);
  expect(data.note).toBe('13,500 of 30,000 tokens in this range');
});

it('is a gap, not zero, where nothing was looked up', () => {
  const scene = buildScene({
    steps: 30,
    lines: { 'prefix-cache-hits': '0', 'prefix-cache-queries': '0', running: '3' },
  });
  const data = prefixHitRate.build(scene, chat);
  expect([data.state, data.note]).toEqual(['empty', 'nothing was looked up in this range']);
});

it('says when caching is switched off', () => {
  const scene = buildScene({
    steps: 30,
    lines: { 'prefix-cache-hits': '0', 'prefix-cache-queries': '0' },
    labels: { 'cache-config': { enable_prefix_caching: 'False' } },
  });
  expect(prefixHitRate.build(scene, chat).note).toBe('prefix caching is switched off');
});

it('draws the ratio an engine states where none counts hits and queries', () => {
  const stated = buildScene({ steps: 30, lines: { 'prefix-cache-hit-rate': '0.35', waiting: '1' } });
  const data = prefixHitRate.build(stated, chat);
  expect([data.state, data.lines[0]?.values.at(-1)]).toEqual(['ok', 0.35]);
  expect(data.note).toContain('as the engine states it');
  const counted = { 'prefix-cache-hits': '90', 'prefix-cache-queries': '100' };
  const both = buildScene({ steps: 30, lines: { 'prefix-cache-hit-rate': '0.35', ...counted } });
  expect(prefixHitRate.build(both, chat).lines[0]?.values.at(-1)).toBeCloseTo(0.9);
});
