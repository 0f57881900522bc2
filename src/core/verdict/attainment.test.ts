import { expect, test } from 'vitest';
import { timeAt } from '../base/grid.ts';
import { buildScene } from '../evidence/notation.ts';
import { attainmentOf } from './attainment.ts';
import { PROFILES, PROFILE_IDS, targetsOf } from './profiles.ts';

/** 60 s at 2/s in time, then 150 s of which a quarter is late. */
const scene = buildScene({
  histograms: {
    ttft: '0.2*2x11 0.2*1.5,2*0.5x29',
    'time-per-output-token': '0.03*2x41',
    e2e: '4*2x11 4*1,20*1x29',
  },
});
const onset = timeAt(scene.grid, 12);
const find = (
  metric: 'ttft' | 'tpot' | 'e2e',
  profile: 'chat' | 'code-completion' | 'agentic',
  since: number | null = onset,
) => {
  const found = attainmentOf(scene, targetsOf(profile), since).find((a) => a.metric === metric);
  if (!found) throw new Error(metric);
  return found;
};

test.each([
  // a target on a bucket edge is exact
  ['ttft', 'chat', { low: 0.75, high: 0.75 }],
  ['e2e', 'chat', { low: 0.5, high: 0.5 }],
  ['tpot', 'chat', { low: 1, high: 1 }],
  // 0.2 lies inside (0.1, 0.25]: none to three quarters
  ['ttft', 'code-completion', { low: 0, high: 0.75 }],
  // 2 lies inside (1, 2.5]: three quarters to all
  ['ttft', 'agentic', { low: 0.75, high: 1 }],
  // 30 ms lies inside (25, 50] ms
  ['tpot', 'code-completion', { low: 0, high: 1 }],
] as const)('%s under %s', (metric, profile, share) => {
  const { now } = find(metric, profile);
  expect(now?.low).toBeCloseTo(share.low, 9);
  expect(now?.high).toBeCloseTo(share.high, 9);
});

test('before the onset, and how many were seen in the last two minutes', () => {
  const ttft = find('ttft', 'chat');
  expect(ttft.before).toEqual({ low: 1, high: 1 });
  expect(ttft.observed).toBeCloseTo(2 * 120, 6);
  expect(ttft.target).toBe(0.5);
  expect(ttft.trend).toHaveLength(scene.grid.count);
});

test('an onset within two minutes starts the count there', () => {
  const late = attainmentOf(scene, PROFILES.chat, timeAt(scene.grid, 36));
  expect(late.find((a) => a.metric === 'ttft')?.observed).toBeCloseTo(2 * 30, 6);
});

test('without an onset there is no before; without a histogram, or with nobody served, no share', () => {
  expect(find('ttft', 'chat', null).before).toBeNull();
  const empty = attainmentOf(buildScene({ steps: 10, histograms: { ttft: '- ...' } }), PROFILES.chat, null);
  expect(empty.map((a) => [a.metric, a.now, a.observed])).toEqual([
    ['ttft', null, 0],
    ['tpot', null, 0],
    ['e2e', null, 0],
  ]);
});

test('profiles: the textbook’s targets, and custom ones from chat', () => {
  expect(PROFILE_IDS.map((id) => [id, targetsOf(id).ttft, targetsOf(id).tbt, targetsOf(id).e2e])).toEqual([
    ['chat', 0.5, 0.05, 10],
    ['code-completion', 0.2, 0.03, 3],
    ['rag', 1, 0.08, 15],
    ['agentic', 2, 0.1, 30],
    ['batch', 5, 0.1, 60],
    ['custom', 0.5, 0.05, 10],
  ]);
  expect(targetsOf('custom', { ttft: 3 })).toEqual({ profile: 'custom', ttft: 3, tbt: 0.05, e2e: 10, objective: 0.95 });
});
