import { describe, expect, test } from 'vitest';
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { mapValues, trimEvidence } from '../../evidence/slice.ts';
import { gpuUnderutilization } from './detector.ts';
import { SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => gpuUnderutilization.judge(judgedOf(evidence, LIMITS, false));

test('sick: a matter of cost on all replicas, less sure without SM activity', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({ state: 'detected', severity: 'info', since: null, missing: ['gpu-sm-active'] });
  expect(finding.scope.instances).toHaveLength(4);
  expect(finding.score).toBeGreaterThan(0.9);
  expect(finding.confidence).toBeLessThanOrEqual(0.75);
});

test('sick: the busiest twentieth, with its query', () => {
  const [load, output] = judge(SCENES.sick).facts;
  // Half a prompt a second of 80 ms each is more than 2 of 64 seats, and than 1.8 % of the cache.
  expect(load?.observed).toBeCloseTo(0.5 * 0.08, 9);
  expect(load).toMatchObject({ expected: 0.75, figure: '0.04' });
  expect(load?.query).toContain('kv_cache_usage_perc');
  expect(output?.query).toContain('generation_tokens_total');
});

test('sick: replicas for the sum of busiest loads at 0.7', () => {
  const [first] = judge(SCENES.sick).remedies;
  const load = 4 * 0.5 * 0.08;
  expect(first).toMatchObject({ from: 4, to: Math.ceil(load / 0.7), title: 'Run 1 replica instead of 4' });
  expect(first?.steps).toEqual([
    { sum: '4 replicas × 0.04 at the busiest twentieth', result: "0.16 replicas' worth of load" },
    { sum: '0.16 ÷ 0.7, rounded up', result: '1 replica' },
  ]);
});

test('a lone replica is not taken away', () => {
  const one = SCENES.sick.replicas[0];
  const readings = Object.fromEntries(
    Object.entries(SCENES.sick.readings).map(([id, r]) => [
      id,
      {
        ...r,
        lines: r.lines.filter((l) => l.replica === one?.id),
        histograms: r.histograms.filter((h) => h.replica === one?.id),
      },
    ]),
  );
  const finding = judge({ ...SCENES.sick, replicas: one ? [one] : [], readings });
  expect(finding.state).toBe('detected');
  expect(finding.remedies[0]?.to).toBeNull();
});

test('healthy: half the seats in the afternoon', () => {
  expect(judge(SCENES.healthy)).toMatchObject({
    state: 'ruled-out',
    because: 'load reaches 0.5 in its busiest twentieth',
  });
});

test('look-alike: a queue means that the engine is not short of work', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because: 'up to 10 requests wait, so the engine is not short of work',
  });
});

test('blind: without KV usage it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['kv-cache-usage'] });
});

describe('less than six hours', () => {
  test('half an hour of clearly low load: said provisionally, with the range to look at', () => {
    const finding = judge(VARIANTS.halfHour);
    expect(finding).toMatchObject({ state: 'detected', severity: 'info', since: null });
    expect(finding.confidence).toBeLessThanOrEqual(0.55);
    expect(finding.confidence).toBeGreaterThan(0.4);
    expect(finding.lede).toBe(
      'Over 30 min the 4 replicas were at most 4 % used, and nobody waited. That is what this window shows; look at a range that includes the usual peak before removing replicas.',
    );
    expect(finding.remedies[0]).toMatchObject({ title: 'Run 1 replica instead of 4, if the usual peak agrees', to: 1 });
  });

  test('below 20 min it cannot tell', () => {
    const finding = judge(trimEvidence(VARIANTS.halfHour, timeAt(VARIANTS.halfHour.grid, 45)));
    expect(finding).toMatchObject({ state: 'cannot-tell', missing: ['gpu-sm-active'] });
    expect(finding.ask).toBe(
      'Needs 6 h that include the usual peak; this window has 19 min. Busiest load so far 0.04.',
    );
  });

  test('nor does a range of hours with load between wasted and used', () => {
    const afternoon = trimEvidence(SCENES.healthy, timeAt(SCENES.healthy.grid, 360));
    expect(judge(afternoon)).toMatchObject({ state: 'cannot-tell' });
  });

  test('traffic that climbs has its peak ahead', () => {
    const finding = judge(VARIANTS.climbing);
    expect(finding.state).toBe('cannot-tell');
    expect(finding.ask).toContain('It climbs: 0.16 in the first third, 0.25 in the last.');
  });

  test('nothing runs: idle, not underused', () => {
    expect(judge(VARIANTS.idle)).toMatchObject({
      state: 'ruled-out',
      because: 'idle rather than underused: 0 requests in 30 min',
    });
  });

  test('few running and little held, but busy reading long prompts', () => {
    // 0.25 prompts a second of 3.2 s each.
    expect(judge(VARIANTS.reading)).toMatchObject({
      state: 'ruled-out',
      because: 'load reaches 0.8 in its busiest twentieth',
    });
  });

  test('passers-by, seen waiting once in a while, are no queue', () => {
    expect(judge(VARIANTS.passersBy).state).toBe('detected');
    expect(judge(VARIANTS.passersBy).lede).toContain('at most 4 % used, and no queue stood.');
  });

  test('a rise that stays far below use is no morning', () => {
    // 0.02 to 0.032 of each replica: twice more the same climb is 0.08.
    expect(judge(VARIANTS.trickle).state).toBe('detected');
  });

  test('a queue', () => {
    const finding = judge(VARIANTS.burst);
    expect(finding.state).toBe('cannot-tell');
    expect(finding.ask).toContain('A queue stood in 5 % of scrapes.');
  });

  test('scrapes of a minute make no difference', () => {
    const { grid } = VARIANTS.halfHour;
    const sparse = mapValues(VARIANTS.halfHour, { from: timeAt(grid, 3), step: 60, count: 30 }, (values) =>
      values.filter((_, i) => i % 4 === 3),
    );
    expect(judge({ ...sparse, scrapeInterval: 60, window: 240 })).toMatchObject({
      state: 'detected',
      severity: 'info',
    });
  });

  test('twice the fleet at the same load each: twice the replicas, the same share', () => {
    const { replicas, readings } = VARIANTS.halfHour;
    const twin = <T extends { readonly replica: string }>(list: readonly T[]): T[] => [
      ...list,
      ...list.map((one) => ({ ...one, replica: `twin-of-${one.replica}` })),
    ];
    const twice = judge({
      ...VARIANTS.halfHour,
      replicas: [...replicas, ...replicas.map((r) => ({ ...r, id: `twin-of-${r.id}`, instance: `twin-of-${r.id}` }))],
      readings: Object.fromEntries(
        Object.entries(readings).map(([id, r]) => [
          id,
          { ...r, lines: twin(r.lines), histograms: twin(r.histograms), labels: twin(r.labels) },
        ]),
      ),
    });
    expect(twice.score).toBeCloseTo(judge(VARIANTS.halfHour).score, 9);
    expect(twice.scope).toMatchObject({ kind: 'fleet' });
    expect(twice.scope.instances).toHaveLength(8);
    expect(twice.remedies[0]).toMatchObject({ from: 8, to: Math.ceil((8 * 0.04) / 0.7) });
  });
});
