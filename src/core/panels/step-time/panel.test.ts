import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { stepTime } from './panel.ts';

const chat = targetsOf('chat');

it('is busy time over steps, per engine', () => {
  const scene = buildScene({
    steps: 12,
    replicas: ['a', 'b'],
    lines: { running: '5' },
    histograms: { 'step-tokens': '40*25 ...' },
  });
  const data = stepTime.build(scene, chat);
  expect(data.lines[0]?.values[11]).toBeCloseTo(0.04);
  expect(data.readouts.map((r) => [r.label, r.values[11]])).toEqual([
    ['steps', 50],
    ['tokens a step', 40],
  ]);
});

it('says nothing about an engine that rested', () => {
  const scene = buildScene({ lines: { running: '5x7 0 5x1' }, histograms: { 'step-tokens': '40*25x10' } });
  const data = stepTime.build(scene, chat);
  expect(data.lines[0]?.values.slice(6)).toEqual([0.04, 0.04, null, null, null]);
  expect(data.gaps).toEqual([]);
});

it('marks where a full batch does not step', () => {
  const scene = buildScene({ lines: { running: '5x39' }, histograms: { 'step-tokens': '40*25x19 -x19' } });
  expect(stepTime.build(scene, chat).gaps[0]).toMatchObject({
    from: 20,
    to: 39,
    kind: 'silent',
    label: 'no steps for 1 min 40 s',
  });
});
