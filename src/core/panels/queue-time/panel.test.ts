import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { queueTime } from './panel.ts';

it('is the mean of those that finished, over the last minute', () => {
  const data = queueTime.build(
    buildScene({ lines: { running: '4' }, histograms: { 'queue-time': '0.01*2x29 40*2x29' } }),
    targetsOf('chat'),
  );
  expect(data.lines[0]?.values[59]).toBeCloseTo(40);
  expect(data.lines[0]?.values[29]).toBeCloseTo(0.01);
  // An area has no place on a log axis, however far the values span.
  expect(data.scale).toBe('linear');
});
