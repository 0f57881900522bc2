import { expect, test } from 'vitest';
import { SCENES, VARIANTS } from '../detectors/engine-stall/scenes.ts';
import { SCENES as THRASH } from '../detectors/kv-cache-thrashing/scenes.ts';
import { SCENES as IMBALANCE } from '../detectors/load-imbalance/scenes.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { judgedOf } from '../evidence/judged.ts';
import { buildScene } from '../evidence/notation.ts';
import { motionOf, worstMotion } from './motion.ts';

const motion = (evidence: Evidence) =>
  worstMotion(motionOf(judgedOf(evidence, { ttft: 0.5, tbt: 0.05, e2e: 10 }, false)));

test('true silence, left-over gauges, live-lock and rest are told apart', () => {
  expect(motion(SCENES.sick)?.movement).toBe('silent');
  expect(motion(VARIANTS.hungUp)?.movement).toBe('left-over');
  expect(motion(VARIANTS.neverFits)?.movement).toBe('live-lock');
  expect(motion(VARIANTS.shutOut)?.movement).toBe('live-lock');
  expect(motion(SCENES.healthy)?.movement).toBe('idle');
});

test('a long prompt is being read: the cache grows though no token comes', () => {
  const reading = motion(SCENES.lookAlike);
  expect(reading?.movement).toBe('reading');
  expect(reading?.growth).toBeGreaterThan(0);
  expect(reading?.says).toMatch(/^It is not hung: no token for \d+ s, but the cache grows by/);
});

test('thrashing is slow, not hung: the pace of one request is output ÷ running', () => {
  const thrash = motion(THRASH.sick);
  const line = (id: 'running' | 'output-tokens') => THRASH.sick.readings[id]?.lines[0]?.values.at(-1) as number;
  expect(thrash?.movement).toMatch(/moving|slow/);
  expect(thrash?.perRequest).toBeCloseTo(line('output-tokens') / line('running'), 0);
  expect(thrash?.says).toMatch(/^It is not hung/);
});

test('a token every two seconds is slow, and the time until the cache is full is free ÷ growth', () => {
  const slow = motion(
    buildScene({
      lines: {
        running: '20',
        waiting: '0x40',
        'kv-cache-usage': '0.2+0.01x40',
        'output-tokens': '10',
        'computed-prompt-tokens': '22',
      },
      histograms: { ttft: '1*0.1', 'step-tokens': '20*0.5' },
      labels: { 'cache-config': { block_size: '16', num_gpu_blocks: '1000' } },
    }),
  );
  expect(slow).toMatchObject({ movement: 'slow', perRequest: 0.5, written: 32 });
  // 0.01 × 16,000 tokens in 5 s; 0.4 × 16,000 are free.
  expect(slow?.growth).toBeCloseTo(32, 5);
  expect(slow?.full).toBeCloseTo(200, 0);
  expect(slow?.says).toMatch(
    /a token every 2 s\. The cache grows by 32 tokens\/s of the 32 written and is full in 3 min\.$/,
  );
});

test('of several that move it speaks of the one that most people wait for', () => {
  const hot = motion(IMBALANCE.sick);
  expect(hot?.movement).toBe('moving');
  const running = IMBALANCE.sick.readings.running?.lines.map(
    (line) => [line.replica, line.values.at(-1) ?? 0] as const,
  );
  expect(hot?.replica).toBe(running?.sort((a, b) => b[1] - a[1])[0]?.[0]);
});

test('an engine nobody sees has no motion', () => {
  expect(motion(SCENES.blind)).toBeNull();
});
