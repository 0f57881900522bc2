import { expect, test } from 'vitest';
import { endOf, timeAt } from '../../base/grid.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { judgedOf } from '../../evidence/judged.ts';
import { sliceEvidence } from '../../evidence/slice.ts';
import { engineStall } from './detector.ts';
import { ONSET, SCENES, VARIANTS } from './scenes.ts';

const LIMITS = { ttft: 0.5, tbt: 0.05, e2e: 10 };
const judge = (evidence: Evidence) => engineStall.judge(judgedOf(evidence, LIMITS, false));

test('sick, silent: found with its onset', () => {
  const finding = judge(SCENES.sick);
  expect(finding).toMatchObject({
    state: 'detected',
    variant: 'silent',
    severity: 'critical',
    until: null,
    scope: { kind: 'fleet', instances: ['vllm-0'] },
  });
  expect(finding.score).toBe(1);
  expect(Math.abs((finding.since ?? 0) - ONSET)).toBeLessThanOrEqual(20);
});

test('sick: seconds without a step, requests that hold their seats, a target that answers', () => {
  const [silence, running, up] = judge(SCENES.sick).facts;
  const { grid } = SCENES.sick;
  expect(silence).toMatchObject({ observed: endOf(grid) - ONSET, unit: 'seconds', expected: 0 });
  expect(silence?.query).toContain('iteration_tokens_total_count');
  expect(running).toMatchObject({ signal: 'running', observed: 12 });
  expect(up).toMatchObject({ signal: 'up', observed: 1 });
});

test('it is called within a minute, and not before 25 s', () => {
  const { grid } = SCENES.sick;
  const at = (seconds: number) => judge(sliceEvidence(SCENES.sick, ONSET + seconds)).state;
  expect(at(25)).toBe('ruled-out');
  expect(at(60)).toBe('detected');
  expect(judge(sliceEvidence(SCENES.sick, timeAt(grid, 30))).state).toBe('ruled-out');
});

test('live-lock: gauges move without one token, and the sentences fit', () => {
  const finding = judge(VARIANTS.liveLock);
  expect(finding).toMatchObject({ state: 'detected', variant: 'live-lock', severity: 'critical' });
  expect(finding.lede).toMatch(/while 177 requests wait\./);
  expect(finding.facts[1]).toMatchObject({ signal: 'waiting', observed: 177 });
  expect(JSON.stringify(finding)).not.toMatch(/\b0 (answers|requests|open)/);
});

test('a request longer than the pool: KV swings between empty and full without one token, and the remedy names the pool', () => {
  const finding = judge(VARIANTS.neverFits);
  expect(finding).toMatchObject({ state: 'detected', variant: 'live-lock', severity: 'critical' });
  expect(finding.story?.broke?.says).toMatch(/^KV usage swings by 0\.9\d and not one token/);
  const labels = VARIANTS.neverFits.readings['cache-config']?.labels[0]?.labels ?? {};
  const pool = Number(labels.num_gpu_blocks) * Number(labels.block_size);
  expect(finding.remedies[0]).toMatchObject({ knob: 'max-model-len', to: pool, flag: `--max-model-len ${pool}` });
});

test('nobody is let in while nothing runs: no hung engine, since a hung one shows no newcomer', () => {
  const finding = judge(VARIANTS.shutOut);
  expect(finding).toMatchObject({ state: 'detected', variant: 'live-lock' });
  expect(finding.remedies[0]?.knob).toBe('max-model-len');
  expect(judge(SCENES.sick).remedies.map((r) => r.knob)).not.toContain('max-model-len');
});

test('recovering: over, and its queue is still there', () => {
  const finding = judge(VARIANTS.recovering);
  const { grid } = VARIANTS.recovering;
  expect(finding).toMatchObject({ state: 'detected', variant: 'recovering', severity: 'warning' });
  expect(Math.abs((finding.since ?? 0) - timeAt(grid, 39))).toBeLessThanOrEqual(20);
  expect(finding.until).not.toBeNull();
  expect(finding.until).toBeLessThanOrEqual(timeAt(grid, 75));
  // 48 requests fewer in 30 s: 324 are gone in some 200 s.
  expect(finding.remedies[0]?.steps).toEqual([{ sum: '324 waiting ÷ 1.6/s', result: 'about 3 min' }]);
  expect(324 / 1.6 / 60).toBeCloseTo(3.4, 1);
});

test('everybody hung up at that moment: the gauges may be left over, so it is less sure', () => {
  expect(judge(VARIANTS.hungUp).confidence).toBeLessThanOrEqual(0.6);
  expect(judge(SCENES.sick).confidence).toBeGreaterThan(0.9);
});

test('healthy: silence at rest', () => {
  expect(judge(SCENES.healthy)).toMatchObject({
    state: 'ruled-out',
    because: '0 requests run and 0 wait, so silence is rest',
  });
});

test('an engine put to sleep is not stalled', () => {
  const awake = {
    ...(SCENES.sick.readings.up as NonNullable<typeof SCENES.sick.readings.up>),
    signal: 'engine-awake' as const,
    lines: [{ replica: 'vllm-0', part: '', values: Array.from({ length: 80 }, (_, i) => (i < 40 ? 1 : 0)) }],
  };
  expect(judge({ ...SCENES.sick, readings: { ...SCENES.sick.readings, 'engine-awake': awake } }).state).toBe(
    'ruled-out',
  );
});

test('look-alike: half a minute behind one long prompt', () => {
  const finding = judge(SCENES.lookAlike);
  expect(finding.state).toBe('ruled-out');
  expect(finding.because).toMatch(/^no token for 30 s, but KV usage or running moves/);
});

test('blind: without running it cannot tell', () => {
  expect(judge(SCENES.blind)).toMatchObject({ state: 'cannot-tell', missing: ['running'] });
});
