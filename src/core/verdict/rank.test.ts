import { describe, expect, test } from 'vitest';
import type { Finding } from '../detectors/detector.ts';
import { DETECTORS } from '../detectors/index.ts';
import { EXPLAINS, ONSET_SLACK, OPEN_CAUSES } from './edges.ts';
import { rank } from './rank.ts';

const T = 1_800_000_000;

function finding(pathology: string, more: Partial<Finding> = {}): Finding {
  return {
    pathology,
    title: pathology,
    variant: null,
    state: 'detected',
    score: 0.8,
    confidence: 0.8,
    severity: 'critical',
    scope: { kind: 'fleet', instances: ['a', 'b'] },
    since: T,
    until: null,
    strength: [],
    facts: [],
    because: '',
    missing: [],
    ask: '',
    story: null,
    remedies: [],
    willNotHelp: [],
    lede: '',
    ...more,
  };
}

const on = (instances: string[]) => ({ kind: 'instances', instances }) as const;
const ranked = (...findings: Finding[]) => rank(findings.map((f) => ({ finding: f, model: 'm' })));
const order = (...findings: Finding[]) => ranked(...findings).map((f) => f.pathology);

describe('cause before effect', () => {
  test.each([
    ['in either order', [finding('overload'), finding('prefix-cache-collapse')], ['prefix-cache-collapse', 'overload']],
    [
      'although the effect is stronger',
      [finding('overload', { score: 1 }), finding('seat-ceiling', { score: 0.5 })],
      ['seat-ceiling', 'overload'],
    ],
    [
      'a storm before the overload it keeps up',
      [finding('overload', { score: 1 }), finding('retry-storm', { variant: 'storm', score: 0.5 })],
      ['retry-storm', 'overload'],
    ],
    [
      'an overload before the retries that add to it',
      [finding('retry-storm', { variant: 'after-overload', score: 1 }), finding('overload', { score: 0.5 })],
      ['overload', 'retry-storm'],
    ],
    [
      'longer answers before the storm in a cache they outgrew',
      [
        finding('kv-cache-thrashing', { score: 1 }),
        finding('workload-shift', { variant: 'outgrown-cache', score: 0.5 }),
      ],
      ['workload-shift', 'kv-cache-thrashing'],
    ],
    [
      'up to the slack between onsets',
      [finding('overload', { since: T }), finding('prefix-cache-collapse', { since: T + ONSET_SLACK })],
      ['prefix-cache-collapse', 'overload'],
    ],
    [
      'where nobody knows when',
      [finding('overload', { score: 1, since: null }), finding('kv-bound-queueing', { score: 0.6 })],
      ['kv-bound-queueing', 'overload'],
    ],
    [
      'on a replica it covers',
      [
        finding('seat-ceiling', { scope: on(['a']), score: 1 }),
        finding('load-imbalance', { scope: on(['a']), score: 0.6 }),
      ],
      ['load-imbalance', 'seat-ceiling'],
    ],
  ] as const)('%s', (_, findings, expected) => {
    expect(order(...findings)).toEqual(expected);
    expect(ranked(...findings)[0]?.explains).toEqual([expected[1]]);
  });

  test.each([
    [
      'a cause that began clearly later',
      [finding('overload', { score: 1 }), finding('prefix-cache-collapse', { score: 0.6, since: T + ONSET_SLACK + 1 })],
      ['overload', 'prefix-cache-collapse'],
    ],
    [
      'a cause on other replicas',
      [
        finding('seat-ceiling', { scope: on(['b']), score: 1 }),
        finding('load-imbalance', { scope: on(['a']), score: 0.6 }),
      ],
      ['seat-ceiling', 'load-imbalance'],
    ],
  ] as const)('%s explains nothing', (_, findings, expected) => {
    expect(order(...findings)).toEqual(expected);
    expect(ranked(...findings).flatMap((f) => f.explains)).toEqual([]);
  });

  test('a cause of one model explains nothing of another', () => {
    const [a, b] = rank([
      { finding: finding('overload', { score: 1 }), model: 'x' },
      { finding: finding('prefix-cache-collapse', { score: 0.6 }), model: 'y' },
    ]);
    expect([a?.pathology, b?.pathology]).toEqual(['overload', 'prefix-cache-collapse']);
    expect(b?.explains).toEqual([]);
  });
});

test('what hurts leads before what costs', () => {
  expect(
    order(
      finding('gpu-underutilization', { severity: 'info', score: 1 }),
      finding('seat-ceiling', { severity: 'warning', score: 0.5 }),
    ),
  ).toEqual(['seat-ceiling', 'gpu-underutilization']);
});

