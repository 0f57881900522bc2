import { describe, expect, test } from 'vitest';
import { DETECTORS } from '../detectors/index.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { diagnose } from './diagnose.ts';
import { targetsOf } from './profiles.ts';

/** What the verdict makes of every detector's scenes: the other half of detectors/matrix.test.ts. */
interface Scenes {
  readonly SCENES: Readonly<Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence>>;
  readonly VARIANTS?: Readonly<Record<string, Evidence>>;
}

const CHAT = targetsOf('chat');
const books: Record<string, Scenes> = Object.fromEntries(
  await Promise.all(
    DETECTORS.map(async ({ id }) => [id, (await import(`../detectors/${id}/scenes.ts`)) as Scenes] as const),
  ),
);
const scenesOf = (id: string) => (books[id] as Scenes).SCENES;
const ids = DETECTORS.map((d) => d.id);

describe('sick', () => {
  test.each(ids)('%s leads', (id) => {
    const verdict = diagnose(scenesOf(id).sick, CHAT);
    expect(verdict.findings[0]).toMatchObject({ pathology: id, role: 'primary' });
    // A matter of cost leaves the fleet healthy.
    if (id === 'gpu-underutilization') expect(verdict.status).toBe('healthy');
    else expect(['degraded', 'critical']).toContain(verdict.status);
    expect(verdict.findings[0]?.confidence).toBeGreaterThan(0.6);
  });

  test.each([
    ['memory-leak', 'host', 'memory-leak'],
    ['memory-leak', 'gpu', 'memory-leak'],
    ['memory-leak', 'rests', 'memory-leak'],
    ['memory-leak', 'busy', 'memory-leak'],
    ['memory-leak', 'full', 'memory-leak'],
    ['memory-leak', 'sawtooth', 'memory-leak'],
    ['gpu-underutilization', 'halfHour', 'gpu-underutilization'],
    ['prefix-cache-misses', 'scattered', 'prefix-cache-misses'],
    ['prefix-cache-misses', 'off', 'prefix-cache-misses'],
    ['prefix-cache-misses', 'skipped', 'prefix-cache-misses'],
    ['prefix-cache-misses', 'coarse', 'prefix-cache-misses'],
    ['prefix-cache-misses', 'evicted', 'prefix-cache-misses'],
    ['seat-ceiling', 'told', 'seat-ceiling'],
    ['decode-slowdown', 'contexts', 'decode-slowdown'],
    ['decode-slowdown', 'old', 'decode-slowdown'],
    ['decode-slowdown', 'minute', 'decode-slowdown'],
    ['slow-replica', 'pair', 'slow-replica'],
    ['slow-replica', 'alone', 'slow-replica'],
    ['slow-replica', 'always', 'slow-replica'],
    ['engine-stall', 'liveLock', 'engine-stall'],
    ['engine-stall', 'recovering', 'engine-stall'],
    ['engine-stall', 'hungUp', 'engine-stall'],
    ['spec-decode-collapse', 'rejected', 'spec-decode-collapse'],
    ['spec-decode-collapse', 'weaker', 'spec-decode-collapse'],
    ['spec-decode-collapse', 'never', 'spec-decode-collapse'],
    ['cpu-bound', 'fullLoop', 'cpu-bound'],
    ['cpu-bound', 'throttled', 'cpu-bound'],
    ['cpu-bound', 'engine', 'cpu-bound'],
    ['cpu-bound', 'unanswered', 'cpu-bound'],
    ['cpu-bound', 'refused', 'crash-loop'],
    ['kv-transfer-stall', 'unstaged', 'kv-transfer-stall'],
    ['kv-transfer-stall', 'failing', 'kv-transfer-stall'],
    ['kv-transfer-stall', 'stuck', 'kv-transfer-stall'],
    ['deferred-admission', 'grammar', 'deferred-admission'],
    ['deferred-admission', 'recurring', 'deferred-admission'],
    ['deferred-admission', 'unsplit', 'deferred-admission'],
    ['deferred-admission', 'minute', 'deferred-admission'],
    ['request-failures', 'hardlyAny', 'request-failures'],
    ['request-failures', 'errors', 'request-failures'],
    ['request-failures', 'always', 'request-failures'],
    ['retry-storm', 'withoutGateway', 'retry-storm'],
    ['retry-storm', 'liveLock', 'retry-storm'],
    ['crash-loop', 'down', 'crash-loop'],
    ['crash-loop', 'alone', 'crash-loop'],
    ['crash-loop', 'loop', 'crash-loop'],
    ['crash-loop', 'minuteScrapes', 'crash-loop'],
    ['crash-loop', 'everyTarget', 'telemetry-gap'],
    ['deferred-admission', 'grammar', 'deferred-admission'],
    ['deferred-admission', 'unsplit', 'deferred-admission'],
    ['deferred-admission', 'minute', 'deferred-admission'],
    ['telemetry-gap', 'stale', 'telemetry-gap'],
    ['telemetry-gap', 'allDown', 'telemetry-gap'],
    ['telemetry-gap', 'noSeries', 'telemetry-gap'],
  ])('%s, %s', (id, variant, primary) => {
    const scene = books[id]?.VARIANTS?.[variant];
    expect(diagnose(scene as Evidence, CHAT).findings[0]?.pathology).toBe(primary);
  });
});

