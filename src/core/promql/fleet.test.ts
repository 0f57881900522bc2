import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, test } from 'vitest';
import { CRITERIA } from '../signals/criteria.ts';
import { SIGNALS, signalById } from '../signals/index.ts';
import { instancesIn } from '../signals/selector.ts';
import { spellingsOf } from '../signals/spellings.ts';
import { compileCriterion, compileLarge, compileLargeNative, compileMean, type Mean } from './fleet.ts';

function isPromql(query: string): boolean {
  let sound = query.trim() !== '';
  parser.parse(query).iterate({
    enter: (node) => {
      if (node.type.isError) sound = false;
    },
  });
  return sound;
}

const scope = { matchers: [{ label: 'job', op: '=', value: 'v"llm' }], window: 60 } as const;
const each = [instancesIn('=~', ['10.0.0.1:8000', 'a"b'])];
const mean: Mean = {
  replica: '7 others ($1 "m")',
  model: 'm$1',
  engines: 7,
  behind: [instancesIn('!~', ['a.b'])],
  sample: { engines: 2, among: [instancesIn('=~', ['c', 'd'])] },
};
const named = SIGNALS.filter((signal) => spellingsOf(signal).length > 0 && signal.level !== 'gateway');

describe.each(named.map((signal) => [signal.id, signal] as const))('%s', (_, signal) => {
  test('as chosen engines and a mean is sound PromQL, under every name', () => {
    const { main, sum } = compileLarge(signal, spellingsOf(signal), scope, each, [mean]);
    expect(isPromql(main), main).toBe(true);
    expect(sum === null || isPromql(sum), sum ?? '').toBe(true);
    expect(sum !== null).toBe(signal.kind === 'histogram');
  });
});

test('native histograms too', () => {
  const signal = signalById('ttft');
  const query = compileLargeNative(signal, spellingsOf(signal).slice(0, 1), scope, each, [mean]);
  expect(isPromql(query), query).toBe(true);
});

test('what adds up is divided by all engines, the rest averaged over those that have it', () => {
  const of = (id: 'running' | 'kv-cache-usage' | 'finished' | 'ttft') =>
    compileMean(signalById(id), spellingsOf(signalById(id)).slice(0, 1), { matchers: [], window: 60 }, 7).main;
  expect(of('running')).toBe('sum (max by (instance, engine, model_name) (vllm:num_requests_running)) / 7');
  expect(of('kv-cache-usage')).toBe('avg (max by (instance, engine, model_name) (vllm:kv_cache_usage_perc))');
  expect(of('finished')).toBe('sum by (finished_reason) (rate(vllm:request_success_total[60s])) / 7');
  expect(of('ttft')).toBe('sum by (le) (rate(vllm:time_to_first_token_seconds_bucket[60s])) / 7');
});

test('engines are told apart before they are added up where one of two series counts', () => {
  const signal = signalById('finished');
  const both = compileMean(signal, spellingsOf(signal).slice(0, 2), { matchers: [], window: 60 }, 7).main;
  expect(both.match(/sum by \(instance, /g)).toHaveLength(2);
  const repeated = spellingsOf(signal)
    .slice(0, 1)
    .map((name) => ({ ...name, repeated: true }));
  expect(compileMean(signal, repeated, { matchers: [], window: 60 }, 7).main).toContain('max by (instance, ');
});

describe('of a sample', () => {
  const of = (id: 'output-tokens' | 'e2e' | 'ttft' | 'kv-cache-usage') =>
    compileLarge(signalById(id), spellingsOf(signalById(id)).slice(0, 1), scope, each, [mean]);
  const [all, some] = ['instance!~"a\\\\.b"', 'instance=~"c|d"'];

  test('nothing is asked that adds up over the fleet', () => {
    const { main } = of('output-tokens');
    expect(main).toContain(all);
    expect(main).not.toContain(some);
  });

  test.each(['e2e', 'kv-cache-usage'] as const)('%s is asked, and of nobody else', (id) => {
    const { main, sum } = of(id);
    expect(main).toContain(some);
    expect(`${main} ${sum ?? ''}`).not.toContain(all);
  });

  test('buckets are, but first tokens are counted and added up on all', () => {
    const { main, sum } = of('ttft');
    expect(main).toMatch(/_bucket\{job="v\\"llm",instance=~"c\|d"\}/);
    expect(main).toContain(`le="+Inf"`);
    expect(main).toContain(all);
    expect(sum).toContain(all);
    expect(sum).not.toContain(some);
  });
});

test('a name that looks like a back reference is text', () => {
  const signal = signalById('running');
  const { main } = compileLarge(signal, spellingsOf(signal).slice(0, 1), scope, each, [mean]);
  expect(main).toContain('"7 others ($$1 \\"m\\")"');
});

test.each(CRITERIA.map((criterion) => [criterion.id, criterion] as const))(
  'criterion %s is sound PromQL',
  (_, criterion) => {
    const query = compileCriterion(criterion, (id) => spellingsOf(signalById(id)), scope.matchers, 1800);
    expect(query !== null && isPromql(query), query ?? '').toBe(true);
    expect(compileCriterion(criterion, () => [], scope.matchers, 1800)).toBe(null);
  },
);
