import { expect, test } from 'vitest';
import { timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { mapValues, sliceEvidence } from '../../evidence/slice.ts';
import { crashLoop } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => crashLoop.judge(judgedOf(evidence, LIMITS, false));
const cutAt = (evidence: Evidence, step: number) => judge(sliceEvidence(evidence, timeAt(evidence.grid, step)));

test('sick: one restart with work on it, proven by a new start time', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({
    state: 'detected',
    variant: 'restarted',
    severity: 'warning',
    confidence: 0.95,
    scope: { kind: 'instances', instances: ['vllm-1'] },
    until: timeAt(SCENES.sick.grid, 51),
  });
  expect(Math.abs((finding.since ?? 0) - ONSET)).toBeLessThanOrEqual(5);
  const [ended, refused, lost] = finding.facts;
  expect(ended).toMatchObject({ figure: '1', signal: 'process-start' });
  expect(refused).toMatchObject({ signal: 'scrape-duration', observed: 0.0009, expected: 0.01 });
  expect(lost).toMatchObject({ signal: 'running', observed: 4 });
});

test('called while it is down, within 45 s, and surer once the start time proves it', () => {
  const down = cutAt(SCENES.sick, 42);
  expect(down).toMatchObject({ state: 'detected', variant: 'down', severity: 'warning' });
  expect(down.confidence).toBeLessThan(judge(SCENES.sick).confidence);
  expect(cutAt(SCENES.sick, 40).state).toBe('ruled-out');
});

test('severity: a peer serves: warning; nobody serves, or it comes again: critical', () => {
  expect(judge(VARIANTS.down)).toMatchObject({ variant: 'down', severity: 'warning' });
  expect(judge(VARIANTS.alone)).toMatchObject({ variant: 'down', severity: 'critical', scope: { kind: 'fleet' } });
  expect(judge(VARIANTS.loop)).toMatchObject({ variant: 'loop', severity: 'critical', score: 1 });
  expect(judge(VARIANTS.loop).facts[0]).toMatchObject({ observed: 3 });
});

test('ten minutes after its return a restart is a remark, and leaves the status alone', () => {
  const { grid } = SCENES.sick;
  // The scene with its last value held for 10 min more.
  const later = mapValues(SCENES.sick, { ...grid, count: grid.count + 120 }, (values) => [
    ...values,
    ...Array.from({ length: 120 }, () => values[values.length - 1] ?? null),
  ]);
  expect(judge(later)).toMatchObject({ state: 'detected', severity: 'info', variant: 'restarted' });
});

test('why: killed for its memory, with a limit that follows from the peak', () => {
  const finding = judge(VARIANTS.oom);
  expect(finding.lede).toContain('the kernel killed the container for its memory');
  // The limit of 64 GiB and a quarter.
  const raise = finding.remedies.find((r) => r.title.includes('memory limit'));
  expect(raise).toMatchObject({ from: '64 GiB', to: `${64 * 1.25} GiB` });
});

test('without a reason: read the log; the reserve given back counts from the label', () => {
  const { remedies, ask } = judge(SCENES.sick);
  expect(remedies[0]?.steps[0]?.sum).toContain('--previous');
  expect(remedies.find((r) => r.knob === 'gpu-memory-utilization')).toMatchObject({
    from: 0.9,
    to: 0.87,
    flag: '--gpu-memory-utilization 0.87',
  });
  expect(ask).toContain('kube-state-metrics');
});

test('a loop: the startup probe outlives the start that was measured', () => {
  const probe = judge(VARIANTS.loop).remedies.find((r) => r.title.includes('start is not what kills'));
  // Away from the last good scrape to the first again: 10 steps of 5 s, doubled, up to a minute.
  expect(probe?.to).toBe(`failureThreshold ${(Math.ceil((2 * 50) / 60) * 60) / 10}`);
});

test('healthy: drained, restarted, taken back; also while it is away', () => {
  expect(judge(SCENES.healthy)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringMatching(/^1 restart,.*0 requests/),
  });
  expect(cutAt(SCENES.healthy, 45).state).toBe('ruled-out');
  expect(judge(VARIANTS.leftEmpty).state).toBe('ruled-out');
});

test('a rollout that does not drain is advice: once each, one after another', () => {
  expect(judge(VARIANTS.rollout)).toMatchObject({ state: 'detected', variant: 'rollout', severity: 'info' });
  expect(judge(VARIANTS.rollout).remedies.map((r) => r.title)).toEqual(['Drain a replica before it is stopped']);
});

test('look-alike: scrapes that run into their time-out are no crash', () => {
  expect(judge(SCENES.lookAlike)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringContaining('does not refuse'),
  });
});

test('every target refuses from one scrape to the next: not called a crash of all', () => {
  expect(judge(VARIANTS.everyTarget)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringContaining('all 2 targets at once'),
  });
});

test('several API servers: no start time, so it is never surer than 0.6', () => {
  const finding = judge(VARIANTS.severalServers);
  expect(finding).toMatchObject({ state: 'detected', missing: ['process-start'] });
  expect(finding.confidence).toBeLessThanOrEqual(0.6);
});

test('a scrape gap: the same process answers afterwards', () => {
  const starts = SCENES.sick.readings['process-start'];
  const same: Evidence = {
    ...SCENES.sick,
    readings: {
      ...SCENES.sick.readings,
      'process-start': {
        ...(starts as NonNullable<typeof starts>),
        lines: (starts?.lines ?? []).map((l) => ({
          ...l,
          values: l.values.map((v) => (v === null ? null : 1_799_990_000)),
        })),
      },
    },
  };
  expect(judge(same)).toMatchObject({
    state: 'ruled-out',
    because: expect.stringContaining('the same process answers'),
  });
});

test('a start time that jitters in its last digits is one process', () => {
  const starts = SCENES.healthy.readings['process-start'];
  const jitter: Evidence = {
    ...SCENES.healthy,
    readings: {
      ...SCENES.healthy.readings,
      'process-start': {
        ...(starts as NonNullable<typeof starts>),
        lines: (starts?.lines ?? []).map((l) => ({
          ...l,
          values: l.values.map((v, i) => (v === null ? null : 1_799_990_000 + 0.01 * (i % 3))),
        })),
      },
    },
  };
  expect(judge(jitter).state).toBe('ruled-out');
});

test('scraped once a minute: one lost scrape, and the start time tells', () => {
  const finding = judge(VARIANTS.minuteScrapes);
  expect(finding).toMatchObject({ state: 'detected', variant: 'restarted' });
  expect(Math.abs((finding.since ?? 0) - timeAt(VARIANTS.minuteScrapes.grid, 30))).toBeLessThanOrEqual(45);
});

test('blind: samples stop and neither up nor a start time is kept', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['up'] });
});

test('one restart that nobody feels, at scrapes too slow to see a drain, is a remark; at 5 s scrapes its lost requests are seen', () => {
  const slow = { ...VARIANTS.down, scrapeInterval: 15 };
  expect(judge(slow)).toMatchObject({ state: 'detected', severity: 'info' });
  expect(judge(VARIANTS.down)).toMatchObject({ state: 'detected', severity: 'warning' });
  // Again and again is no plan, however slow the scrapes.
  expect(judge({ ...VARIANTS.loop, scrapeInterval: 15 })).toMatchObject({ severity: 'critical' });
});
