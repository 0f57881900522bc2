import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CRITERIA } from '../signals/criteria.ts';
import { type Candidate, choose, USUAL } from './choose.ts';

type Marks = Readonly<Partial<Record<string, number>>>;

const CALM: Readonly<Record<string, number>> = {
  down: 1,
  gaps: 0,
  restarts: 0,
  waiting: 0,
  preemptions: 0,
  failures: 0,
  itl: 0.03,
  ttft: 0.2,
  pace: 20,
  usage: 0.4,
  running: 20,
};

function fleet(
  count: number,
  marks: (k: number) => Marks = () => ({}),
  about: (k: number) => Partial<Candidate> = () => ({}),
): Candidate[] {
  return Array.from({ length: count }, (_, k) => ({
    id: `vllm-${k}`,
    instance: `vllm-${k}`,
    model: 'm',
    ...about(k),
    marks: { ...CALM, ...(marks(k) as Readonly<Record<string, number>>) },
  }));
}

test('every criterion has a number on calm engines, or is not measured on them', () => {
  const known = new Set([...Object.keys(CALM), 'hit-rate', 'acceptance', 'memory']);
  expect(CRITERIA.filter(({ id }) => !known.has(id))).toEqual([]);
});

describe('one that stands out', () => {
  test.each([
    ['a queue', { waiting: 12 }, 'the longest queues'],
    ['slow tokens', { itl: 0.09 }, 'the slowest tokens'],
    ['restarts', { restarts: 2 }, 'it restarted'],
    ['failed scrapes', { down: 0.4 }, 'its scrapes fail'],
    ['aborts', { failures: 0.5 }, 'the most failed or aborted requests'],
    ['a stop', { pace: 0 }, 'the fewest tokens for what runs on it'],
  ] as const)('%s', (_, marks, because) => {
    const { each, groups } = choose(fleet(1000, (k) => (k === 617 ? marks : {})));
    expect(each.find(({ id }) => id === 'vllm-617')).toEqual({ id: 'vllm-617', because, striking: true });
    expect(each.filter((one) => one.because === USUAL)).toHaveLength(8);
    expect(groups.map(({ name, calm }) => [name, calm])).toEqual([['991 others', true]]);
  });
});

test('a third of the fleet: the worst by name, the others of them apart from the calm', () => {
  const { each, groups } = choose(fleet(999, (k) => (k % 3 === 0 ? { waiting: 30 + (k % 5) } : {})));
  expect(each.filter(({ because }) => because === 'the longest queues')).toHaveLength(4);
  expect(groups.map(({ name }) => name)).toEqual(['329 others that queue', '658 others']);
  expect(groups[0]?.instances).toContain('vllm-3');
});

test('odd ones of rare kinds are no part of the calm mean', () => {
  const odd = (k: number) => (k < 10 ? { waiting: 20 } : k < 14 ? { itl: 0.2 } : {});
  const { each, groups } = choose(fleet(1000, odd));
  const behindCalm = groups.find(({ calm }) => calm)?.ids ?? [];
  expect(behindCalm.filter((id) => Number(id.slice(5)) < 14)).toEqual([]);
  expect(each.length + groups.reduce((sum, { ids }) => sum + ids.length, 0)).toBe(1000);
});

test('most of them sick: then the calm stand out, and the sick are what is usual', () => {
  const { groups } = choose(fleet(100, (k) => (k < 90 ? { waiting: 40, pace: 5 } : {})));
  expect(groups.find(({ calm }) => calm)?.ids).toContain('vllm-50');
});

test('engines behind one target stay together', () => {
  const { each } = choose(
    fleet(
      400,
      (k) => (k === 100 ? { waiting: 9 } : {}),
      (k) => ({ instance: `vllm-${Math.floor(k / 8)}` }),
    ),
  );
  const chosen = each.map(({ id }) => Number(id.slice(5)));
  for (const k of chosen) expect(chosen).toContain(8 * Math.floor(k / 8) + 7);
  expect(chosen).toContain(100);
});

test('a model of few replicas is looked at one by one beside a large one', () => {
  const { each, groups } = choose(
    fleet(
      300,
      () => ({}),
      (k) => ({ model: k < 4 ? 'small' : 'large' }),
    ),
  );
  expect(each.filter(({ id }) => Number(id.slice(5)) < 4)).toHaveLength(4);
  expect(groups.map(({ name, model }) => [name, model])).toEqual([['288 others (large)', 'large']]);
});

test('whatever the numbers: each engine once, by itself or in one mean', () => {
  const mark = fc.oneof(fc.constant(null), fc.double({ min: 0, max: 1e6, noNaN: true }));
  const candidates = fc
    .array(fc.record({ waiting: mark, itl: mark, usage: mark, down: mark, target: fc.nat(60), model: fc.nat(3) }), {
      minLength: 1,
      maxLength: 120,
    })
    .map((all) =>
      all.map(
        ({ target, model, ...marks }, k): Candidate => ({
          id: `e${k}`,
          instance: `i${target}`,
          model: `m${model}`,
          marks,
        }),
      ),
    );
  fc.assert(
    fc.property(candidates, (all) => {
      const { each, groups } = choose(all);
      const seen = [...each.map(({ id }) => id), ...groups.flatMap(({ ids }) => ids)];
      expect(seen.sort()).toEqual(all.map(({ id }) => id).sort());
      expect(new Set(groups.map(({ name }) => name)).size).toBe(groups.length);
    }),
    { numRuns: 300 },
  );
});
