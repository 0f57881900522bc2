import { expect, it } from 'vitest';
import { buildScene } from '../../evidence/notation.ts';
import { targetsOf } from '../../verdict/profiles.ts';
import { waiting } from './panel.ts';

const chat = targetsOf('chat');

it('has the levels of the textbook', () => {
  const data = waiting.build(buildScene({ steps: 12, lines: { waiting: '7' } }), chat);
  expect(data.thresholds.map((t) => [t.label, t.value])).toEqual([
    ['textbook', 10],
    ['textbook', 50],
  ]);
  expect(data.note).toBe('the build does not split it by reason');
});

it('draws deferred requests only where there are any', () => {
  const scene = (deferred: string) =>
    buildScene({
      steps: 12,
      lines: { waiting: '7', 'waiting-by-reason{capacity}': '4', 'waiting-by-reason{deferred}': deferred },
    });
  expect(waiting.build(scene('0'), chat).lines.map((l) => l.id)).toEqual(['waiting']);
  expect(waiting.build(scene('0'), chat).note).toContain('deferred stays at 0');
  expect(waiting.build(scene('3'), chat).lines.map((l) => l.id)).toEqual(['deferred', 'waiting']);
});

it('names the replica with the longest queue', () => {
  const scene = buildScene({ steps: 12, replicas: ['a', 'b'], lines: { 'waiting@a': '1', 'waiting@b': '9' } });
  const data = waiting.build(scene, chat);
  expect(data.lines.map((l) => [l.label, l.values[11]])).toEqual([
    ['b', 9],
    ['', 10],
  ]);
});
