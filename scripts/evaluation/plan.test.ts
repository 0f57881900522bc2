import { expect, test } from 'vitest';
import { sinceOnset } from './phases.ts';
import { tasksOf } from './plan.ts';
import { ablationMomentsOf, momentsOf } from './watch.ts';

test('a recording is watched like an episode: calm, trouble, fine looks, ablations', async () => {
  const plan = { seed: 1, perKind: 1, only: 'recordings', kinds: ['imbalance'], ablateEvery: 1 } as const;
  const [task, ...others] = await tasksOf(plan);
  expect(others).toEqual([]);
  const watched = await task?.run();
  expect(watched).toMatchObject({ source: 'recorded', scoped: false, fine: [] });
  expect(watched?.moments.at(-1)).toMatchObject({ status: expect.stringMatching(/degraded|critical/), replicas: 2 });
  expect(watched?.moments.at(-1)?.findings[0]).toMatchObject({ pathology: 'load-imbalance' });
  if (!watched) throw new Error('nothing was watched');
  expect(sinceOnset(watched).length).toBeGreaterThan(10);
  // Without a neighbour beside it no replica is out of balance.
  const alone = watched.ablations['no-peers'] ?? [];
  expect(alone.length).toBeGreaterThan(4);
  expect(alone.some(({ findings }) => findings.some(({ pathology }) => pathology === 'load-imbalance'))).toBe(false);
  expect(JSON.stringify(watched)).not.toContain('vllm:');
}, 60_000);

test('ablations are judged at moments that the full product is judged at', () => {
  const all = momentsOf(1000, 2207);
  expect(all[0]).toBeGreaterThanOrEqual(1045);
  expect(all.at(-1)).toBe(2207);
  expect(ablationMomentsOf(1000, 2207).every((at) => all.includes(at))).toBe(true);
});
