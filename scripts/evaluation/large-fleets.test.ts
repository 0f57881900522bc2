import { describe, expect, test } from 'vitest';
import { sliceEvidence } from '../../src/core/evidence/slice.ts';
import type { Evidence } from '../../src/core/evidence/evidence.ts';
import { diagnose } from '../../src/core/verdict/diagnose.ts';
import { targetsOf } from '../../src/core/verdict/profiles.ts';
import type { Verdict } from '../../src/core/verdict/verdict.ts';
import { openRecording } from '../../src/sources/recording/source.ts';
import { enlarge } from './enlarge.ts';
import type { Episode } from './episode.ts';
import { EPISODE_KINDS } from './episodes/index.ts';
import type { Strength } from './episodes/kind.ts';

/**
 * Labelled episodes as fleets of some sixty engines, no two alike: judged as chosen engines and means, and from a sample of those
 * behind the means, they get the verdict they get when each engine is judged by itself.
 */
const LIMIT = 12;
/** So many that of those behind the means a sample speaks for the others. */
const ENGINES = 60;
/** Seconds after an incident shows: long enough for the slowest to be named. */
const SHOWN = 240;

async function fleetOf(id: string): Promise<{ episode: Episode; evidence: Evidence }> {
  const [kind, strength, seed] = id.split('/');
  const made = EPISODE_KINDS.find((one) => one.id === kind);
  if (!made) throw new Error(`there is no kind ${kind}`);
  const episode = made.build(Number(seed), strength as Strength);
  const recording = openRecording({ name: id, texts: episode.texts }, { fetch, now: () => 0 });
  const read = await recording.read(
    { from: 'start', to: 'end', selector: '', knobs: episode.knobs },
    new AbortController().signal,
  );
  const { onset, shows, end } = episode.truth;
  const at = onset === null ? episode.to : Math.min(end ?? episode.to, Math.max(shows ?? onset, onset) + SHOWN);
  return { episode, evidence: sliceEvidence(read, at) };
}

const said = ({ status, findings }: Verdict) => [
  status,
  ...findings.map(({ role, pathology, variant, severity }) => `${role} ${pathology} ${variant ?? ''} ${severity}`),
];

function same(fleet: Evidence, profile: Episode['profile']): Verdict {
  const targets = targetsOf(profile);
  const whole = diagnose(fleet, targets, fleet.replicas.length);
  const part = diagnose(fleet, targets, LIMIT);
  expect(whole.coverage).toBeUndefined();
  expect(part.coverage?.means.some(({ sampled }) => sampled !== undefined)).toBe(true);
  expect(said(part)).toEqual(said(whole));
  expect(part.instances).toEqual(whole.instances);
  return part;
}

test.each([
  'kv-cache-thrashing/strong/2',
  'long-request-spike/strong/1000',
  'overload/strong/2',
  'kv-bound-queueing/mild/1000',
  'workload-shift/strong/1000',
  'prefix-cache-collapse/strong/1000',
  'retry-storm/strong/3',
  'healthy-steady/none/1000',
  'healthy-rolling-restart/none/1000',
  'healthy-unequal-by-chance/none/1000',
])(
  'all alike: %s',
  async (id) => {
    const { episode, evidence } = await fleetOf(id);
    const copies = Math.ceil(ENGINES / evidence.replicas.length);
    same(
      enlarge(evidence, () => copies),
      episode.profile,
    );
  },
  120_000,
);

describe.each([
  'slow-replica/strong/1007',
  'load-imbalance/strong/1006',
  'engine-stall/mild/1004',
  'crash-loop/strong/1003',
  'telemetry-gap/mild/1000',
  'composite-slow-imbalance/strong/1000',
])('%s', async (id) => {
  const { episode, evidence } = await fleetOf(id);
  const { instances } = episode.truth;
  const sick = evidence.replicas.filter(({ instance }) => instances.includes(instance)).length;
  const well = evidence.replicas.length - sick;
  const isSick = (instance: string) => instances.includes(instance);

  test('someone is sick and someone is not', () => {
    expect(sick).toBeGreaterThan(0);
    expect(well).toBeGreaterThan(0);
  });

  test('one of many', () => {
    const fleet = enlarge(evidence, (instance) => (isSick(instance) ? 1 : Math.ceil((ENGINES - sick) / well)));
    const verdict = same(fleet, episode.profile);
    const named = verdict.coverage?.each.map(({ replica }) => replica) ?? [];
    for (const { id: replica, instance } of fleet.replicas) if (isSick(instance)) expect(named).toContain(replica);
  });

  test('a third of them', () => {
    same(
      enlarge(evidence, (instance) =>
        Math.ceil((isSick(instance) ? ENGINES / 3 : (2 * ENGINES) / 3) / (isSick(instance) ? sick : well)),
      ),
      episode.profile,
    );
  });
});

test('two models, one of them sick', async () => {
  const [ill, fit] = await Promise.all([fleetOf('kv-cache-thrashing/strong/2'), fleetOf('healthy-steady/none/1000')]);
  const grid = ill.evidence.grid;
  const count = Math.min(grid.count, fit.evidence.grid.count);
  const last = <T>(values: readonly T[]) => values.slice(values.length - count);
  const cut = (evidence: Evidence, model: string): Evidence => ({
    ...evidence,
    grid: { ...grid, from: grid.from + (grid.count - count) * grid.step, count },
    replicas: evidence.replicas.map((replica) => ({
      ...replica,
      id: `${model}-${replica.id}`,
      instance: `${model}-${replica.instance}`,
      model,
    })),
    readings: Object.fromEntries(
      Object.entries(evidence.readings).map(([key, reading]) => {
        const moved = <T extends { readonly replica: string }>(list: readonly T[]) =>
          list.map((one) => ({ ...one, replica: `${model}-${one.replica}` }));
        return [
          key,
          {
            ...reading,
            lines: moved(reading.lines).map((line) => ({ ...line, values: last(line.values) })),
            histograms: moved(reading.histograms).map((h) => ({
              ...h,
              cumulative: h.cumulative.map(last),
              count: last(h.count),
              sum: last(h.sum),
            })),
            labels: moved(reading.labels),
          },
        ];
      }),
    ),
  });
  const [a, b] = [cut(ill.evidence, 'ill'), cut(fit.evidence, 'fit')].map((one) =>
    enlarge(one, () => Math.ceil(ENGINES / one.replicas.length)),
  ) as [Evidence, Evidence];
  const both: Evidence = {
    ...a,
    replicas: [...a.replicas, ...b.replicas],
    readings: Object.fromEntries(
      Object.entries(a.readings).map(([key, reading]) => {
        const other = b.readings[key as keyof Evidence['readings']];
        return [
          key,
          {
            ...reading,
            lines: [...reading.lines, ...(other?.lines ?? [])],
            histograms: [...reading.histograms, ...(other?.histograms ?? [])],
            labels: [...reading.labels, ...(other?.labels ?? [])],
          },
        ];
      }),
    ),
  };
  const verdict = same(both, 'chat');
  expect(verdict.findings[0]?.model).toBe('ill');
}, 120_000);
