import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { e2e } from './panel.ts';

it('says that only finished requests are in it', () => {
  const data = e2e.build(buildScene({ steps: 30, histograms: { e2e: '12*2 ...' } }), targetsOf('chat'));
  expect(data.note).toContain('finished requests only');
  expect([data.bands[0]?.low[29], data.bands[0]?.high[29]]).toEqual([10, 15]);
  expect(data.thresholds[0]).toEqual({ label: 'target', value: 10, tone: 'target' });
});

it('is empty, not absent, where the signal is there and nothing finished', () => {
  expect(e2e.build(buildScene({ steps: 30, histograms: { e2e: '- ...' } }), targetsOf('chat')).state).toBe('empty');
});
