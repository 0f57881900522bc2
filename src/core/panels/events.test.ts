import { expect, it } from 'vitest';
import type { Reading } from '../evidence/evidence.ts';
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

it('dates another image where one takes the place of the other, and not one that was there already', () => {
  const scene = buildScene({
    end: 100,
    step: 5,
    lines: {
      running: '1',
      'images{vllm/vllm-openai:v0.9.1}': '2x5 1 0',
      'images{vllm/vllm-openai:v0.10.0}': '_x3 1x4',
      'images{ghcr.io/llm-d/router@sha256:0123456789abcdef}': '1',
      'images{ghcr.io/llm-d/sidecar:2}': '_x2 1x5',
    },
  });
  expect(eventsOf(scene).map((e) => [e.at, e.label])).toEqual([[80, 'image v0.9.1 → v0.10.0']]);
});

it('tells settings that changed with the restart that changed them, and of a replica that joins with others', () => {
  const scene = buildScene({
    end: 400,
    step: 5,
    replicas: ['a', 'b', 'c'],
    lines: { 'process-start@a': '10x19 300x20', 'process-start@b': '10x40', running: '1x40', 'running@c': '_x30 1x10' },
    labels: {
      'cache-config': { block_size: '16', num_gpu_blocks: '17990', job: 'x' },
      'cache-config@c': { block_size: '32', num_gpu_blocks: '9000' },
    },
  });
  const config = scene.readings['cache-config'] as Reading;
  const before = { block_size: '16', num_gpu_blocks: '18000', job: 'y' };
  const evidence = {
    ...scene,
    readings: {
      ...scene.readings,
      'cache-config': {
        ...config,
        earlier: [
          // What memory profiling finds differs a little at each start.
          { replica: 'b', labels: before, until: 250 },
          { replica: 'a', labels: { ...before, block_size: '8' }, until: 305 },
        ],
      },
    },
  };
  expect(eventsOf(evidence).map((e) => [e.at, e.kind, e.label])).toEqual([
    [300, 'restart', 'restart a: block size 8 → 16'],
    [350, 'settings', 'c: KV blocks 17,990 → 9,000, block size 16 → 32'],
  ]);
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
