import { getEventListeners } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { endOf } from '../../core/base/grid.ts';
import type { Evidence } from '../../core/evidence/evidence.ts';
import { SIGNALS } from '../../core/signals/index.ts';
import { SourceError, type SourceProblem } from '../errors.ts';
import type { ReadRequest, SourcePlatform } from '../source.ts';
import type { PrometheusSettings } from './client.ts';
import { openPrometheus } from './source.ts';

const NOW = 1_800_000_000;
const request: ReadRequest = { from: 'start', to: 'now', range: 600, selector: '', knobs: {} };
const never = new AbortController().signal;

interface Asked {
  readonly path: string;
  readonly method: string;
  readonly params: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

/** What the server says to one request; `undefined` for what a healthy small Prometheus says. */
type Script = (asked: Asked) => Reply | undefined | Promise<Reply | undefined>;
interface Reply {
  readonly status?: number;
  readonly type?: string;
  readonly body: string;
  /** Bytes promised but not sent. */
  readonly missing?: number;
}

const success = (data: unknown, more: object = {}): Reply => ({
  body: JSON.stringify({ status: 'success', data, ...more }),
});
const failure = (status: number, errorType: string, error: string): Reply => ({
  status,
  body: JSON.stringify({ status: 'error', errorType, error }),
});

const NAMES = [
  'up',
  'vllm:num_requests_running',
  'vllm:num_requests_waiting',
  'vllm:gpu_cache_usage_perc',
  'vllm:kv_cache_usage_perc',
  'vllm:num_preemptions_total',
  'vllm:time_to_first_token_seconds_bucket',
  'vllm:request_prompt_tokens_bucket',
];
const engine = { instance: 'vllm-0', engine: '0', model_name: 'm' };

/** One engine, scraped every 5 s, whose every number is its age of the present in steps. */
function usual({ path, params }: Asked): Reply {
  if (path.endsWith('/label/__name__/values')) return success(NAMES);
  if (path.endsWith('/status/buildinfo')) return success({ version: '2.42.0', goVersion: 'go1.19.5' });
  const query = params.get('query') ?? '';
  if (query === 'now()') return failure(400, 'bad_data', 'parse error: unknown function with name "now"');
  if (path.endsWith('/query')) {
    const time = Number(params.get('time'));
    const raw = [15, 10, 5, 0].map((age) => [time - age, '1']);
    if (query.endsWith('[5m]')) return success({ resultType: 'matrix', result: [{ metric: engine, values: raw }] });
    return success({ resultType: 'vector', result: [] });
  }
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(params.get(name))) as [
    number,
    number,
    number,
  ];
  const values: [number, string][] = [];
  for (let t = start; t <= end; t += step) values.push([t, /timestamp|\(up/.test(query) ? '1' : String((NOW - t) / 5)]);
  const labels = query.includes('by (instance)') ? [{ instance: 'vllm-0' }] : [engine];
  const all = query.includes('_bucket') ? ['0.5', '+Inf'].map((le) => ({ ...engine, le })) : labels;
  return success({ resultType: 'matrix', result: all.map((metric) => ({ metric, values })) });
}

/** The queries a request holds: those of a tail are asked together. */
function partsOf(asked: Asked): Asked[] {
  const query = asked.params.get('query') ?? '';
  const found = [...query.matchAll(/label_replace\((.+?), "vllm_triage_query", "\d+", "", ""\)/g)];
  if (found.length === 0) return [asked];
  return found.map(([, part = '']) => {
    const params = new URLSearchParams(asked.params);
    params.set('query', part);
    return { ...asked, params };
  });
}

/** The answers to several queries as one that tells them apart; the first failure where there is one. */
function inOne(replies: readonly Reply[]): Reply {
  const failed = replies.find(({ status, body, missing }) => status || missing || !body.includes('"matrix"'));
  if (failed) return failed;
  const result = replies.flatMap(({ body }, i) => {
    const { data } = JSON.parse(body) as { data: { result: { metric: object }[] } };
    return data.result.map((one) => ({ ...one, metric: { ...one.metric, vllm_triage_query: String(i) } }));
  });
  return success({ resultType: 'matrix', result });
}

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

interface Served {
  readonly url: string;
  /** Each query by itself. */
  readonly asked: Asked[];
  readonly requests: () => number;
  /** Requests open at once. */
  readonly most: () => number;
}

async function serve(script: Script = () => undefined): Promise<Served> {
  const asked: Asked[] = [];
  let requests = 0;
  let open = 0;
  let most = 0;
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    open += 1;
    requests += 1;
    most = Math.max(most, open);
    let body = '';
    for await (const chunk of req) body += chunk;
    const url = new URL(req.url ?? '', 'http://x');
    const one: Asked = {
      path: url.pathname,
      method: req.method ?? '',
      params: new URLSearchParams(req.method === 'POST' ? body : url.search),
      headers: req.headers,
    };
    const parts = partsOf(one);
    asked.push(...parts);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const replies: Reply[] = [];
    for (const part of parts) replies.push((await script(part)) ?? usual(part));
    const reply = parts.length === 1 ? (replies[0] as Reply) : inOne(replies);
    open -= 1;
    res.statusCode = reply.status ?? 200;
    res.setHeader('content-type', reply.type ?? 'application/json');
    if (reply.missing) {
      res.setHeader('content-length', reply.body.length + reply.missing);
      res.write(reply.body);
      setTimeout(() => res.destroy(), 20);
    } else res.end(reply.body);
  };
  server = createServer((req, res) => void answer(req, res));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    requests: () => requests,
    most: () => most,
  };
}

