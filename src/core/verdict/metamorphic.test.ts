import { describe, expect, test } from 'vitest';
import { DETECTORS } from '../detectors/index.ts';
import type { Evidence, Reading } from '../evidence/evidence.ts';
import { diagnose } from './diagnose.ts';
import { targetsOf } from './profiles.ts';

/** What leaves the verdict alone in the world must leave it alone here (pathologies.md §11); the rest stands in diagnose.test.ts. */
const CHAT = targetsOf('chat');
const sick: [string, Evidence][] = await Promise.all(
  DETECTORS.map(async ({ id }): Promise<[string, Evidence]> => {
    const book = (await import(`../detectors/${id}/scenes.ts`)) as { SCENES: { sick: Evidence } };
    return [id, book.SCENES.sick];
  }),
);

function mapReadings(evidence: Evidence, change: (reading: Reading) => Reading): Evidence['readings'] {
  return Object.fromEntries(Object.entries(evidence.readings).map(([id, reading]) => [id, change(reading)]));
}

/** Each replica twice: twice the traffic on twice the capacity. */
function doubled(evidence: Evidence): Evidence {
  const twin = (id: string) => `twin-of-${id}`;
  const again = <T extends { readonly replica: string }>(list: readonly T[]): T[] => [
    ...list,
    ...list.map((one) => ({ ...one, replica: twin(one.replica) })),
  ];
  return {
    ...evidence,
    replicas: [
      ...evidence.replicas,
      ...evidence.replicas.map((r) => ({ ...r, id: twin(r.id), instance: twin(r.instance) })),
    ],
    readings: mapReadings(evidence, (r) => ({
      ...r,
      lines: again(r.lines),
      histograms: again(r.histograms),
      labels: again(r.labels),
    })),
  };
}

describe('twice the traffic on twice the capacity', () => {
  test.each(sick)('%s leads as before, on twice as many replicas', (id, evidence) => {
    const before = diagnose(evidence, CHAT).findings[0];
    const after = diagnose(doubled(evidence), CHAT).findings[0];
    expect(after?.pathology).toBe(id);
    expect(after?.severity).toBe(before?.severity);
    expect(after?.since).toBe(before?.since);
    expect(after?.scope.instances.length).toBe(2 * (before?.scope.instances.length ?? 0));
  });
});

describe('one model under two names', () => {
  test.each(sick)('%s: the twins served under another name have the same trouble', (id, evidence) => {
    const split = doubled(evidence);
    const renamed = {
      ...split,
      replicas: split.replicas.map((r) => (r.id.startsWith('twin-of-') ? { ...r, model: `${r.model}-b` } : r)),
    };
    const verdict = diagnose(renamed, CHAT);
    expect(verdict.findings[0]?.pathology).toBe(id);
    expect(
      verdict.findings
        .filter((f) => f.pathology === id)
        .map((f) => f.model)
        .sort(),
    ).toEqual([...new Set(renamed.replicas.map((r) => r.model))].sort());
  });
});

describe('all data gone', () => {
  test.each(sick)('%s: cannot tell, and nothing is ruled out', (_, evidence) => {
    const empty = {
      ...evidence,
      readings: mapReadings(evidence, (r) => ({ ...r, state: 'absent', lines: [], histograms: [], labels: [] })),
    };
    const verdict = diagnose(empty, CHAT);
    expect(verdict.status).toBe('unknown');
    expect(verdict.findings.map((f) => f.pathology)).toEqual(['telemetry-gap']);
    expect(verdict.ruledOut).toEqual([]);
  });
});
