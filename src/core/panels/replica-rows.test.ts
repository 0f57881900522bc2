import { expect, it } from 'vitest';
import { buildScene } from '../evidence/notation.ts';
import { targetsOf } from '../verdict/profiles.ts';
import { heatLines, replicaRows } from './replica-rows.ts';

const chat = targetsOf('chat');

it('puts the replica first whose users are hurt', () => {
  const scene = buildScene({
    steps: 30,
    replicas: ['calm', 'idle', 'late', 'mute'],
    lines: {
      running: '5',
      'running@idle': '0',
      waiting: '0',
      'waiting@late': '20',
      'kv-cache-usage': '0.25',
      'finished{stop}': '2',
    },
    histograms: { 'ttft@calm': '0.2*5 ...', 'ttft@idle': '- ...', 'ttft@late': '3*5 ...', 'ttft@mute': '- ...' },
  });
  expect(replicaRows(scene, chat).map((row) => [row.replica, row.state])).toEqual([
    ['mute', 'silent'],
    ['late', 'over-target'],
    ['calm', 'in-target'],
    ['idle', 'idle'],
  ]);
  expect(replicaRows(scene, chat)[1]).toMatchObject({ waiting: 20, usage: 0.25, ttft: 3, finished: 2, late: 1 });
});

it('does not call a replica healthy that nobody scraped any more', () => {
  const scene = buildScene({
    lines: { running: '5x9 _x9', 'kv-cache-usage': '0.2x9 _x9' },
    histograms: { ttft: '0.2*5x9 _x9' },
  });
  expect(replicaRows(scene, chat)[0]?.state).toBe('unseen');
});

it('compares histograms by their mean', () => {
  const scene = buildScene({
    steps: 30,
    replicas: ['a', 'b'],
    histograms: { 'ttft@a': '1*5 ...', 'ttft@b': '3*5 ...' },
  });
  expect(heatLines(scene, 'ttft').map((line) => [line.replica, line.values[29]])).toEqual([
    ['a', 1],
    ['b', 3],
  ]);
});
