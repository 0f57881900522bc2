import { describe, expect, test } from 'vitest';
import type { Engine, Judged } from '../evidence/judged.ts';
import { judgedOf } from '../evidence/judged.ts';
import { buildScene } from '../evidence/notation.ts';
import {
  before,
  cannotTell,
  confidenceOf,
  detected,
  fact,
  missingOf,
  ruledOut,
  scopeOf,
  severityOf,
  sight,
} from './finding.ts';

const ABOUT = { id: 'x', title: 'X' };
const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judgedFrom = (scene: Parameters<typeof buildScene>[0], planned = false) =>
  judgedOf(buildScene(scene), LIMITS, planned);

test('three answers', () => {
  expect(ruledOut(ABOUT, '3 of 8')).toMatchObject({
    state: 'ruled-out',
    because: '3 of 8',
    pathology: 'x',
    confidence: 0,
  });
  expect(cannotTell(ABOUT, ['running'], 'Scrape it.')).toMatchObject({
    state: 'cannot-tell',
    missing: ['running'],
    ask: 'Scrape it.',
  });
  const found = {
    score: 1,
    confidence: 0.9,
    severity: 'info',
    scope: { kind: 'fleet', instances: [] },
    since: null,
  } as const;
  expect(detected(ABOUT, { ...found, strength: [], facts: [], lede: 'So.' })).toMatchObject({
    state: 'detected',
    lede: 'So.',
  });
  expect(fact({ says: 'a', figure: '1', label: 'b', unit: 'count' })).toMatchObject({
    observed: null,
    query: null,
    compared: '',
  });
});

test('missing is what is absent or failed, not what is partial', () => {
  const judged = judgedFrom({ replicas: ['a', 'b'], lines: { running: '1x3', 'waiting@a': '0' } });
  expect(missingOf(judged, ['running', 'waiting', 'kv-cache-usage'])).toEqual(['kv-cache-usage']);
});

describe('confidence', () => {
  test.each([
    ['all there', [1, 1, 1, 1], 0.95],
    ['weak signature', [0.5, 1, 1, 1], 0.775],
    ['just begun', [1, 0.5, 1, 1], 0.85],
    ['half the inputs', [1, 1, 0.5, 1], 0.7],
    ['inferred inputs', [1, 1, 1, 0.93], 0.93],
    ['never certain it is nothing', [0, 0, 0, 0], 0.05],
  ] as const)('%s', (_, [score, persisted, coverage, quality], expected) => {
    expect(confidenceOf(score, persisted, coverage, quality)).toBeCloseTo(expected, 10);
  });

  test('capped where the discriminator is missing', () => {
    expect(confidenceOf(1, 1, 1, 1, 0.6)).toBe(0.6);
  });
});

describe('severity', () => {
  const of = (judged: Judged) => severityOf(judged, judged.engines);
  const calm = { running: '4x30', waiting: '0' };
  test.each([
    ['nobody is hurt', { lines: calm, histograms: { ttft: '0.2*2 ...' } }, 'info'],
    ['one in ten is late', { lines: calm, histograms: { ttft: '0.2*1.8,0.7*0.2 ...' } }, 'warning'],
    ['half are late', { lines: calm, histograms: { ttft: '0.2*1,0.7*1 ...' } }, 'critical'],
    ['late in bursts, a quiet minute ago', { lines: calm, histograms: { ttft: '0.7*2x18 0.2*2 ...' } }, 'critical'],
    [
      'one in ten gets slow tokens',
      { lines: calm, histograms: { ttft: '0.2*2 ...', 'time-per-output-token': '0.03*1.7,0.08*0.3 ...' } },
      'warning',
    ],
    [
      'a wait of one target',
      { lines: { running: '4x30', waiting: '1.2' }, histograms: { ttft: '0.2*2 ...' } },
      'warning',
    ],
    ['a wait of four', { lines: { running: '4x30', waiting: '5' }, histograms: { ttft: '0.2*2 ...' } }, 'critical'],
    [
      'nobody is served while one waits',
      { lines: { running: '4x30', waiting: '1' }, histograms: { ttft: '- ...' } },
      'critical',
    ],
  ] as const)('%s', (_, scene, severity) => {
    expect(of(judgedFrom(scene))).toBe(severity);
  });

  test('a planned backlog hurts nobody', () => {
    expect(of(judgedFrom({ lines: { running: '4x30', waiting: '50' }, histograms: { ttft: '9*2 ...' } }, true))).toBe(
      'info',
    );
  });
});

describe('a sighting', () => {
  const judged = judgedFrom({ replicas: ['a', 'b'], lines: { 'running@a': '0x19 9x19', 'running@b': '0x29 6x9' } });
  const strength = (engine: Engine) => (engine.trace.running ?? []).map((r) => (r === null ? null : r / 10));
  const early = (engine: Engine) => (engine.trace.running ?? []).map((r) => (r === null ? null : r > 0 ? 1 : 0));

  test('the strongest engine first, the earliest onset', () => {
    const { sighting } = sight(judged, strength, early);
    expect(sighting?.engines.map((e) => e.id)).toEqual(['a', 'b']);
    expect(sighting).toMatchObject({ onset: 20, score: 0.9, persistence: 1 });
    expect(scopeOf(judged, sighting?.engines ?? [])).toEqual({ kind: 'fleet', instances: ['a', 'b'] });
    expect(scopeOf(judged, [judged.engines[0] as Engine])).toEqual({ kind: 'instances', instances: ['a'] });
  });

  test('none, but its lane is there', () => {
    const none = sight(judged, (e) => strength(e).map((s) => (s === null ? null : s / 3)), early);
    expect(none.sighting).toBeNull();
    expect(none.strength).toHaveLength(judged.grid.count);
  });
});

test('before is the median, and needs three values', () => {
  expect(before([1, 9, 2, 50], 3)).toBe(2);
  expect(before([1, null, 2, 50], 3)).toBeNull();
  expect(before(null, 3)).toBeNull();
});
