import { describe, expect, test } from 'vitest';
import { fleetHistogram, fleetLine, ownLine } from './lines.ts';
import { condense } from './condense.ts';
import type { Evidence } from './evidence.ts';
import { judgedOf } from './judged.ts';
import { buildScene } from './notation.ts';
import { countReplicas } from './stand-in.ts';
import { ownStretchOf, stretchOf } from './stretch.ts';

const names = Array.from({ length: 60 }, (_, k) => `vllm-${k}`);
const sick = (name: string) => Number(name.slice(5)) % 6 === 0;

/** Sixty engines, ten of which queue. */
const scene: Evidence = buildScene({
  step: 10,
  replicas: names,
  lines: Object.fromEntries(
    names.flatMap((name, k) => [
      [`running@${name}`, `${10 + (k % 3)}x40`],
      [`waiting@${name}`, `${sick(name) ? 20 : 0}x40`],
      [`kv-cache-usage@${name}`, `0.${3 + (k % 3)}x40`],
      [`output-tokens@${name}`, `${100 + k}x40`],
      [`finished{stop}@${name}`, '2x40'],
      [`process-start@${name}`, '1700000000x40'],
    ]),
  ),
  histograms: Object.fromEntries(names.map((name) => [`ttft@${name}`, sick(name) ? '4*2 ...' : '0.2*2 ...'])),
  labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '1000', enable_prefix_caching: 'True' } },
});
const { evidence, behind } = condense(scene);
const means = evidence.replicas.filter(({ stands }) => stands !== undefined);

test('a small fleet is left alone, and a condensed one stays', () => {
  const small = buildScene({ replicas: names.slice(0, 24), lines: { running: '1x10' } });
  expect(condense(small).evidence).toBe(small);
  expect(condense(evidence).evidence).toBe(evidence);
});

test('all engines are in it, by name or in a mean', () => {
  expect(countReplicas(evidence.replicas)).toBe(60);
  expect(evidence.replicas.length).toBeLessThan(24);
  expect(
    [...evidence.replicas.filter(({ stands }) => !stands).map(({ id }) => id), ...[...behind.values()].flat()].sort(),
  ).toEqual([...names].sort());
});

describe('sums over the fleet stay what they were', () => {
  test.each(['running', 'waiting', 'output-tokens', 'finished'] as const)('%s', (id) => {
    const [was, is] = [fleetLine(scene, id), fleetLine(evidence, id)];
    for (const [i, value] of (is ?? []).entries()) expect(value).toBeCloseTo(was?.[i] as number, 6);
  });

  test('a histogram, bucket by bucket', () => {
    const [was, is] = [fleetHistogram(scene, 'ttft'), fleetHistogram(evidence, 'ttft')];
    expect(is?.bounds).toEqual(was?.bounds);
    expect(is?.count[5]).toBeCloseTo(was?.count[5] as number, 6);
    expect(is?.sum[5]).toBeCloseTo(was?.sum[5] as number, 6);
    is?.cumulative.forEach((line, k) => expect(line[5]).toBeCloseTo(was?.cumulative[k]?.[5] as number, 6));
  });

  test('averages over a stretch', () => {
    const limits = { ttft: 0.5, tbt: 0.05, e2e: 30 };
    const [was, is] = [scene, evidence].map((one) => {
      const judged = judgedOf(one, limits, false);
      return stretchOf(judged.engines, judged.grid, 0, judged.end);
    });
    for (const key of ['running', 'waiting', 'output', 'finished', 'ttft'] as const)
      expect(is?.[key], key).toBeCloseTo(was?.[key] as number, 6);
  });
});

test('a mean engine is one engine: its own numbers are those of one', () => {
  const calm = means.find(({ id }) => id.endsWith('others'));
  const id = calm?.id ?? '';
  expect(ownLine(evidence, 'running', id)?.[5]).toBeGreaterThan(9.9);
  expect(ownLine(evidence, 'running', id)?.[5]).toBeLessThan(12.1);
  const judged = judgedOf(evidence, { ttft: 0.5, tbt: 0.05, e2e: 30 }, false);
  const engine = judged.engines.find((one) => one.id === id);
  if (!engine) throw new Error('no mean engine');
  expect(engine.trace.capacity).toBe(16_000);
  expect(engine.trace.waiting?.[5]).toBe(0);
  expect(ownStretchOf(engine, judged.grid, 0, judged.end).running).toBeCloseTo(
    ownLine(evidence, 'running', id)?.[5] as number,
    6,
  );
});

test('times and states have no mean', () => {
  expect(evidence.readings['process-start']?.lines.filter(({ replica }) => behind.has(replica))).toEqual([]);
});

test('what was left out is said', () => {
  expect(evidence.coverage?.engines).toBe(60);
  expect(evidence.coverage?.each.some(({ because }) => because === 'the longest queues')).toBe(true);
  expect(evidence.warnings.at(-1)).toMatch(/^\d+ of 60 replicas were judged one by one/);
});
