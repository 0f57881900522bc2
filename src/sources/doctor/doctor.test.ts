import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort, type RunningPrometheus, startPrometheus } from '../../testing/prometheus.ts';
import { startVictoriaMetrics } from '../../testing/victoria-metrics.ts';
import type { SourcePlatform } from '../source.ts';
import { retentionOf } from './api.ts';
import type { AskingPage } from './check.ts';
import { examine, type Step } from './examine.ts';
import { CHECKS } from './index.ts';

const library = join(dirname(fileURLToPath(import.meta.url)), '../../../public/library');
const platform: SourcePlatform = { fetch, now: () => Date.now() / 1000 };
const never = new AbortController().signal;
/** Inside the recording kv-thrash-a. */
const END = 1_795_571_875;

interface Asking {
  readonly headers?: Readonly<Record<string, string>>;
  readonly page?: AskingPage;
  readonly selector?: string;
  readonly to?: number;
  readonly now?: () => number;
}

async function visit(url: string, asking: Asking = {}): Promise<Map<string, Step>> {
  const { headers = {}, page = null, selector = '', to = END, now = platform.now } = asking;
  const steps = await examine(
    { settings: { url, headers }, page, selector, from: to - 300, to },
    { ...platform, now },
    never,
  );
  return new Map(steps.map((step) => [step.id, step]));
}

const firstFailed = (steps: ReadonlyMap<string, Step>) => [...steps.values()].find(({ state }) => state === 'failed');

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