test.each(ids)('healthy: no finding above info on the healthy scene of %s', (id) => {
  const verdict = diagnose(scenesOf(id).healthy, CHAT);
  expect(verdict.findings.filter((f) => f.severity !== 'info').map((f) => f.pathology)).toEqual([]);
  expect(verdict.status).toBe('healthy');
  expect(verdict.assurances.length).toBeGreaterThan(0);
  expect(verdict.lede).not.toBe('');
});

test.each([
  ['kv-cache-thrashing', 'kv-bound-queueing'],
  ['prefill-starvation', 'overload'],
  ['gpu-underutilization', 'seat-ceiling'],
  ['memory-leak', 'kv-bound-queueing'],
  ['prefix-cache-misses', 'overload'],
  ['long-request-spike', 'overload'],
  ['overload', 'seat-ceiling'],
  ['seat-ceiling', 'kv-bound-queueing'],
  ['kv-bound-queueing', 'kv-cache-thrashing'],
  ['prefill-decode-interference', 'decode-slowdown'],
  ['decode-slowdown', 'slow-replica'],
  ['load-imbalance', 'overload'],
  ['slow-replica', 'load-imbalance'],
  ['prefix-cache-collapse', 'prefix-cache-misses'],
  ['engine-stall', 'long-request-spike'],
  ['spec-decode-collapse', 'overload'],
  ['cpu-bound', 'overload'],
  ['kv-transfer-stall', 'deferred-admission'],
  ['deferred-admission', 'kv-bound-queueing'],
  ['request-failures', 'overload'],
  ['retry-storm', 'request-failures'],
  ['crash-loop', 'telemetry-gap'],
  ['deferred-admission', 'kv-bound-queueing'],
  ['telemetry-gap', 'engine-stall'],
])('look-alike of %s: %s leads, the other is ruled out', (id, other) => {
  const verdict = diagnose(scenesOf(id).lookAlike, CHAT);
  expect(verdict.findings[0]?.pathology).toBe(other);
  expect(verdict.ruledOut.map((f) => f.pathology)).toContain(id);
});

test('every detector has a look-alike', () => {
  expect(ids.every((id) => diagnose(scenesOf(id).lookAlike, CHAT).findings.length > 0)).toBe(true);
});

test.each(ids)('blind: never healthy on the blind scene of %s, and it says what it could not check', (id) => {
  const verdict = diagnose(scenesOf(id).blind, CHAT);
  expect(verdict.status).not.toBe('healthy');
  expect(verdict.ruledOut.map((f) => f.pathology)).not.toContain(id);
  if (id === 'telemetry-gap') expect(verdict.status).toBe('unknown');
  else expect(verdict.cannotTell.map((f) => f.pathology)).toContain(id);
});

test('each pathology stands in exactly one list', () => {
  for (const { SCENES, VARIANTS } of Object.values(books)) {
    for (const evidence of Object.values({ ...SCENES, ...VARIANTS })) {
      const { findings, ruledOut, cannotTell, status } = diagnose(evidence, CHAT);
      const named = [...findings, ...ruledOut, ...cannotTell].map((f) => f.pathology);
      expect(new Set(named).size).toBe(named.length);
      // An unknown status drops findings of mere cost.
      if (status !== 'unknown') expect(named).toHaveLength(DETECTORS.length);
    }
  }
});

test('headline and lede are sentences without NaN, undefined or an unfinished number', () => {
  for (const { SCENES, VARIANTS } of Object.values(books)) {
    for (const evidence of Object.values({ ...SCENES, ...VARIANTS })) {
      const { headline, lede, assurances, warnings } = diagnose(evidence, CHAT);
      for (const text of [headline, lede, ...assurances.map((f) => f.says), ...warnings]) {
        expect(text).not.toBe('');
        expect(text).not.toMatch(/NaN|Infinity|undefined|\bnull\b|–\/s/);
      }
    }
  }
});
