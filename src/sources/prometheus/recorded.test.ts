import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { quantileQueries, rateQuery } from '../../core/panels/queries.ts';
import { SourceError, type SourceProblem } from '../errors.ts';
import { createClient } from './client.ts';
import { openPrometheus } from './source.ts';

/** What a real Prometheus 3 answered, played back: e2e/fixtures/answers/README.md. */
interface Exchange {
  readonly path: string;
  readonly params: string;
  readonly status: number;
  readonly type: string;
  readonly body: string;
}
interface Recorded {
  readonly program: string;
  readonly now: number;
  readonly range: number;
  readonly reads: readonly { readonly selector: string; readonly exchanges: readonly Exchange[] }[];
  readonly asked: readonly (Exchange & { readonly title: string })[];
}

const recorded = JSON.parse(
  gunzipSync(
    readFileSync(join(import.meta.dirname, '../../../e2e/fixtures/answers/prometheus-3.16.json.gz')),
  ).toString(),
) as Recorded;
const never = new AbortController().signal;

/** Which names exist is asked with a list of all that are known, which grows with the catalogue; the answer is the same. */
const asked = (path: string, params: string): string =>
  path.endsWith('/label/__name__/values') && params !== '' ? `${path} by name` : `${path} ${params}`;

/** Answers exactly what was asked then; anything else fails the test. */
function playing(exchanges: readonly Exchange[]): typeof fetch {
  return async (input, init) => {
    const { pathname, search } = new URL(String(input));
    const params = init?.body instanceof URLSearchParams ? init.body.toString() : search.slice(1);
    const one = exchanges.find((exchange) => asked(exchange.path, exchange.params) === asked(pathname, params));
    if (!one) throw new Error(`never asked of ${recorded.program}: ${pathname}?${params}`);
    return new Response(one.body, { status: one.status, headers: { 'content-type': one.type } });
  };
}

async function read(selector: string): Promise<Evidence> {
  const { exchanges } = recorded.reads.find((one) => one.selector === selector) as Recorded['reads'][number];
  const platform = { fetch: playing(exchanges), now: () => recorded.now };
  const { now, range } = recorded;
  const request = { from: now - range, to: now, step: 1, selector, knobs: {} };
  return openPrometheus({ url: 'http://recorded' }, platform).read(request, never);
}

describe.each(['{job="vllm"}', '{job="native"}'])(`${recorded.program}, %s`, (selector) => {
  test('is known, and read without a complaint', async () => {
    const { source, warnings, scrapeInterval, replicas } = await read(selector);
    expect(source.flavour).toBe(recorded.program);
    expect(warnings).toEqual([]);
    expect(scrapeInterval).toBe(1);
    expect(replicas.map(({ engine, model }) => [engine, model])).toEqual([['0', 'm']]);
  });

  test('gives the numbers its page showed', async () => {
    const { readings } = await read(selector);
    expect(readings.running?.lines[0]?.values.at(-1)).toBe(3);
    expect(readings['kv-cache-usage']?.lines[0]?.values.at(-1)).toBe(0.25);
    // 50 tokens and 2 first tokens a second, three of four within 0.5 s.
    expect(readings['output-tokens']?.lines[0]?.values.at(-1)).toBeCloseTo(50, -1);
    const [ttft] = readings.ttft?.histograms ?? [];
    expect(ttft?.bounds.filter((bound) => bound > 0.1)).toEqual([0.5, 1]);
    expect(ttft?.count.at(-1)).toBeCloseTo(2, 0);
    const within = (ttft?.cumulative[ttft.bounds.indexOf(0.5)]?.at(-1) ?? 0) / (ttft?.count.at(-1) ?? 1);
    expect(within).toBeCloseTo(0.75, 1);
    expect((ttft?.sum.at(-1) ?? 0) / (ttft?.count.at(-1) ?? 1)).toBeCloseTo(0.4, 1);
  });
});

describe.each(['{job="vllm"}', '{job="native"}'])('what is given to copy, for %s', (selector) => {
  test('gives the numbers that were read', async () => {
    const evidence = await read(selector);
    const [ttft] = evidence.readings.ttft?.histograms ?? [];
    const queries = [rateQuery(evidence, 'ttft', ''), ...quantileQueries(evidence, 'ttft')];
    const { exchanges } = recorded.reads.find((one) => one.selector === selector) as Recorded['reads'][number];
    const values = queries.map(({ query }) => {
      const params = new URLSearchParams({ query, time: String(recorded.now) }).toString();
      const one = exchanges.find((exchange) => exchange.params === params);
      const { data } = JSON.parse(one?.body ?? '{"data":{}}') as { data: { result?: { value: [number, string] }[] } };
      return Number(data.result?.[0]?.value[1] ?? 'NaN');
    });
    const [rate, p50, p95, p99, mean] = values;
    expect(rate).toBeCloseTo(ttft?.count.at(-1) ?? Number.NaN, 3);
    for (const [value, from, to] of [
      [p50, 0.1, 0.5],
      [p95, 0.5, 1],
      [p99, 0.5, 1],
    ] as const) {
      expect(value).toBeGreaterThan(from);
      expect(value).toBeLessThanOrEqual(to);
    }
    expect(mean).toBeCloseTo(0.4, 2);
  });
});

describe('what it refuses and remarks', () => {
  const ask = async (title: string) => {
    const one = recorded.asked.find((exchange) => exchange.title === title) as (typeof recorded.asked)[number];
    const client = createClient(
      { url: 'http://recorded' },
      { fetch: playing(recorded.asked), now: () => recorded.now },
    );
    return client.ask(one.path.replace('/api/v1/', ''), [...new URLSearchParams(one.params)], never);
  };

  test.each<[string, SourceProblem, number]>([
    ['a query that cannot be parsed', 'bad-query', 400],
    ['more points than it gives', 'too-many-points', 400],
    ['more samples than it loads', 'too-many-points', 422],
    ['labels that do not match', 'bad-query', 422],
    ['an unknown path', 'not-prometheus', 404],
  ])('%s', async (title, problem, status) => {
    const error = await ask(title).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ problem, status });
  });

  test('a warning is passed on, a remark about a name is not', async () => {
    expect((await ask('a quantile beyond 1')).warnings).toEqual([
      expect.stringContaining('quantile value should be between 0 and 1'),
    ]);
    expect(recorded.asked.find(({ title }) => title === 'a rate of a gauge')?.body).toContain('might not be a counter');
    expect((await ask('a rate of a gauge')).warnings).toEqual([]);
  });
});
