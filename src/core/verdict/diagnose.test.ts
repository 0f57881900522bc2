import { describe, expect, test } from 'vitest';
import { DETECTORS } from '../detectors/index.ts';
import type { Evidence, Reading } from '../evidence/evidence.ts';
import { buildScene } from '../evidence/notation.ts';
import { sliceEvidence } from '../evidence/slice.ts';
import { timeAt } from '../base/grid.ts';
import type { SignalId } from '../signals/index.ts';
import { diagnose, replayTimes } from './diagnose.ts';
import { targetsOf } from './profiles.ts';

const CHAT = targetsOf('chat');
type Scenes = {
  SCENES: Record<'sick' | 'healthy' | 'lookAlike' | 'blind', Evidence>;
  VARIANTS?: Record<string, Evidence>;
};
const books = await Promise.all(
  DETECTORS.map(async ({ id }) => ({ id, ...((await import(`../detectors/${id}/scenes.ts`)) as Scenes) })),
);
const sick: [string, Evidence][] = books.map(({ id, SCENES }) => [id, SCENES.sick]);
const scene = (id: string, name: keyof Scenes['SCENES'] = 'sick'): Evidence => {
  const found = books.find((b) => b.id === id);
  if (!found) throw new Error(id);
  return found.SCENES[name];
};
const short = (evidence: Evidence) => {
  const { status, findings } = diagnose(evidence, CHAT);
  return { status, primary: findings[0]?.pathology, confidence: findings[0]?.confidence };
};

describe('too little to tell', () => {
  test('no evidence at all', () => {
    const empty: Evidence = { ...buildScene({ steps: 1 }), replicas: [], readings: {} };
    const verdict = diagnose(empty, CHAT);
    expect(verdict.status).toBe('unknown');
    expect(verdict.findings[0]).toMatchObject({ pathology: 'telemetry-gap', variant: 'no-series' });
    expect(verdict.assurances).toEqual([]);
  });

  test('replicas without one reading', () => {
    expect(diagnose({ ...buildScene({ steps: 20 }), readings: {} }, CHAT).status).toBe('unknown');
  });

  test('a calm engine for less than half a minute', () => {
    const calm = scene('overload', 'healthy');
    const early = diagnose(sliceEvidence(calm, timeAt(calm.grid, 3)), CHAT);
    expect(early.status).toBe('unknown');
    expect(early.headline).toBe('Cannot tell yet: too few scrapes');
    expect(diagnose(sliceEvidence(calm, timeAt(calm.grid, 8)), CHAT).status).toBe('healthy');
  });

  test.each(['running', 'waiting', 'kv-cache-usage', 'preemptions', 'ttft', 'output-tokens'] as const)(
    'a calm engine without %s is not called healthy',
    (id) => {
      expect(diagnose(without(scene('overload', 'healthy'), id), CHAT).status).toBe('unknown');
    },
  );

  test('both replicas down: unknown, with their names', () => {
    const down = books.find((b) => b.id === 'telemetry-gap')?.VARIANTS?.allDown as Evidence;
    const verdict = diagnose(down, CHAT);
    expect(verdict.status).toBe('unknown');
    expect(verdict.lede).toContain('vllm-0 and vllm-1');
    expect(verdict.ruledOut).toEqual([]);
    expect(verdict.cannotTell.map((f) => f.pathology)).toContain('engine-stall');
  });
});

/** The evidence as if nobody had scraped one signal. */
function without(evidence: Evidence, id: SignalId): Evidence {
  const reading = evidence.readings[id] as Reading;
  const gone: Reading = { ...reading, state: 'absent', metrics: [], lines: [], histograms: [], labels: [] };
  return { ...evidence, readings: { ...evidence.readings, [id]: gone } };
}

test.each(['healthy', 'sick'] as const)(
  'a %s fleet of which a part could not be read: it is said that it is a part',
  (name) => {
    const whole = scene('prefill-starvation', name);
    expect(diagnose(whole, CHAT).lede).not.toContain('could not be read');
    const failed = (id: SignalId): Reading => ({ ...(whole.readings[id] as Reading), state: 'failed', problem: '503' });
    const readings = {
      ...whole.readings,
      'queue-time': failed('queue-time'),
      'prompt-length': failed('prompt-length'),
    };
    const verdict = diagnose({ ...whole, readings }, CHAT);
    expect(verdict.lede).toMatch(
      / Judged by a part of what the source holds: .*queue time.* and .* could not be read\.$/,
    );
  },
);

