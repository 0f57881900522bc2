import { expect, test } from 'vitest';
import { timeAt, type Values } from '../base/grid.ts';
import { SCENES } from '../detectors/kv-cache-thrashing/scenes.ts';
import type { Evidence, Reading } from '../evidence/evidence.ts';

import { diagnose } from './diagnose.ts';
import { targetsOf } from './profiles.ts';

const { sick } = SCENES;
const { grid } = sick;

/** The scene with a line of a signal nobody scrapes otherwise. */
function besides(part: string, values: Values): Evidence {
  const reading = {
    signal: 'deploys' as const,
    state: 'present' as const,
    metrics: ['kube_deployment_status_observed_generation'],
    query: 'q',
    lines: [{ replica: sick.replicas[0]?.id ?? '', part, values }],
    histograms: [],
    labels: [],
  };
  return { ...sick, readings: { ...sick.readings, deploys: reading } };
}

const generation = (changes: number): Values => Array.from({ length: grid.count }, (_, i) => (i < changes ? 7 : 8));

test('a deployment changed before the onset is named beside what is measured to have changed', () => {
  const plain = diagnose(sick, targetsOf('chat')).findings[0]?.story?.changed;
  const verdict = diagnose(besides('vllm-chat', generation(30)), targetsOf('chat'));
  expect(verdict.findings[0]?.pathology).toBe('kv-cache-thrashing');
  expect(verdict.findings[0]?.story?.changed).toMatchObject({ title: plain?.title });
  expect(verdict.findings[0]?.story?.changed?.says).toMatch(
    /deployment vllm-chat was changed at \d\d:\d\d UTC, .* before$/,
  );
});

test('one after the onset is not', () => {
  const verdict = diagnose(besides('vllm-chat', generation(grid.count - 2)), targetsOf('chat'));
  expect(JSON.stringify(verdict.findings[0]?.story)).not.toContain('vllm-chat');
});

test('settings that changed before the onset are named, as what is more exact than the deployment that brought them', () => {
  const deployed = besides('vllm-chat', generation(30));
  const config = deployed.readings['cache-config'] as Reading;
  const earlier = config.labels.map(({ replica, labels }) => ({
    replica,
    labels: { ...labels, num_gpu_blocks: '9000' },
    until: timeAt(grid, 30),
  }));
  const evidence = { ...deployed, readings: { ...deployed.readings, 'cache-config': { ...config, earlier } } };
  const { findings } = diagnose(evidence, targetsOf('chat'));
  expect(findings[0]?.story?.changed?.says).toMatch(/KV blocks 9,000 → [\d,]+ at \d\d:\d\d UTC, .* before$/);
  expect(findings[0]?.pathology).toBe('kv-cache-thrashing');
});

test('neither moves the verdict', () => {
  const without = (evidence: Evidence) => {
    const { status, headline, findings } = diagnose(evidence, targetsOf('chat'));
    return { status, headline, findings: findings.map(({ pathology, confidence }) => [pathology, confidence]) };
  };
  expect(without(besides('vllm-chat', generation(30)))).toEqual(without(sick));
});
