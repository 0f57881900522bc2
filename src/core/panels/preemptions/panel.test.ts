import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { preemptions } from './panel.ts';

it('is a cause: accent, not the colour of harm', () => {
  const data = preemptions.build(buildScene({ lines: { preemptions: '0x5 0.8x5' } }), targetsOf('chat'));
  expect(data.lines[0]).toMatchObject({ accent: true, area: true });
  expect(data.lines[0]?.values[11]).toBe(0.8);
  expect(data.thresholds).toEqual([]);
  expect(data.scale).toBe('linear');
});