test('with slow scrapes two onsets within two of them have no order', () => {
  const pair = [finding('retry-storm', { since: T + 110 }), finding('request-failures', { since: T })];
  const first = (interval: number) =>
    rank(
      pair.map((f) => ({ finding: f, model: 'm' })),
      interval,
    )[0];
  expect(first(60)).toMatchObject({ pathology: 'retry-storm', explains: ['request-failures'] });
  expect(first(15)?.explains).toEqual([]);
});

test('a setting that is no multiple of 8 accounts for nothing; a jump that was measured does', () => {
  const seats = finding('seat-ceiling', { severity: 'info' });
  expect(order(finding('cuda-graph-cliff', { severity: 'info', variant: 'partial-group', score: 0.4 }), seats)[0]).toBe(
    'seat-ceiling',
  );
  expect(order(finding('cuda-graph-cliff', { severity: 'info' }), seats)[0]).toBe('cuda-graph-cliff');
});

test('the narrower scope leads among equals', () => {
  expect(order(finding('long-request-spike'), finding('kv-bound-queueing', { scope: on(['a']) }))[0]).toBe(
    'long-request-spike',
  );
  expect(order(finding('engine-stall'), finding('telemetry-gap', { scope: on(['a']) }))[0]).toBe('telemetry-gap');
});

test('a rival that is not explained takes from the confidence, one that is explained does not', () => {
  const alone = ranked(finding('kv-cache-thrashing'))[0]?.raw ?? 0;
  const withEffect = ranked(finding('kv-cache-thrashing'), finding('overload'))[0]?.raw ?? 0;
  const withRival = ranked(finding('engine-stall'), finding('telemetry-gap'))[0]?.raw ?? 0;
  expect(alone).toBe(0.8);
  expect(withEffect).toBe(0.8);
  expect(withRival).toBeCloseTo(0.8 * 0.8, 10);
});

test('with a cause of it that could not be told a finding is likely at most', () => {
  const slow = { finding: finding('decode-slowdown', { confidence: 0.95 }), model: 'm' };
  const edge = { finding: finding('cuda-graph-cliff', { state: 'cannot-tell' }), model: 'm' };
  const sure = (...open: Parameters<typeof rank>[2] & object) => rank([slow], null, open)[0]?.confidence ?? 0;
  expect(sure()).toBeGreaterThan(0.9);
  expect(sure(edge)).toBe(0.75);
  expect(sure({ ...edge, model: 'another' })).toBe(sure());
  expect(sure({ ...edge, finding: finding('cpu-bound', { state: 'cannot-tell' }) })).toBe(sure());
});

test('one primary, the rest contributing, an explained one a little less sure', () => {
  const list = ranked(
    finding('overload'),
    finding('kv-cache-thrashing'),
    finding('gpu-underutilization', { severity: 'info' }),
  );
  expect(list.map((f) => f.role)).toEqual(['primary', 'contributing', 'contributing']);
  expect(list.find((f) => f.pathology === 'overload')?.raw).toBeCloseTo(0.72, 10);
});

test('nothing gives nothing', () => {
  expect(rank([])).toEqual([]);
});

test('a circle of two does not hide both', () => {
  // Not in today's edges; two that could explain each other explain neither.
  const pairs = Object.entries(EXPLAINS).flatMap(([a, bs]) => bs.map((b) => [a, b] as const));
  for (const [a, b] of pairs) {
    const list = ranked(finding(a), finding(b));
    expect(list).toHaveLength(2);
    if ((EXPLAINS[b] ?? []).includes(a)) expect(list.flatMap((f) => f.explains)).toEqual([]);
  }
});

describe('edges', () => {
  const known = new Set(DETECTORS.map((d) => d.id));
  test('name only pathologies that exist', () => {
    for (const [cause, effects] of Object.entries(EXPLAINS)) {
      // `id/variant` names one variant.
      expect(known, cause).toContain(cause.split('/')[0]);
      for (const effect of effects) expect(known, `${cause} → ${effect}`).toContain(effect.split('/')[0]);
    }
  });

  test('what a finding is unsure for would explain it', () => {
    for (const [effect, causes] of Object.entries(OPEN_CAUSES))
      for (const cause of causes)
        expect([...(EXPLAINS[cause] ?? []), ...(EXPLAINS[`${cause}/`] ?? [])]).toContain(effect);
  });

  test('nothing explains itself, and no effect is named twice', () => {
    for (const [cause, effects] of Object.entries(EXPLAINS)) {
      expect(effects).not.toContain(cause);
      expect(new Set(effects).size).toBe(effects.length);
    }
  });

  test('they run one way: from every cause the walk ends', () => {
    const walk = (id: string, path: readonly string[]): void => {
      expect(path, [...path, id].join(' → ')).not.toContain(id);
      for (const next of EXPLAINS[id] ?? []) walk(next, [...path, id]);
    };
    for (const id of Object.keys(EXPLAINS)) walk(id, []);
  });
});