/** A server that says what the function returns: status, headers, body. */
async function serve(
  answer: (request: IncomingMessage) => { status?: number; headers?: Record<string, string>; body?: string },
): Promise<string> {
  server = createServer((request, response) => {
    const { status = 200, headers = {}, body = '' } = answer(request);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const success = (data: unknown) => JSON.stringify({ status: 'success', data });
const nothing = success({ resultType: 'vector', result: [] });

describe('a Prometheus in order', () => {
  let prometheus: RunningPrometheus;
  beforeAll(async () => {
    prometheus = await startPrometheus({ recordings: [join(library, 'kv-thrash-a.om.gz')] });
  }, 60_000);
  afterAll(() => prometheus?.stop());

  test('passes every step that can be taken without a page', async () => {
    const steps = await visit(prometheus.url, { selector: '{job="vllm"}' });
    expect([...steps.keys()]).toEqual(CHECKS.map(({ id }) => id));
    expect([...steps.values()].filter(({ state }) => state === 'failed')).toEqual([]);
    expect([...steps.values()].filter(({ state }) => state === 'unknown').map(({ id }) => id)).toEqual([
      'mixed-content',
      'cors',
    ]);
    expect(steps.get('prometheus')?.fact).toContain('Prometheus 2.');
    expect(steps.get('interval')?.fact).toBe('every 5 s');
    expect(steps.get('retention')?.fact).toBe('it keeps 100y');
    expect(steps.get('cardinality')?.fact).toMatch(/^\d+ series$/);
    expect(steps.get('points')?.fact).toBe('61 points a line, one every 5 s');
  });

  test('lets any page read it, and a header through its preflight', async () => {
    const page = { origin: 'https://triage.example', enforced: false };
    const steps = await visit(prometheus.url, { page, headers: { Authorization: 'Bearer x' } });
    expect(steps.get('cors')?.fact).toBe('Access-Control-Allow-Origin: *');
    expect(steps.get('preflight')).toMatchObject({ state: 'ok', fact: 'Authorization is allowed' });
  });

  test('does not let a tenant header through its preflight, and the block that cures it names the header', async () => {
    const page = { origin: 'http://triage.example', enforced: false };
    const steps = await visit(prometheus.url, { page, headers: { 'X-Scope-OrgID': 'a' } });
    expect(steps.get('preflight')).toMatchObject({ state: 'failed' });
    expect(steps.get('preflight')?.line).toContain('proxy_set_header X-Scope-OrgID "VALUE";');
    // No browser is held up here, so the rest is examined all the same.
    expect(steps.get('series')).toMatchObject({ state: 'ok' });
  });

  test('a secure page may ask it only because it is this machine', async () => {
    const page = { origin: 'https://triage.example', enforced: true };
    expect((await visit(prometheus.url, { page })).get('mixed-content')?.state).toBe('ok');
    const steps = await visit('http://prometheus.example:9090', { page });
    expect(firstFailed(steps)?.id).toBe('mixed-content');
    expect(firstFailed(steps)?.line).toContain('proxy_pass http://prometheus.example:9090/;');
    expect([...steps.values()].slice(1).every(({ state }) => state === 'unknown')).toBe(true);
  });

  test.each([
    ['a selector that matches nothing', { selector: '{job="vlm"}' }, 'series', 'none that match {job="vlm"}'],
    ['a range without samples', { to: END - 86_400 }, 'series', 'none between'],
    ['the last sample is some minutes old', { to: END + 200 }, 'fresh', '1 of 1 engines have no sample for 30 s'],
    ['our clock is wrong', { now: () => Date.now() / 1000 + 3600 }, 'clock', '3600.0 s behind ours'],
  ] as const)('%s', async (_name, asking, id, fact) => {
    const step = (await visit(prometheus.url, asking)).get(id);
    expect(step?.state).toBe('failed');
    expect(step?.fact).toContain(fact);
    expect(step?.line).not.toBeNull();
  });

  test('a path that does not exist is told with the one that does', async () => {
    const steps = await visit(`${prometheus.url}/prom`);
    expect(firstFailed(steps)).toMatchObject({ id: 'path', line: prometheus.url });
    expect(steps.get('series')?.fact).toContain('not reached');
  });
});

test('a VictoriaMetrics: late by design, which is not a wrong clock, and deaf to preflights', async () => {
  const victoria = await startVictoriaMetrics([join(library, 'kv-thrash-a.om.gz')]);
  try {
    const page = { origin: 'http://triage.example', enforced: false };
    const steps = await visit(victoria.url, { page, headers: { Authorization: 'Bearer x' } });
    expect(steps.get('prometheus')?.fact).toBe('VictoriaMetrics, which shows samples 30 s late');
    expect(steps.get('clock')).toMatchObject({ state: 'ok' });
    expect(steps.get('interval')?.fact).toBe('every 5 s');
    expect(steps.get('retention')?.state).toBe('unknown');
    expect([...steps.values()].filter(({ state }) => state === 'failed').map(({ id }) => id)).toEqual(['preflight']);
  } finally {
    await victoria.stop();
  }
}, 30_000);

test('a Prometheus without vLLM gets the job to add', async () => {
  const prometheus = await startPrometheus({ recordings: [] });
  try {
    const step = firstFailed(await visit(prometheus.url));
    expect(step?.id).toBe('series');
    expect(step?.line).toContain('scrape_interval: 5s');
  } finally {
    await prometheus.stop();
  }
}, 30_000);

test('one that keeps an hour and allows fewer points than a chart has', async () => {
  const url = await serve(({ url = '' }) => {
    if (url.includes('runtimeinfo')) return { body: success({ storageRetention: '1h' }) };
    if (url.includes('label/')) return { body: success(['vllm:num_requests_running']) };
    if (url.includes('query_range'))
      return {
        status: 422,
        body: JSON.stringify({ status: 'error', errorType: 'execution', error: 'too many samples' }),
      };
    return { body: success({ resultType: url.includes('5m') ? 'matrix' : 'vector', result: [] }) };
  });
  const steps = await visit(url);
  expect(steps.get('retention')).toMatchObject({ state: 'failed', line: '--storage.tsdb.retention.time=15d' });
  expect(steps.get('points')?.state).toBe('failed');
  expect(steps.get('fresh')?.state).toBe('failed');
});

test.each([
  ['nobody listens', `http://127.0.0.1:${await freePort()}`, 'reachable', 'ECONNREFUSED'],
  ['no such name', 'http://prometheus.invalid:9090', 'reachable', 'ENOTFOUND'],
  ['no address', 'ftp://prometheus', 'address', 'no http or https address'],
])('%s', async (_name, url, id, fact) => {
  const steps = await visit(url);
  expect(firstFailed(steps)?.id).toBe(id);
  expect(firstFailed(steps)?.fact).toMatch(new RegExp(`${fact}|EAI_AGAIN`));
  expect([...steps.values()].filter(({ state }) => state === 'ok')).toEqual([]);
});

test.each([
  ['Unauthorized', {}, 'Authorization: Bearer TOKEN', 'no header was sent'],
  ['no org id', { Authorization: 'Bearer x' }, 'X-Scope-OrgID: TENANT', 'Authorization was sent'],
])('401 %s', async (body, headers, line, fact) => {
  const url = await serve(() => ({ status: 401, headers: { 'content-type': 'text/plain' }, body }));
  const step = firstFailed(await visit(url, { headers }));
  expect(step).toMatchObject({ id: 'auth', line });
  expect(step?.fact).toContain(fact);
});

test.each([
  [503, 'text/plain', 'upstream busy', 'too busy to answer'],
  [200, 'text/html', '<title>Sign in</title>', 'a web page'],
])('%i %s is no leave to ask', async (status, type, body, fact) => {
  const url = await serve(() => ({ status, headers: { 'content-type': type }, body }));
  const steps = await visit(url);
  expect(steps.get('auth')?.state).toBe('unknown');
  expect(firstFailed(steps)?.id).toBe('path');
  expect(firstFailed(steps)?.fact).toContain(fact);
});

test('credentials go to the host that was named and to no other, and also when a path is looked for', async () => {
  const asked = new Map<string, string | undefined>();
  const url = await serve((request) => {
    asked.set(request.url ?? '', request.headers.authorization);
    return request.url?.startsWith('/prometheus/') ? { body: nothing } : { status: 404, body: 'not here' };
  });
  const hosts = new Set<string>();
  const watching: typeof fetch = (input, init) => {
    hosts.add(new URL(String(input)).origin);
    return fetch(input, init);
  };
  const steps = await examine(
    { settings: { url: url.replace('//', '//me:secret@') }, page: null, selector: '', from: END - 300, to: END },
    { ...platform, fetch: watching },
    never,
  );
  expect(steps.find(({ id }) => id === 'path')).toMatchObject({ state: 'failed', line: `${url}/prometheus` });
  expect([...hosts]).toEqual([url]);
  expect(new Set(asked.values())).toEqual(new Set([`Basic ${btoa('me:secret')}`]));
  expect(JSON.stringify(steps)).not.toContain('secret');
});

/** A browser's rules around Node's fetch: an answer without leave is hidden, a header asks first. */
function browser(origin: string): typeof fetch {
  return async (input, init = {}) => {
    const headers = { ...(init.headers as Record<string, string>), Origin: origin };
    const hidden = new TypeError('Failed to fetch');
    if (init.mode !== 'no-cors' && Object.keys(headers).length > 1) {
      const leave = await fetch(input, { method: 'OPTIONS', headers: { Origin: origin } });
      if (!leave.ok || !leave.headers.get('access-control-allow-headers')) throw hidden;
    }
    const answer = await fetch(input, { ...init, headers });
    if (init.mode !== 'no-cors' && !['*', origin].includes(answer.headers.get('access-control-allow-origin') ?? ''))
      throw hidden;
    return answer;
  };
}

describe('in a browser', () => {
  const origin = 'https://triage.example';
  const page: AskingPage = { origin, enforced: true };
  const open = { 'access-control-allow-origin': '*' };
  const see = async (url: string, headers: Record<string, string> = {}) =>
    new Map(
      (
        await examine(
          { settings: { url, headers }, page, selector: '', from: END - 300, to: END },
          { ...platform, fetch: browser(origin) },
          never,
        )
      ).map((step) => [step.id, step]),
    );

  test('an answer that may not be read is named, with the flag for this origin', async () => {
    const steps = await see(await serve(() => ({ body: nothing })));
    expect(firstFailed(steps)).toMatchObject({ id: 'cors', line: "--web.cors.origin='https://triage\\.example'" });
    expect(steps.get('reachable')?.state).toBe('ok');
    expect(steps.get('prometheus')?.state).toBe('unknown');
  });

  test('a preflight that is refused is told apart from an answer that is', async () => {
    const url = await serve(({ method }) =>
      method === 'OPTIONS' ? { status: 422, headers: open } : { headers: open, body: nothing },
    );
    const steps = await see(url, { Authorization: 'Bearer x' });
    expect(steps.get('cors')?.state).toBe('ok');
    expect(firstFailed(steps)?.id).toBe('preflight');
    expect(firstFailed(steps)?.line).toContain('proxy_set_header Authorization');
  });

  test('a proxy whose 404 carries no header is not blamed for CORS where the right path can be read', async () => {
    const url = await serve(({ url: path = '' }) =>
      path.startsWith('/select/0/prometheus/') ? { headers: open, body: nothing } : { status: 404, body: 'nginx' },
    );
    expect(firstFailed(await see(`${url}/wrong`))).toMatchObject({ id: 'path', line: `${url}/select/0/prometheus` });
  });
});

test.each([
  ['15d', 15 * 86_400],
  ['15d or 10GiB', 15 * 86_400],
  ['1d12h', 129_600],
  ['10GiB', null],
  ['', null],
])('retention %s', (text, seconds) => {
  expect(retentionOf(text)).toBe(seconds);
});

test('every check stands behind those it needs', () => {
  CHECKS.forEach(({ needs }, i) => {
    const before = CHECKS.slice(0, i).map(({ id }) => id);
    for (const id of needs) expect(before).toContain(id);
  });
});