const measured = (evidence: Evidence) =>
  (Object.keys(evidence.readings) as SignalId[]).filter((id) => evidence.readings[id]?.state !== 'absent');

describe('with one reading less', () => {
  test.each(sick)('%s is never surer, and never healthy', (id, evidence) => {
    const whole = diagnose(evidence, CHAT);
    const confidence = whole.findings[0]?.confidence ?? 0;
    for (const signal of measured(evidence)) {
      const less = diagnose(without(evidence, signal), CHAT);
      const same = less.findings.find((f) => f.pathology === id);
      expect(same?.confidence ?? 0, `without ${signal}`).toBeLessThanOrEqual(confidence + 1e-9);
      if (whole.status !== 'healthy') expect(less.status, `without ${signal}`).not.toBe('healthy');
    }
  });
});

describe('what must not matter', () => {
  /** Everything that names a replica, renamed. */
  const rename = (evidence: Evidence, to: (id: string) => string): Evidence => ({
    ...evidence,
    replicas: evidence.replicas.map((r) => ({ ...r, id: to(r.id), instance: to(r.instance) })),
    readings: Object.fromEntries(
      Object.entries(evidence.readings).map(([id, reading]) => [
        id,
        {
          ...reading,
          lines: reading.lines.map((l) => ({ ...l, replica: to(l.replica) })),
          histograms: reading.histograms.map((h) => ({ ...h, replica: to(h.replica) })),
          labels: reading.labels.map((l) => ({ ...l, replica: to(l.replica) })),
        },
      ]),
    ),
  });

  test.each(sick)('%s: the names of replicas', (_, evidence) => {
    const renamed = rename(evidence, (id) => `pod-${id.split('').reverse().join('')}.svc:8000`);
    expect(short(renamed)).toEqual(short(evidence));
  });

  test.each(sick)('%s: their order', (_, evidence) => {
    const turned: Evidence = {
      ...evidence,
      replicas: [...evidence.replicas].reverse(),
      readings: Object.fromEntries(
        Object.entries(evidence.readings).map(([id, r]) => [
          id,
          {
            ...r,
            lines: [...r.lines].reverse(),
            histograms: [...r.histograms].reverse(),
            labels: [...r.labels].reverse(),
          },
        ]),
      ),
    };
    expect(short(turned)).toEqual(short(evidence));
  });

  test.each(sick)('%s: the clock', (_, evidence) => {
    const by = 86_400 * 37 + 5;
    const later = { ...evidence, grid: { ...evidence.grid, from: evidence.grid.from + by } };
    expect(short(later)).toEqual(short(evidence));
    const since = diagnose(evidence, CHAT).findings[0]?.since ?? null;
    expect(diagnose(later, CHAT).findings[0]?.since ?? null).toBe(since === null ? null : since + by);
  });

  /**
   * One more replica that is up, fresh, and without work. Peers matter to two: the load of an imbalance is compared with them,
   * and of prefix-cache-misses the best replica may set what to expect; both still lead. A lone busy replica beside an idle one is
   * an imbalance by definition where it queues, so there the idle one becomes the news.
   */
  const PEERS_MATTER = new Set([
    'overload',
    'seat-ceiling',
    'kv-bound-queueing',
    'kv-cache-thrashing',
    'prefill-starvation',
    'prefix-cache-collapse',
    'long-request-spike',
    'engine-stall',
    'deferred-admission',
    'kv-transfer-stall',
  ]);
  const withIdle = (evidence: Evidence): Evidence => {
    const nothing = evidence.replicas[0];
    if (!nothing) throw new Error('a scene has replicas');
    const idle = { ...nothing, id: 'idle', instance: 'idle' };
    const rest = (id: string) => (id === 'up' ? 1 : id === 'sample-age' ? 1 : id === 'scrape-duration' ? 0.01 : 0);
    return {
      ...evidence,
      replicas: [...evidence.replicas, idle],
      readings: Object.fromEntries(
        Object.entries(evidence.readings).map(([id, r]) => [
          id,
          {
            ...r,
            lines: [
              ...r.lines,
              ...r.lines
                .filter((l) => l.replica === nothing.id)
                .map((l) => ({ ...l, replica: 'idle', values: l.values.map(() => rest(id)) })),
            ],
            histograms: [
              ...r.histograms,
              ...r.histograms
                .filter((h) => h.replica === nothing.id)
                .map((h) => ({
                  ...h,
                  replica: 'idle',
                  cumulative: h.cumulative.map((v) => v.map(() => 0)),
                  count: h.count.map(() => 0),
                  sum: h.sum.map(() => 0),
                })),
            ],
            labels: [
              ...r.labels,
              ...r.labels.filter((l) => l.replica === nothing.id).map((l) => ({ ...l, replica: 'idle' })),
            ],
          },
        ]),
      ),
    };
  };

  test.each(sick)('%s: one more replica that rests', (id, evidence) => {
    const before = diagnose(evidence, CHAT).findings;
    const after = diagnose(withIdle(evidence), CHAT).findings;
    const primary = after[0]?.pathology;
    if (PEERS_MATTER.has(id)) expect([id, 'load-imbalance']).toContain(primary);
    else expect(primary).toBe(before[0]?.pathology);
    // Whatever leads, what is wrong on the busy replica is still found.
    expect(after.map((f) => f.pathology)).toContain(id);
  });
});

