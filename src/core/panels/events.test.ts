import { expect, it } from 'vitest';
import { buildScene } from '../evidence/notation.ts';
import { eventsOf } from './events.ts';

it('dates the first time after calm, and restarts', () => {
  const scene = buildScene({
    end: 100,
    step: 5,
    lines: {
      'kv-cache-usage': '0.5x4 1x4',
      waiting: '0x5 3x3',
      preemptions: '0x6 1x2',
      'process-start': '10x2 40x6',
    },
  });
  expect(eventsOf(scene).map((e) => [e.at, e.label])).toEqual([
    [70, 'restart'],
    [80, 'cache full'],
    [85, 'queue starts'],
    [90, 'first preemption'],
  ]);
});

it('calls nothing an event that was so from the start', () => {
  expect(eventsOf(buildScene({ lines: { waiting: '5x9', 'kv-cache-usage': '1x9' } }))).toEqual([]);
});

it('names the replica where there are several', () => {
  const scene = buildScene({ replicas: ['a', 'b'], lines: { 'up@a': '1x9', 'up@b': '1x4 0x4', running: '1' } });
  expect(eventsOf(scene).map((e) => e.label)).toEqual(['scrapes fail b']);
});

it('dates changes of a deployment and alerts that begin to fire', () => {
  const scene = buildScene({
    end: 100,
    step: 5,
    lines: {
      running: '1',
      'deploys{vllm-chat}': '7x3 8x3',
      'alerts-firing{VLLMQueue}': '_x5 1x2',
      'alerts-firing{VLLMOld}': '1x7',
    },
  });
  expect(eventsOf(scene).map((e) => [e.at, e.label])).toEqual([
    [85, 'deploy of vllm-chat'],
    [90, 'alert VLLMQueue'],
  ]);
});
