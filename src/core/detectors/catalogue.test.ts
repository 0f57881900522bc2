import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isSignalId } from '../signals/index.ts';
import { DETECTORS } from './index.ts';

/** contract.md §1: stable, a change adds and never renames. */
const CONTRACT = [
  'kv-cache-thrashing',
  'prefill-starvation',
  'gpu-underutilization',
  'memory-leak',
  'prefix-cache-misses',
  'long-request-spike',
  'overload',
  'seat-ceiling',
  'kv-bound-queueing',
  'prefill-decode-interference',
  'decode-slowdown',
  'cuda-graph-cliff',
  'load-imbalance',
  'slow-replica',
  'request-failures',
  'retry-storm',
  'workload-shift',
  'prefix-cache-collapse',
  'spec-decode-collapse',
  'cpu-bound',
  'engine-stall',
  'crash-loop',
  'kv-transfer-stall',
  'deferred-admission',
  'telemetry-gap',
];

const ids = DETECTORS.map((d) => d.id);
const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

test('the list and the folders agree', () => {
  expect([...ids].sort()).toEqual([...folders].sort());
});

test('ids are those of the contract, once each and in its order', () => {
  expect(CONTRACT).toHaveLength(25);
  expect(ids).toEqual(CONTRACT.filter((id) => ids.includes(id)));
});

test.each(ids)('%s has its detector, README, scenes and test', (id) => {
  for (const file of ['detector.ts', 'README.md', 'scenes.ts', 'detector.test.ts']) {
    expect(existsSync(`${import.meta.dirname}/${id}/${file}`), file).toBe(true);
  }
});

test.each(DETECTORS)('$id says what it is and what it needs', (detector) => {
  expect(detector.title).toMatch(/^[A-Za-z]/);
  expect(detector.mechanism).toMatch(/\.$/);
  expect(detector.needs.every(isSignalId)).toBe(true);
});