test('two models are judged apart and ranked together', () => {
  const one = scene('overload');
  const calm = scene('overload', 'healthy');
  const other = (evidence: Evidence): Evidence => ({
    ...evidence,
    replicas: evidence.replicas.map((r) => ({ ...r, id: 'other', instance: 'other', model: 'n' })),
    readings: Object.fromEntries(
      Object.entries(evidence.readings).map(([id, r]) => [
        id,
        {
          ...r,
          lines: r.lines.map((l) => ({ ...l, replica: 'other', values: l.values.slice(0, 80) })),
          histograms: r.histograms.map((h) => ({
            ...h,
            replica: 'other',
            cumulative: h.cumulative.map((v) => v.slice(0, 80)),
            count: h.count.slice(0, 80),
            sum: h.sum.slice(0, 80),
          })),
          labels: r.labels.map((l) => ({ ...l, replica: 'other' })),
        },
      ]),
    ),
  });
  const first = sliceEvidence(one, timeAt(one.grid, 79));
  const second = other(calm);
  const both: Evidence = {
    ...first,
    replicas: [...first.replicas, ...second.replicas],
    readings: Object.fromEntries(
      (Object.keys(first.readings) as SignalId[]).map((id) => {
        const a = first.readings[id] as Reading;
        const b = second.readings[id] as Reading;
        return [
          id,
          {
            ...a,
            lines: [...a.lines, ...b.lines],
            histograms: [...a.histograms, ...b.histograms],
            labels: [...a.labels, ...b.labels],
          },
        ];
      }),
    ),
  };
  const verdict = diagnose(both, CHAT);
  expect(verdict.models).toEqual(['m', 'n']);
  expect(verdict.findings[0]).toMatchObject({ pathology: 'overload', model: 'm' });
  expect(verdict.findings[0]?.scope.instances).toEqual(['vllm-0']);
  expect(verdict.headline).toBe('Overload on vllm-0');
});

test('under the batch profile a backlog is the plan', () => {
  const verdict = diagnose(scene('seat-ceiling'), targetsOf('batch'));
  expect(verdict.status).toBe('healthy');
  expect(verdict.findings[0]).toMatchObject({ pathology: 'seat-ceiling', severity: 'info' });
  expect(diagnose(scene('seat-ceiling'), CHAT).status).toBe('critical');
});

test('the same evidence gives the same verdict, and nothing of it is changed', () => {
  const evidence = scene('kv-cache-thrashing');
  const text = JSON.stringify(evidence);
  expect(JSON.stringify(diagnose(evidence, CHAT))).toBe(JSON.stringify(diagnose(evidence, CHAT)));
  expect(JSON.stringify(evidence)).toBe(text);
});

test('replay times end at the end and keep their distance', () => {
  const grid = { from: 1000, step: 5, count: 13 };
  expect(replayTimes(grid, 20)).toEqual([1000, 1020, 1040, 1060]);
  expect(replayTimes(grid, 1)).toHaveLength(13);
});

describe('a look-alike may not lead with high confidence while what tells it apart is missing', () => {
  const without = (evidence: Evidence, ids: readonly string[]): Evidence => ({
    ...evidence,
    readings: Object.fromEntries(Object.entries(evidence.readings).filter(([id]) => !ids.includes(id))),
  });
  test.each([
    ['kv-bound-queueing', ['cache-config']],
    ['prefill-starvation', ['prefill-time']],
    ['prefix-cache-collapse', ['prefix-cache-queries', 'prefix-cache-hits']],
    ['load-imbalance', ['ttft']],
  ] as const)('%s without its discriminator', (id, ids) => {
    const primary = diagnose(without(scene(id), ids), CHAT).findings[0];
    if (primary && primary.pathology !== id) expect(primary.confidence).toBeLessThanOrEqual(0.6);
  });
});
