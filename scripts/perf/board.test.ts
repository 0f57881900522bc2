import { parser } from '@prometheus-io/lezer-promql';
import { expect, test } from 'vitest';
import { buildScene } from '../../src/core/evidence/notation.ts';
import { PANELS } from '../../src/core/panels/index.ts';
import { fleetBoard, perInstance, replicaBoard } from './board.ts';

const evidence = buildScene({ steps: 12, selector: '{job="vllm"}' });

/** Labels every aggregation of a query keeps, and whether the real grammar reads it. */
function readQuery(query: string): { sound: boolean; kept: string[] } {
  let sound = query.trim() !== '';
  const kept: string[] = [];
  parser.parse(query).iterate({
    enter: ({ type, from, to, node }) => {
      if (type.isError) sound = false;
      if (type.name === 'AggregateExpr') {
        const by = node.getChild('AggregateModifier')?.getChild('GroupingLabels');
        kept.push(by ? query.slice(by.from, by.to) : query.slice(from, to));
      }
    },
  });
  return { sound, kept };
}

test('the board of the fleet has every panel, with the queries the page gives', () => {
  const board = fleetBoard(evidence);
  expect(board.map(({ title }) => title)).toEqual(PANELS.map(({ title }) => title));
  for (const { queries } of board) for (const query of queries) expect(readQuery(query).sound, query).toBe(true);
});

test('the board by replica asks as many queries, and all that adds up in them keeps the replica', () => {
  const [whole, apart] = [fleetBoard(evidence), replicaBoard(evidence)];
  expect(apart.map(({ queries }) => queries.length)).toEqual(whole.map(({ queries }) => queries.length));
  let aggregations = 0;
  for (const query of apart.flatMap(({ queries }) => queries)) {
    const { sound, kept } = readQuery(query);
    expect(sound, query).toBe(true);
    for (const labels of kept) expect(labels, query).toMatch(/\binstance\b/);
    aggregations += kept.length;
  }
  expect(aggregations).toBeGreaterThan(20);
});

test.each([
  ['sum (rate(x[1m]))', 'sum by (instance) (rate(x[1m]))'],
  [
    'histogram_quantile(0.95, sum by (le) (rate(x_bucket[1m])))',
    'histogram_quantile(0.95, sum by (le, instance) (rate(x_bucket[1m])))',
  ],
  ['max by (instance, engine) (x{a="sum (b"})', 'max by (instance, engine) (x{a="sum (b"})'],
])('%s', (query, apart) => expect(perInstance(query)).toBe(apart));
