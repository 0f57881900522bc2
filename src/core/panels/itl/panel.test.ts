import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { itl } from './panel.ts';

it('leads with the mean, which is what the target is for', () => {
  const data = itl.build(buildScene({ steps: 30, histograms: { itl: '0.03*90,0.12*10 ...' } }), targetsOf('chat'));
  expect(data.lead).toBe('mean');
  expect(data.lines[0]?.values[29]).toBeCloseTo(0.039);
  expect(data.bands.find((b) => b.id === 'p99')?.high[29]).toBe(0.15);
  expect(data.thresholds[0]?.value).toBe(0.05);
});

it('draws no step as harm: single steps may exceed the target on a calm engine', () => {
  const data = itl.build(buildScene({ steps: 30, histograms: { itl: '0.2*100 ...' } }), targetsOf('chat'));
  expect(data.bands.map((b) => b.limit)).toEqual([null, null, null]);
});
