import { describe, expect, test } from 'vitest';
import { buildScene } from '../evidence/notation.ts';
import { endOf } from '../base/grid.ts';
import { type WhatChanged, whatChanged } from './changed.ts';
import type { Evidence } from '../evidence/evidence.ts';

/** Sixty looks of calm and sixty after the change, five seconds apart. */
function half(evidence: Evidence): WhatChanged {
  const to = endOf(evidence.grid);
  return whatChanged(evidence, { from: to - 300, to });
}

/** Values that scatter by a tenth around a level, the same every time. */
function around(level: number, count: number, phase = 0): string {
  return Array.from({ length: count }, (_, i) =>
    (level * (1 + 0.1 * Math.sin((i + phase) * 2.399963))).toFixed(4),
  ).join(' ');
}

const step = (before: number, after: number, phase = 0) =>
  `${around(before, 60, phase)} ${around(after, 60, phase + 60)}`;

describe('a stretch against the one before it', () => {
  test('names what moved, by how much and since when, what was sent in first', () => {
    const evidence = buildScene({
      lines: {
        running: step(10, 40),
        waiting: step(2, 30, 1),
        'kv-cache-usage': around(0.3, 120, 2),
        'gateway-requests': step(4, 16, 3),
      },
    });
    const { changed, compared } = half(evidence);
    expect(changed.map(({ signal }) => signal)).toEqual(['gateway-requests', 'running', 'waiting']);
    expect(changed[0]).toMatchObject({ subject: 'arrivals', role: 'input', replica: null });
    expect((changed[0]?.after ?? 0) / (changed[0]?.before ?? 1)).toBeCloseTo(4, 0);
    expect(Math.abs((changed[0]?.since ?? 0) - (endOf(evidence.grid) - 300))).toBeLessThanOrEqual(15);
    expect(compared).toBeGreaterThanOrEqual(4);
  });

  test('says nothing where all stays as it was', () => {
    const evidence = buildScene({
      lines: { running: around(10, 120), waiting: around(2, 120, 1), 'kv-cache-usage': around(0.4, 120, 2) },
    });
    expect(half(evidence).changed).toEqual([]);
  });

  test('names a replica only as it differs from its peers', () => {
    const replicas = ['vllm-0', 'vllm-1', 'vllm-2', 'vllm-3'];
    const together = buildScene({
      replicas,
      lines: Object.fromEntries(replicas.map((id, k) => [`running@${id}`, step(10, 40, k)])),
    });
    expect(half(together).changed.map(({ replica }) => replica)).toEqual([null]);
    const one = buildScene({
      replicas,
      lines: Object.fromEntries(
        replicas.map((id, k) => [`running@${id}`, k === 2 ? step(10, 40, k) : around(10, 120, k)]),
      ),
    });
    expect(half(one).changed.map(({ replica }) => replica)).toContain('vllm-2');
    expect(half(one).changed.every(({ replica }) => replica === null || replica === 'vllm-2')).toBe(true);
  });

  test('knows what the load accounts for', () => {
    const load = Array.from({ length: 120 }, (_, i) =>
      i < 60 ? 10 + 6 * Math.sin(i * 1.3) : 30 + 6 * Math.sin(i * 1.3),
    );
    const gap = load.map((x, i) => (0.01 + x * 0.002 + 0.0005 * Math.sin(i * 2.4)).toFixed(5));
    const explained = buildScene({
      lines: { running: load.map((x) => x.toFixed(2)).join(' ') },
      histograms: { itl: gap.map((x) => `${x}*50`).join(' ') },
    });
    const byLoad = half(explained).changed.find(({ signal }) => signal === 'itl')?.byLoad;
    expect(byLoad).toBeGreaterThan(0.5);
    const calm = load.slice(0, 60);
    const slow = gap.slice(0, 60);
    const unexplained = buildScene({
      lines: { running: [...calm, ...calm].map((x) => x.toFixed(2)).join(' ') },
      histograms: {
        itl: [...slow.map((x) => `${x}*50`), ...slow.map((x) => `${(Number(x) * 3).toFixed(5)}*50`)].join(' '),
      },
    });
    expect(half(unexplained).changed.find(({ signal }) => signal === 'itl')?.byLoad).toBeLessThan(0.1);
  });

  test('a process that began anew is a fact, however short it was away', () => {
    const evidence = buildScene({ lines: { running: around(10, 120), 'process-start': '1000x89 2000x29' } });
    const { changed } = half(evidence);
    expect(changed[0]).toMatchObject({ subject: 'restarts', before: 0, after: 1 });
  });

  test('tells one story once', () => {
    const evidence = buildScene({ lines: { 'gateway-requests': step(4, 16), 'prompt-tokens': step(400, 1600, 2) } });
    const { changed } = half(evidence);
    expect(changed).toHaveLength(1);
    expect(changed[0]?.also).toHaveLength(1);
  });

  test('says how much it could not compare, and never invents', () => {
    const evidence = buildScene({ lines: { running: '_x60 10x59', waiting: around(2, 120) } });
    const { changed, tooFew } = half(evidence);
    expect(changed).toEqual([]);
    expect(tooFew + half(evidence).compared).toBeGreaterThan(0);
    expect(whatChanged(evidence, { from: 0, to: 100 }).changed).toEqual([]);
  });
});