const platform: SourcePlatform = { fetch, now: () => NOW };
const read = (settings: PrometheusSettings, change: Partial<ReadRequest> = {}): Promise<Evidence> =>
  openPrometheus(settings, platform).read({ ...request, ...change }, never);

async function problemOf(work: Promise<unknown>): Promise<[SourceProblem, string]> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SourceError) return [error.problem, error.message];
    throw error;
  }
  throw new Error('nothing was thrown');
}

const line = (evidence: Evidence, id: 'running' | 'waiting') => evidence.readings[id]?.lines[0]?.values ?? [];

describe('a healthy server', () => {
  test('one read: names first, then only what exists, on a grid that ends now', async () => {
    const { url, asked, most } = await serve();
    const evidence = await read({ url });
    expect(evidence.grid).toEqual({ from: NOW - 600, step: 5, count: 121 });
    expect(evidence.window).toBe(20);
    expect(evidence.scrapeInterval).toBe(5);
    expect(evidence.source).toEqual({ kind: 'prometheus', label: url, flavour: 'Prometheus 2.42.0' });
    expect(line(evidence, 'running').slice(-3)).toEqual([2, 1, 0]);
    expect(evidence.readings['kv-cache-usage']?.metrics).toEqual([
      'vllm:kv_cache_usage_perc',
      'vllm:gpu_cache_usage_perc',
    ]);
    expect(evidence.readings.finished?.state).toBe('absent');
    expect(most()).toBeLessThanOrEqual(6);
    const ranges = asked.filter(({ path }) => path.endsWith('query_range'));
    expect(ranges.length).toBe(10); // 5 gauges and ages, 1 counter, 2 histograms twice
    expect(asked.filter(({ path }) => path.includes('label')).length).toBe(1);
    expect(asked.every(({ method }) => method === 'GET')).toBe(true);
    expect(asked.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  test('what the verdict cannot do without is asked first', async () => {
    const { url, asked } = await serve();
    await read({ url });
    const ranges = asked.filter(({ path }) => path.endsWith('query_range')).map(({ params }) => params.get('query'));
    expect(ranges.at(-1)).toContain('request_prompt_tokens');
  });

  test('buckets are asked for once per histogram', async () => {
    const { url, asked } = await serve();
    await read({ url });
    expect(asked.filter(({ params }) => params.get('query')?.includes('first_token_seconds_bucket')).length).toBe(1);
  });

  test('a path prefix, a pasted page address, credentials and headers', async () => {
    const { url, asked } = await serve();
    const source = openPrometheus(
      { url: `${url.replace('//', '//user:p%40ss@')}/tenant/graph?g0.expr=up`, headers: { 'X-Scope-OrgID': 'a' } },
      platform,
    );
    expect(source.label).toBe(`${url}/tenant`);
    await source.read(request, never);
    expect(asked[0]?.path.startsWith('/tenant/api/v1/')).toBe(true);
    expect(asked[0]?.headers.authorization).toBe(`Basic ${btoa('user:p@ss')}`);
    expect(asked[0]?.headers['x-scope-orgid']).toBe('a');
  });

  test('a long query goes as a form, which needs no leave from the server', async () => {
    const { url, asked } = await serve();
    await read({ url }, { selector: `{pod=~"${'vllm-decode-0123456789|'.repeat(70)}x"}` });
    const range = asked.find(({ path }) => path.endsWith('query_range'));
    expect(range?.method).toBe('POST');
    expect(range?.headers['content-type']).toContain('application/x-www-form-urlencoded');
    expect(range?.params.get('query')).toContain('vllm-decode');
  });

  test('names are found by one request a GET can carry: engines in scope, names without a prefix by their model, gateways anywhere', async () => {
    const { url, asked } = await serve();
    await read({ url }, { selector: '{job="vllm"}' });
    const [found, ...more] = asked.filter(({ path }) => path.endsWith('/label/__name__/values'));
    const selections = found?.params.getAll('match[]') ?? [];
    expect(more).toEqual([]);
    expect(found?.params.toString().length).toBeLessThan(4000);
    const [engines, bare, , elsewhere] = selections;
    expect(engines).toContain('job="vllm"');
    expect(engines).toMatch(/vllm:.*ray_vllm_.*sglang:.*tgi_/);
    expect(bare).toMatch(/num_requests_running.*model_name=~".\+".*job="vllm"/);
    expect(elsewhere).toMatch(/vllm:num_incoming_requests_total/);
    expect(elsewhere).not.toContain('job=');
  });

  test('a model is asked for by its name, not of series that carry none', async () => {
    const { url, asked } = await serve();
    await read({ url }, { model: 'm', selector: '{job="a"}' });
    const query = (part: string) => asked.map(({ params }) => params.get('query') ?? '').find((q) => q.includes(part));
    expect(query('(vllm:num_requests_running{')).toContain('model_name="m"');
    expect(query('(up{')).toBe('max by (instance) (up{job="a"})');
  });

  test('a fraction of a second is sent as a date', async () => {
    const { url, asked } = await serve();
    await read({ url }, { from: NOW - 60.009, to: NOW - 0.009, step: 5 }).catch(() => undefined);
    const range = asked.find(({ path }) => path.endsWith('query_range'));
    expect(range?.params.get('end')).toBe(new Date(NOW * 1000 - 9).toISOString());
  });

  test('NaN is no number, points out of order or twice find their place', async () => {
    const points = [
      [NOW - 5, '7'],
      [NOW - 10.2, '3'],
      [NOW, 'NaN'],
      [NOW - 15, '+Inf'],
      [NOW - 5, '8'],
      'nonsense',
      [NOW - 99999, '1'],
    ];
    const { url } = await serve(({ path, params }) =>
      path.endsWith('query_range') && params.get('query')?.includes('waiting')
        ? success({ resultType: 'matrix', result: [{ metric: engine, values: points }] })
        : undefined,
    );
    expect(line(await read({ url }), 'waiting').slice(-4)).toEqual([null, 3, 8, null]);
  });

  test('warnings of the server reach the evidence once', async () => {
    const { url } = await serve((asked) => {
      const reply = usual(asked);
      return { ...reply, body: reply.body.replace(/}$/, ',"warnings":["store a is down"],"infos":null}') };
    });
    const { warnings } = await read({ url });
    expect(warnings).toEqual(['The server says: store a is down']);
  });
});

describe('refresh', () => {
  test('by tail: a few steps are asked for, the rest is kept', async () => {
    const { url, asked } = await serve();
    let now = NOW - 15;
    const source = openPrometheus({ url }, { fetch, now: () => now });
    const first = await source.read(request, never);
    now += 15;
    asked.length = 0;
    const second = await source.read({ ...request, previous: first }, never);
    expect(endOf(second.grid)).toBe(NOW);
    expect(second.grid.count).toBe(121);
    expect(line(second, 'running').every((value, i) => value === 120 - i)).toBe(true);
    const ranges = asked.filter(({ path }) => path.endsWith('query_range'));
    expect(new Set(ranges.map(({ params }) => Number(params.get('start'))))).toEqual(new Set([NOW - 75]));
    expect(asked.some(({ path }) => path.endsWith('buildinfo'))).toBe(false);
  });

  test('a tail is asked for in a few requests; the first read in one for each query', async () => {
    const { url, asked, requests } = await serve();
    let now = NOW - 15;
    const source = openPrometheus({ url }, { fetch, now: () => now });
    const first = await source.read(request, never);
    const [queries, sent] = [asked.length, requests()];
    expect(sent).toBe(queries);
    now += 15;
    await source.read({ ...request, previous: first }, never);
    expect(asked.length - queries).toBeGreaterThan(9);
    expect(requests() - sent).toBeLessThan(5);
  });

  test('what is refused together is asked one by one, and only what is refused again is not known', async () => {
    let spoilt = false;
    const { url } = await serve(({ params }) =>
      spoilt && params.get('query')?.includes('prompt_tokens') ? failure(500, 'internal', 'input/output') : undefined,
    );
    let now = NOW - 15;
    const source = openPrometheus({ url }, { fetch, now: () => now });
    const first = await source.read(request, never);
    now += 15;
    spoilt = true;
    const second = await source.read({ ...request, previous: first }, never);
    expect(second.readings['prompt-length']?.state).toBe('failed');
    expect(line(second, 'running').at(-1)).toBe(0);
    expect(endOf(second.grid)).toBe(NOW);
  });

  test('a server that has fallen silent is told of after one wait, not after a second one by one', async () => {
    let silent = false;
    const { url, requests } = await serve(({ path }) =>
      silent && path.endsWith('query_range') ? new Promise(() => undefined) : undefined,
    );
    let now = NOW - 15;
    const source = openPrometheus({ url, timeout: 0.3 }, { fetch, now: () => now });
    const first = await source.read(request, never);
    now += 15;
    silent = true;
    const before = requests();
    expect((await problemOf(source.read({ ...request, previous: first }, never)))[0]).toBe('timeout');
    expect(requests() - before).toBeLessThan(5);
  });

  describe('between two steps of the grid', () => {
    const isAge = ({ path, params }: Asked) =>
      path.endsWith('query_range') && (params.get('query') ?? '').includes('timestamp(vllm:num_requests_running');
    const ages = ({ params }: Asked, of: (time: number) => number | null): Reply => {
      const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(params.get(name)));
      const values: [number, string][] = [];
      for (let t = start as number; t <= (end as number); t += step as number) {
        const age = of(t);
        if (age !== null) values.push([t, String(age)]);
      }
      return success({ resultType: 'matrix', result: values.length === 0 ? [] : [{ metric: engine, values }] });
    };
    /** A first read at NOW, and another three seconds later, with what was asked for it. */
    const twice = async (later: (asked: Asked) => Reply | undefined) => {
      let now = NOW;
      const { url, asked } = await serve((one) => (now > NOW ? later(one) : undefined));
      const source = openPrometheus({ url }, { fetch, now: () => now });
      const first = await source.read(request, never);
      asked.length = 0;
      now += 3;
      return { first, second: source.read({ ...request, previous: first }, never), asked };
    };

    test('two questions are asked, and where no engine has a newer sample the same evidence is handed over', async () => {
      const { first, second, asked } = await twice(() => undefined);
      expect(await second).toBe(first);
      expect(asked.map(({ path }) => path.replace('/api/v1/', ''))).toEqual(['label/__name__/values', 'query_range']);
    });

    test.each<[string, (asked: Asked) => Reply | undefined]>([
      ['a sample came late', (one) => (isAge(one) ? ages(one, () => 0.5) : undefined)],
      ['another engine came late', (one) => (isAge(one) ? moreEngines(one) : undefined)],
      ['nothing is told of any engine', (one) => (isAge(one) ? ages(one, () => null) : undefined)],
    ])('%s: its tail is read', async (_, later) => {
      const { first, second, asked } = await twice(later);
      expect(await second).not.toBe(first);
      expect(asked.filter(({ path }) => path.endsWith('query_range')).length).toBeGreaterThan(5);
    });
    const moreEngines = ({ params }: Asked): Reply => {
      const values = [[Number(params.get('end')), '1']];
      const result = ['vllm-0', 'vllm-1'].map((instance) => ({ metric: { ...engine, instance }, values }));
      return success({ resultType: 'matrix', result });
    };

    test('a server that fails is told of at once', async () => {
      const { second } = await twice((one) => (isAge(one) ? failure(500, 'internal', 'input/output') : undefined));
      expect((await problemOf(second))[0]).toBe('server-error');
    });

    test('a read that was incomplete is done again', async () => {
      let broken = true;
      const { url } = await serve(({ params }) =>
        broken && params.get('query')?.includes('prompt_tokens') ? failure(500, 'internal', 'input/output') : undefined,
      );
      const source = openPrometheus({ url }, platform);
      const first = await source.read(request, never);
      expect(first.readings['prompt-length']?.state).toBe('failed');
      broken = false;
      const second = await source.read({ ...request, previous: first }, never);
      expect(second.readings['prompt-length']?.state).toBe('present');
    });

    test('an engine that is scraped no more grows old as without a read before', async () => {
      let now = NOW;
      const { url } = await serve((one) => (isAge(one) ? ages(one, (time) => Math.max(0, time - NOW)) : undefined));
      const source = openPrometheus({ url }, { fetch, now: () => now });
      let previous = await source.read(request, never);
      let [reads, kept] = [0, 0];
      for (; now < NOW + 60; now += now % 5 === 0 ? 3 : 2) {
        const evidence = await source.read({ ...request, previous }, never);
        reads += 1;
        kept += evidence === previous ? 1 : 0;
        const anew = await openPrometheus({ url }, { fetch, now: () => now }).read(request, never);
        const [carried, fresh] = [line(evidence, 'running'), line(anew, 'running')].map((values) => values.slice(-20));
        expect(carried).toEqual(fresh);
        expect(endOf(evidence.grid)).toBe(endOf(anew.grid));
        previous = evidence;
      }
      expect([reads, kept]).toEqual([24, 13]);
      expect(line(previous, 'running').at(-1)).toBeNull();
    });
  });

  test('whole again when a name appears', async () => {
    let names = NAMES.filter((name) => !name.includes('waiting'));
    const { url, asked } = await serve(({ path }) => (path.includes('/label/') ? success(names) : undefined));
    const source = openPrometheus({ url }, platform);
    const previous = await source.read(request, never);
    names = NAMES;
    asked.length = 0;
    const evidence = await source.read({ ...request, previous }, never);
    expect(line(evidence, 'waiting').length).toBe(121);
    const starts = asked.filter(({ path }) => path.endsWith('query_range')).map(({ params }) => params.get('start'));
    expect(new Set(starts)).toEqual(new Set([String(NOW - 600)]));
  });

  // Scraped this seldom, an engine may be silent for longer than the tail is: the tail alone cannot tell.
  const seldom: Script = ({ path, params }) => {
    if (!params.get('query')?.endsWith('[5m]') || !path.endsWith('/query')) return undefined;
    const values = [180, 120, 60, 0].map((age) => [Number(params.get('time')) - age, '1']);
    return success({ resultType: 'matrix', result: [{ metric: engine, values }] });
  };
  test.each<[string, (series: { values: [number, string][] }) => unknown[], SourceProblem]>([
    ['no series', () => [], 'empty'],
    ['times of an hour ago', ({ values }) => values.map(([t, value]) => [t - 3600, value]), 'server-error'],
    ['times of an hour ahead', ({ values }) => values.map(([t, value]) => [t + 3600, value]), 'server-error'],
    ['no numbers', ({ values }) => values.map(([t]) => [t, 'NaN']), 'empty'],
  ])('with %s: what was read before is neither taken for now nor lost', async (_, spoil, problem) => {
    let spoilt = false;
    const { url } = await serve((asked) => {
      if (!spoilt || !asked.path.endsWith('query_range')) return seldom(asked);
      const { data } = JSON.parse(usual(asked).body) as { data: { result: { values: [number, string][] }[] } };
      const result = data.result
        .map((one) => ({ ...one, values: spoil(one) }))
        .filter(({ values }) => values.length > 0);
      return success({ resultType: 'matrix', result });
    });
    let now = NOW - 900;
    const source = openPrometheus({ url }, { fetch, now: () => now });
    const previous = await source.read(request, never);
    expect(previous.scrapeInterval).toBe(60);
    const known = line(previous, 'running').length;
    spoilt = true;
    for (let i = 0; i < 5; i += 1) {
      now += 60;
      const again = source.read({ ...request, previous }, never);
      expect((await problemOf(again))[0]).toBe(problem);
    }
    spoilt = false;
    now += 60;
    const mended = line(await source.read({ ...request, previous }, never), 'running');
    expect(mended.filter((value) => value !== null).length).toBe(known);
  });
});

describe('what goes wrong', () => {
  const always = (reply: Reply) => () => reply;
  test.each<[string, Script, SourceProblem, string]>([
    ['401', always({ status: 401, body: 'who?' }), 'unauthorized', '401'],
    ['403', always({ status: 403, body: '<html>no</html>', type: 'text/html' }), 'forbidden', '403'],
    ['a web page', always({ body: '<html>Sign in</html>', type: 'text/html' }), 'not-prometheus', 'a web page'],
    ['404', always({ status: 404, body: 'not found', type: 'text/plain' }), 'not-prometheus', 'nothing'],
    ['other JSON', always({ body: '{"ok":true}' }), 'not-prometheus', 'something else'],
    ['another data form', always(success({ nothing: 1 })), 'not-prometheus', 'form'],
    ['a refused query', always(failure(400, 'bad_data', 'parse error: unexpected }')), 'bad-query', 'parse error'],
    ['VictoriaMetrics refusing', always(failure(422, '422', 'cannot parse')), 'bad-query', 'cannot parse'],
    ['a query that took too long', always(failure(503, 'timeout', 'query timed out')), 'timeout', 'timed out'],
    ['a gateway giving up', always({ status: 504, body: 'gateway', type: 'text/html' }), 'timeout', '504'],
    ['500', always({ status: 500, body: '<html>oops</html>', type: 'text/html' }), 'server-error', '500'],
    ['a server with a broken disk', always(failure(500, 'internal', 'input/output')), 'server-error', 'input/output'],
    ['a dead server behind a proxy', always({ status: 502, body: 'bad gateway' }), 'unreachable', '502'],
    ['half an answer', always({ body: '{"status":"success","data":[', missing: 100 }), 'unreadable', 'broke off'],
    ['half an answer, cleanly cut', always({ body: '{"status":"success","data":["up' }), 'unreadable', 'broke off'],
  ])('%s', async (_, script, problem, words) => {
    const { url } = await serve(script);
    const [found, message] = await problemOf(read({ url }));
    expect(found, message).toBe(problem);
    expect(message).toContain(words);
  });

  test('nobody there', async () => {
    const { url } = await serve();
    await new Promise((resolve) => server?.close(resolve));
    const [problem, message] = await problemOf(read({ url }));
    expect(problem).toBe('unreachable');
    expect(message).toContain(url);
  });

  test('a browser that hides the answer: told from a dead server by a request whose answer it may not read', async () => {
    const hidden = (alive: boolean): SourcePlatform => ({
      now: () => NOW,
      fetch: (_, init) =>
        init?.mode === 'no-cors' && alive
          ? Promise.resolve(new Response(null))
          : Promise.reject(new TypeError('Failed to fetch')),
    });
    const attempt = (alive: boolean) =>
      problemOf(openPrometheus({ url: 'http://prom' }, hidden(alive)).read(request, never));
    expect((await attempt(true))[0]).toBe('cors');
    expect((await attempt(false))[0]).toBe('unreachable');
  });

  test('no answer in time', async () => {
    const { url } = await serve(() => new Promise((resolve) => setTimeout(() => resolve(undefined), 1000)));
    expect((await problemOf(read({ url, timeout: 0.2 })))[0]).toBe('timeout');
  });

  test('called off', async () => {
    const stop = new AbortController();
    const { url } = await serve(({ path }) => {
      if (path.endsWith('query_range')) stop.abort();
      return undefined;
    });
    const work = openPrometheus({ url }, platform).read(request, stop.signal);
    expect((await problemOf(work))[0]).toBe('aborted');
  });

  test.each(['', 'ftp://x', 'http://'])('an address that is none: "%s"', (url) => {
    expect(() => openPrometheus({ url }, platform)).toThrow(SourceError);
  });

  test('too many points: asked again in two halves, which join', async () => {
    let refused = 0;
    const { url } = await serve(({ path, params }) => {
      if (!path.endsWith('query_range')) return undefined;
      if (Number(params.get('end')) - Number(params.get('start')) <= 305) return undefined;
      refused += 1;
      return failure(400, 'bad_data', 'exceeded maximum resolution of 60 points per timeseries');
    });
    const evidence = await read({ url });
    expect(line(evidence, 'running').every((value, i) => value === 120 - i)).toBe(true);
    expect(refused).toBe(10);
    const always = await serve(({ path }) =>
      path.endsWith('query_range')
        ? failure(422, 'execution', 'query processing would load too many samples')
        : undefined,
    );
    expect((await problemOf(read({ url: always.url })))[0]).toBe('too-many-points');
  });

  test('a server that does not search so many series tells all its names', async () => {
    const { url, asked } = await serve(({ path, params }) =>
      path.includes('/label/') && params.has('match[]')
        ? failure(422, '422', 'the number of matching timeseries exceeds 300000; increase -search.max* flag values')
        : undefined,
    );
    const evidence = await read({ url });
    expect(evidence.readings.running?.state).toBe('present');
    expect(asked.filter(({ path }) => path.includes('/label/'))).toHaveLength(2);
  });

  test('one query fails: of use but not needed, the rest goes on and it is marked', async () => {
    const { url } = await serve(({ params }) =>
      params.get('query')?.includes('request_prompt_tokens') ? failure(422, 'execution', 'mixed up') : undefined,
    );
    const evidence = await read({ url });
    expect(evidence.readings['prompt-length']).toMatchObject({
      state: 'failed',
      problem: expect.stringContaining('mixed up'),
    });
    expect(evidence.readings.running?.state).toBe('present');
    expect(evidence.warnings.join()).toContain('Prompt length could not be read');
  });

  test('the failure that ended a read is told, and not that the others ended with it', async () => {
    const { url } = await serve(({ path }) =>
      path.endsWith('query_range') ? { status: 500, body: 'no', type: 'text/plain' } : undefined,
    );
    for (let i = 0; i < 5; i += 1) expect((await problemOf(read({ url })))[0]).toBe('server-error');
  });

  test('more than anybody could use is not read to its end', async () => {
    const piece = `"${'v'.repeat(1e6)}",`;
    const { url } = await serve(({ path, params }) =>
      path.endsWith('query_range') && params.get('query')?.includes('num_preemptions_total')
        ? { body: `{"status":"success","data":[${piece.repeat(70)}""]}` }
        : undefined,
    );
    const [problem, message] = await problemOf(read({ url }));
    expect(problem).toBe('too-many-points');
    expect(message).toContain('longer than 64 MB');
  });

  test('requests leave nothing behind on a signal that lives for days', async () => {
    const { url } = await serve();
    const source = openPrometheus({ url }, platform);
    const days = new AbortController().signal;
    await source.read(request, days);
    await openPrometheus({ url: `${url}/x` }, platform)
      .read(request, days)
      .catch(() => undefined);
    expect(getEventListeners(days, 'abort')).toHaveLength(0);
  });

  test('one query fails that the verdict needs: the read fails', async () => {
    const { url } = await serve(({ params }) =>
      params.get('query')?.includes('num_preemptions_total') ? failure(422, 'execution', 'mixed up') : undefined,
    );
    expect((await problemOf(read({ url })))[0]).toBe('bad-query');
  });

  test('a selector that is none never leaves the house', async () => {
    const { url, asked } = await serve();
    expect((await problemOf(read({ url }, { selector: '{a="b"} or up' })))[0]).toBe('bad-query');
    expect(asked.length).toBe(0);
  });

  test.each<[string, string, (asked: Asked) => string[], string]>([
    [
      'a selector that matches nothing',
      '{job="x"}',
      ({ params }) => (String(params).includes('job') ? ['up'] : NAMES),
      'none that match {job="x"}',
    ],
    ['a range without any', '', ({ params }) => (params.get('start') ? ['up'] : NAMES), 'but none between'],
    ['no vLLM at all', '', () => ['up'], 'holds no vLLM metric'],
  ])('%s', async (_, selector, names, words) => {
    const { url } = await serve((asked) => (asked.path.includes('/label/') ? success(names(asked)) : undefined));
    const [problem, message] = await problemOf(read({ url }, { selector }));
    expect(problem).toBe('empty');
    expect(message).toContain(words);
  });
});

describe('clocks that differ', () => {
  const told =
    (time: number): Script =>
    ({ params }) =>
      params.get('query') === 'time()' ? success({ resultType: 'scalar', result: [time, String(time)] }) : undefined;
  const endsOf = (asked: readonly Asked[]) =>
    new Set(asked.filter(({ path }) => path.endsWith('query_range')).map(({ params }) => Number(params.get('end'))));

  test.each([
    [600, 'behind'],
    [-600, 'ahead of'],
  ])('now is that of the server, %i s from here, and it is said', async (ahead, words) => {
    const { url, asked } = await serve(told(NOW + ahead));
    const evidence = await read({ url });
    expect(endOf(evidence.grid)).toBe(NOW + ahead);
    expect(endsOf(asked)).toEqual(new Set([NOW + ahead]));
    expect(evidence.warnings.join()).toContain(`The clock here is 10 min ${words} that of ${url}`);
  });

  test('an end that was chosen is kept', async () => {
    const { url, asked } = await serve(told(NOW + 600));
    const evidence = await read({ url }, { to: NOW });
    expect(endsOf(asked)).toEqual(new Set([NOW]));
    expect(evidence.warnings).toEqual([]);
  });

  test('a clock set to another day is left alone, and it is said', async () => {
    const { url } = await serve(told(NOW + 200_000));
    const evidence = await read({ url });
    expect(endOf(evidence.grid)).toBe(NOW);
    expect(evidence.warnings.join()).toContain('that of the clock here');
  });

  test('a few seconds are no difference', async () => {
    const { url } = await serve(told(NOW + 4));
    const evidence = await read({ url });
    expect(endOf(evidence.grid)).toBe(NOW);
    expect(evidence.warnings).toEqual([]);
  });
});

test('a wide range stays below what a server answers, whatever step is wished for', async () => {
  const { url, asked } = await serve();
  for (const step of [undefined, 1]) {
    const evidence = await read({ url }, { range: 7 * 86400, ...(step ? { step } : {}) });
    expect(evidence.grid.count).toBeLessThanOrEqual(step ? 11_000 : 721);
  }
  expect(asked.length).toBeGreaterThan(SIGNALS.length / 4);
});

/** Answers in the shapes of other servers; where each comes from is said beside it. */
describe('other flavours', () => {
  const built =
    (info: object, more: Script = () => undefined): Script =>
    (asked) =>
      asked.path.endsWith('buildinfo') ? success(info) : more(asked);

  test('Thanos: asked for raw samples of all it reaches, and its warning about a store that is away is passed on', async () => {
    // thanos docs/components/query.md: "partial_response", "max_source_resolution"; the warning is pkg/store/proxy.go's.
    const warnings = ['Addr: thanos-store:10901 LabelSets: {} MinTime: 0 MaxTime: 1: rpc error: code = Unavailable'];
    const { url, asked } = await serve(
      built({ version: '0.39.2', goVersion: 'go1.24.5' }, ({ path, params }) =>
        path.endsWith('query_range') && params.get('query')?.includes('num_requests_running')
          ? withWarnings(path, params, warnings)
          : undefined,
      ),
    );
    const evidence = await read({ url });
    expect(evidence.source.flavour).toBe('Thanos 0.39.2');
    expect(evidence.warnings.join()).toContain('rpc error: code = Unavailable');
    const ranges = asked.filter(({ path }) => path.endsWith('query_range'));
    expect(ranges.length).toBeGreaterThan(0);
    for (const { params } of ranges) {
      expect(params.get('partial_response')).toBe('true');
      expect(params.get('max_source_resolution')).toBe('0s');
    }
  });

  const withWarnings = (path: string, params: URLSearchParams, warnings: string[]) => ({
    body: JSON.stringify({ ...JSON.parse(usual({ path, params, method: 'GET', headers: {} }).body), warnings }),
  });

  test('Prometheus is asked without further arguments', async () => {
    const { url, asked } = await serve();
    await read({ url });
    const names = new Set(
      asked.flatMap(({ path, params }) => (path.endsWith('query_range') ? [...params.keys()] : [])),
    );
    expect([...names].sort()).toEqual(['end', 'query', 'start', 'step']);
  });

  test('Prometheus 3: bounds as `1.0`, and remarks about names are not passed on', async () => {
    // prometheus docs/migration.md, "le and quantile label values"; promql annotations, `PossibleNonCounterInfo`.
    const infos = [
      'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "x" (1:6)',
    ];
    const { url } = await serve(
      built({ version: '3.5.0', goVersion: 'go1.24.5' }, ({ path, params }) => {
        if (!path.endsWith('query_range') || !params.get('query')?.includes('_bucket')) return undefined;
        const at = Number(params.get('end'));
        const result = [
          ['1.0', '2'],
          ['+Inf', '3'],
        ].map(([le, value]) => ({ metric: { ...engine, le }, values: [[at, value]] }));
        return success({ resultType: 'matrix', result }, { infos });
      }),
    );
    const evidence = await read({ url });
    expect(evidence.readings.ttft?.histograms[0]?.bounds).toEqual([1]);
    expect(evidence.warnings).toEqual([]);
  });

  test.each([
    // grafana/mimir pkg/util/validation and pkg/querier; cortex pkg/querier and docs; thanos pkg/store/limiter.go.
    [
      422,
      'execution',
      'expanding series: the query exceeded the maximum number of series (limit: 100000 series) (err-mimir-max-series-per-query)',
    ],
    [422, 'execution', 'the query hit the max number of series limit (limit: 100000 series)'],
    [400, 'bad_data', 'the query time range exceeds the limit (query length: 800h, limit: 721h)'],
    [422, 'execution', 'expanding series: exceeded series limit: limit 1000 violated (got 1001)'],
    [422, '422', 'too many points for the given step=5000: 40000; cannot exceed -search.maxPointsPerTimeseries=30000'],
  ])('a limit of the server (%i, %s) is told as one: %s', async (status, type, error) => {
    const { url } = await serve(({ path }) =>
      path.endsWith('query_range') ? failure(status, type, error) : undefined,
    );
    expect((await problemOf(read({ url })))[0]).toBe('too-many-points');
  });

  test('Mimir: a missing tenant is told apart from missing credentials', async () => {
    // grafana/dskit user/http.go and middleware: plain text, 401.
    const { url } = await serve(() => ({ status: 401, type: 'text/plain', body: 'no org id\n' }));
    expect((await problemOf(read({ url })))[0]).toBe('no-tenant');
    server?.close();
    const other = await serve(() => ({ status: 401, type: 'text/plain', body: 'Unauthorized' }));
    expect((await problemOf(read({ url: other.url })))[0]).toBe('unauthorized');
  });

  test('histograms a server keeps as native ones alone are read as the classic ones they stand for', async () => {
    // prometheus docs/querying/api.md, "Native histograms"; custom buckets, as `convert_classic_histograms_to_nhcb` makes them.
    const name = 'vllm:time_to_first_token_seconds';
    const { url, asked } = await serve(
      built({ version: '3.5.0', goVersion: 'go1.24.5' }, ({ path, params }) => {
        if (path.endsWith('/label/__name__/values'))
          return success([...NAMES.filter((one) => one !== `${name}_bucket`), name]);
        if (!path.endsWith('query_range') || !params.get('query')?.includes(`${name}[`)) return undefined;
        const end = Number(params.get('end'));
        const early = {
          count: '3',
          sum: '1.5',
          buckets: [
            [0, '0.1', '0.25', '2'],
            [0, '0.5', '+Inf', '1'],
          ],
        };
        const late = {
          count: '4',
          sum: '1',
          buckets: [
            [0, '0', '0.1', '1'],
            [0, '0.1', '0.25', '3'],
          ],
        };
        const histograms = [
          [end - 5, early],
          [end, late],
        ];
        return success({ resultType: 'matrix', result: [{ metric: engine, histograms }] });
      }),
    );
    let now = NOW;
    const source = openPrometheus({ url }, { fetch, now: () => now });
    const evidence = await source.read(request, never);
    const ttft = evidence.readings.ttft;
    expect(ttft?.state).toBe('present');
    const [histogram] = ttft?.histograms ?? [];
    expect(histogram?.bounds).toEqual([0.1, 0.25]);
    expect(histogram?.cumulative.map((values) => values.slice(-3))).toEqual([
      [null, 0, 1],
      [null, 2, 4],
    ]);
    expect(histogram?.count.slice(-3)).toEqual([null, 3, 4]);
    expect(histogram?.sum.slice(-3)).toEqual([null, 1.5, 1]);
    // Empty buckets are left out of an answer, so a tail alone would bring other bounds.
    asked.length = 0;
    now += 5;
    await source.read({ ...request, previous: evidence }, never);
    const starts = asked.filter(({ path }) => path.endsWith('query_range')).map(({ params }) => params.get('start'));
    expect(new Set(starts)).toEqual(new Set([String(NOW - 595)]));
  });
});
