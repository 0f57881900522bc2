import { describe, expect, test } from 'vitest';
import { SCENES } from '../detectors/kv-cache-thrashing/scenes.ts';
import { diagnose } from '../verdict/diagnose.ts';
import { targetsOf } from '../verdict/profiles.ts';
import type { Verdict } from '../verdict/verdict.ts';
import { disagreements } from './snapshot.ts';
import { type Upgrader, upgrade, VersionError } from './upgrade.ts';

const sick = diagnose(SCENES.sick, targetsOf('chat'));
const [first] = sick.findings;
if (!first) throw new Error('the scene should be sick');

describe('rules of today against those of that day', () => {
  test('alike: nothing to say', () => {
    expect(disagreements(sick, { ...sick, headline: 'said in other words' })).toEqual([]);
  });

  test.each<[string, Partial<Verdict>, RegExp]>([
    ['another status', { status: 'healthy' }, /status was .* healthy now/],
    ['another first finding', { findings: [{ ...first, pathology: 'other', title: 'Other' }] }, /is Other now/],
    ['nothing found any more', { findings: [] }, /is none now/],
    ['less sure', { findings: [{ ...first, confidence: 0.1 }, ...sick.findings.slice(1)] }, /is a guess \(0\.10\) now/],
    [
      'one more found',
      { findings: [...sick.findings, { ...first, pathology: 'other', title: 'Other' }] },
      /Newly found: Other/,
    ],
  ])('%s', (_, change, says) => {
    expect(disagreements(sick, { ...sick, ...change }).join(' ')).toMatch(says);
  });

  test('a little less sure within the same word is no disagreement', () => {
    const at = (confidence: number): Verdict => ({ ...sick, findings: [{ ...first, confidence }] });
    expect(disagreements(at(0.9), at(0.85))).toEqual([]);
  });
});

describe('upgrading', () => {
  /** Made up: version 1 called the targets `slo`, version 2 kept its times in milliseconds. */
  const steps: readonly Upgrader[] = [
    ({ slo, ...rest }) => ({ ...rest, targets: slo }),
    (json) => ({ ...json, takenAt: Number(json['takenAt']) / 1000 }),
  ];

  test('each version goes through the steps that are ahead of it, and no other', () => {
    const done = { schema: 'vllm-triage/snapshot/3', targets: 'chat', takenAt: 5 };
    expect(upgrade({ schema: 'vllm-triage/snapshot/1', slo: 'chat', takenAt: 5000 }, steps)).toEqual(done);
    expect(upgrade({ schema: 'vllm-triage/snapshot/2', targets: 'chat', takenAt: 5000 }, steps)).toEqual(done);
    expect(upgrade(done, steps)).toEqual(done);
  });

  test('a version to come is refused kindly', () => {
    expect(() => upgrade({ schema: 'vllm-triage/snapshot/4' }, steps)).toThrow(/version 4.*up to 3.*newer/);
  });

  test.each([[null], ['text'], [{}], [{ schema: 'vllm-triage/verdict/1' }], [{ schema: 'vllm-triage/snapshot/0' }]])(
    '%j is no snapshot',
    (json) => {
      expect(() => upgrade(json)).toThrow(VersionError);
    },
  );
});
