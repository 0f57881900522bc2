import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { running } from './panel.ts';

const chat = targetsOf('chat');

it('is held against the seats of all engines, where the cap is told', () => {
  const scene = buildScene({ steps: 12, replicas: ['a', 'b'], lines: { running: '9' }, knobs: { 'max-num-seqs': 64 } });
  expect(running.build(scene, chat).thresholds).toEqual([{ label: 'seats', value: 128, tone: 'limit' }]);
  expect(running.build(scene, chat, ['a']).thresholds[0]?.value).toBe(64);
  expect(running.build(buildScene({ steps: 12, lines: { running: '9' } }), chat).note).toContain('not known');
});

it('draws tokens per step beside the batch while that leaves it readable', () => {
  const scene = (tokens: number) =>
    buildScene({ steps: 12, lines: { running: '20' }, histograms: { 'step-tokens': `${tokens}*25 ...` } });
  expect(running.build(scene(30), chat).lines.map((l) => l.id)).toEqual(['step-tokens', 'running']);
  const far = running.build(scene(1500), chat);
  expect(far.lines.map((l) => l.id)).toEqual(['running']);
  expect(far.readouts[0]).toMatchObject({ label: 'tokens a step', unit: 'count' });
});

it('takes the seats engines state, where nobody told them', () => {
  const scene = buildScene({ steps: 12, replicas: ['a', 'b'], lines: { running: '9', seats: '512' } });
  expect(running.build(scene, chat).thresholds).toEqual([{ label: 'seats', value: 1024, tone: 'limit' }]);
});

it('draws the mean decode batch where running is not measured', () => {
  const scene = buildScene({ steps: 12, lines: { waiting: '0' }, histograms: { 'batch-size': '10..30*25 ...' } });
  const data = running.build(scene, chat);
  expect([data.state, data.lead]).toEqual(['ok', 'batch-size']);
  expect(data.lines[0]?.values.at(-1)).toBeCloseTo(20);
});
