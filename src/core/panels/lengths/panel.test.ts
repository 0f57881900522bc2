import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { lengths } from './panel.ts';

it('draws the means of prompts and answers, in tokens', () => {
  const scene = buildScene({
    steps: 30,
    histograms: { 'prompt-length': '360*2 ...', 'output-length': '100*1,300*1 ...' },
  });
  const data = lengths.build(scene, targetsOf('chat'));
  expect(data.lines.map((l) => [l.id, Math.round(l.values[29] ?? 0)])).toEqual([
    ['prompt', 360],
    ['answer', 200],
  ]);
  expect(data.lead).toBe('answer');
});
