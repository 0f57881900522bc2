import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openPrometheus } from '../../sources/prometheus/source.ts';
import { openScrape } from '../../sources/scrape/source.ts';
import type { ReadRequest } from '../../sources/source.ts';
import { pagesOf, type RunningServer, startEngine, startServer } from '../../testing/engine-pages.ts';
import { type RunningPrometheus, startPrometheus } from '../../testing/prometheus.ts';
import { DATA_POLICY, PAGE_POLICY, PERMISSIONS } from './policy.ts';
import { type RunningServe, type ServeOptions, startServe } from './server.ts';
import { servedSources } from './sources.ts';

const library = (name: string) => fileURLToPath(new URL(`../../../public/library/${name}.om.gz`, import.meta.url));
const [pages = []] = (await pagesOf(library('kv-thrash-a'))).values();
const abort = new AbortController().signal;
const TOKEN = 'a-token-nobody-may-see';

let folder: string;
const stops: (() => Promise<void>)[] = [];
const log: string[] = [];

/** A server with the page that is no page, which every test but those of the page may do with. */
async function serve(
  args: Partial<Parameters<typeof servedSources>[0]>,
  options: Partial<ServeOptions> = {},
): Promise<RunningServe> {
  const sources = servedSources({ prometheus: [], metrics: [], header: {}, ...args });
  const running = await startServe({
    sources,
    page: join(folder, 'page/'),
    host: '127.0.0.1',
    port: 0,
    allowedHosts: ['triage.example'],
    timeout: 5,
    interval: 0.2,
    log: (line) => void log.push(line),
    ...options,
  });
  stops.push(running.stop);
  return running;
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request as it is written here: `fetch` would neither send another Host nor leave a path with dots alone. */
function ask(
  { url }: { url: string },
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body = '',
): Promise<Answered> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

let prometheus: RunningPrometheus;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vllm-triage-serve-'));
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'page', 'index.html'), '<html><head></head><body>page</body></html>');
  writeFileSync(join(folder, 'page', 'assets', 'app-1.js'), 'run()');
  prometheus = await startPrometheus({ recordings: [library('kv-thrash-a')] });
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await prometheus.stop();
  rmSync(folder, { recursive: true, force: true });
});

const RANGE = { from: 1_795_571_399, to: 1_795_571_870, selector: '', knobs: {} } satisfies ReadRequest;

describe('the relay to a Prometheus', () => {
  test('gives the evidence the Prometheus itself gives', async () => {
    const served = await serve({ prometheus: [`prod=${prometheus.url}`] });
    const platform = { fetch, now: () => 0 };
    const near = await openPrometheus({ url: `${served.url}/-/prometheus/prod` }, platform).read(RANGE, abort);
    const direct = await openPrometheus({ url: prometheus.url }, platform).read(RANGE, abort);
    expect(near.replicas.length).toBe(1);
    expect({ ...near, source: direct.source }).toEqual(direct);
  });

  test('takes a long question as a form', async () => {
    const served = await serve({ prometheus: [prometheus.url] });
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const path = '/-/prometheus/prometheus/api/v1/query';
    const query = `query=${encodeURIComponent(`vector(1)${' '.repeat(3000)}`)}`;
    const answer = await ask(served, path, form, 'POST', query);
    expect(JSON.parse(answer.body)).toMatchObject({
      status: 'success',
      data: { result: [{ value: [expect.anything(), '1'] }] },
    });
    expect(await ask(served, path, { 'Content-Type': 'application/json' }, 'POST', '{}')).toMatchObject({
      status: 415,
    });
    const huge = await ask(served, path, form, 'POST', 'x'.repeat(2 << 20)).catch(() => ({ status: 413 }));
    expect(huge.status).toBe(413);
  });

  test.each([
    ['/-/prometheus/prod/api/v1/admin/tsdb/delete_series?match[]=up', 'GET', 403],
    ['/-/prometheus/prod/api/v1/admin/tsdb/delete_series?match[]=up', 'POST', 403],
    ['/-/prometheus/prod/api/v1/status/config', 'GET', 403],
    ['/-/prometheus/prod/-/reload', 'POST', 403],
    ['/-/prometheus/prod/-/quit', 'POST', 403],
    ['/-/prometheus/prod/api/v1/query/../admin/tsdb/snapshot', 'GET', 403],
    ['/-/prometheus/prod/api/v1/query%2f..%2fadmin', 'GET', 403],
    ['/-/prometheus/prod/api/v1/query', 'DELETE', 200],
    ['/-/prometheus/prod/api/v1/query', 'PUT', 200],
    ['/-/prometheus/prod/api/v1/metadata', 'POST', 405],
    ['/-/prometheus/other/api/v1/query', 'GET', 403],
    ['/-/prometheus/prod', 'GET', 403],
    ['/-/metrics/prod', 'GET', 403],
    ['/-/', 'GET', 403],
    ['/', 'POST', 405],
  ])('does not pass on %s by %s', async (path, method, status) => {
    const seen: string[] = [];
    const upstream = await startServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.end('{}');
    });
    stops.push(upstream.stop);
    const served = await serve({ prometheus: [`prod=${upstream.url}`] });
    const before = log.length;
    const answer = await ask(served, path, { 'Content-Type': 'application/x-www-form-urlencoded' }, method, '');
    expect(answer.status).toBe(status === 200 ? 405 : status);
    expect(seen).toEqual([]);
    expect(log.slice(before)).toEqual([expect.stringMatching(new RegExp(`^${answer.status} ${method} `))]);
  });

  test('adds what the server holds and passes on nothing else, in either direction', async () => {
    const got: IncomingHttpHeaders[] = [];
    const upstream = await startServer((request, response) => {
      got.push(request.headers);
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Set-Cookie': `session=${TOKEN}`,
        'X-Echo': TOKEN,
      });
      response.end('{"status":"success","data":[]}');
    });
    stops.push(upstream.stop);
    writeFileSync(join(folder, 'token'), `${TOKEN}\n`);
    const served = await serve({
      prometheus: [`prod=${upstream.url.replace('//', `//me:${TOKEN}@`)}`],
      header: { Authorization: `Bearer @${join(folder, 'token')}`, 'X-Scope-OrgID': 'team' },
    });
    const mine = {
      Cookie: 'mine=1',
      Authorization: 'Basic bWU6bWU=',
      'X-Forwarded-For': '1.2.3.4',
      Referer: served.url,
    };
    const answers: Answered[] = [];
    for (const path of [
      '/-/prometheus/prod/api/v1/labels',
      '/-/sources.json',
      '/',
      '/index.html',
      '/-/healthy',
      '/-/metrics/prod',
      '/nothing',
    ])
      answers.push(await ask(served, path, mine));
    expect(got).toEqual([expect.objectContaining({ authorization: `Bearer ${TOKEN}`, 'x-scope-orgid': 'team' })]);
    for (const name of ['cookie', 'x-forwarded-for', 'referer']) expect(got[0]).not.toHaveProperty(name);
    expect(answers[0]?.body).toBe('{"status":"success","data":[]}');
    for (const answer of answers) expect(JSON.stringify(answer)).not.toContain(TOKEN);
    expect(log.join('\n')).not.toContain(TOKEN);

    // Tokens are renewed in place.
    writeFileSync(join(folder, 'token'), 'renewed');
    await ask(served, '/-/prometheus/prod/api/v1/labels');
    expect(got[1]?.authorization).toBe('Bearer renewed');
  });

  test('does not follow to where a source sends', async () => {
    const asked: string[] = [];
    const elsewhere = await startServer((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    const upstream = await startServer((_, response) =>
      response.writeHead(302, { Location: `${elsewhere.url}/${TOKEN}` }).end(),
    );
    stops.push(elsewhere.stop, upstream.stop);
    const served = await serve({ prometheus: [`prod=${upstream.url}`] });
    const answer = await ask(served, '/-/prometheus/prod/api/v1/labels');
    expect(answer).toMatchObject({ status: 502, body: expect.stringContaining('sends elsewhere') });
    expect(answer.headers.location).toBeUndefined();
    expect(asked).toEqual([]);
  });

  test('hands an answer over while it is still being written', async () => {
    let finish = () => {};
    const upstream = await startServer((_, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.write('{"status":');
      finish = () => response.end('"success"}');
    });
    stops.push(upstream.stop);
    const served = await serve({ prometheus: [`prod=${upstream.url}`] });
    const answer = await fetch(`${served.url}/-/prometheus/prod/api/v1/labels`);
    const reader = answer.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('{"status":');
    finish();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('"success"}');
  });

  test('an answer that breaks off is not passed for a whole one', async () => {
    const upstream = await startServer((_, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('{"status":', () => response.destroy());
    });
    stops.push(upstream.stop);
    const served = await serve({ prometheus: [`prod=${upstream.url}`] });
    await expect(ask(served, '/-/prometheus/prod/api/v1/labels')).rejects.toThrow();
  });

  test('gives up on a source that does not answer, and lets go of one nobody waits for', async () => {
    let open = 0;
    const upstream = await startServer((request) => {
      open += 1;
      request.socket.once('close', () => (open -= 1));
    });
    stops.push(upstream.stop);
    const served = await serve({ prometheus: [`prod=${upstream.url}`] }, { timeout: 0.3 });
    expect(await ask(served, '/-/prometheus/prod/api/v1/labels')).toMatchObject({ status: 504 });
    const patient = await serve({ prometheus: [`prod=${upstream.url}`] }, { timeout: 60 });
    const leaving = new AbortController();
    const left = fetch(`${patient.url}/-/prometheus/prod/api/v1/labels`, { signal: leaving.signal }).catch(
      () => 'left',
    );
    await expect.poll(() => open).toBe(1);
    leaving.abort();
    expect(await left).toBe('left');
    await expect.poll(() => open).toBe(0);
  });

  test('says so where nobody listens', async () => {
    const served = await serve({ prometheus: ['prod=http://127.0.0.1:9'] });
    expect(await ask(served, '/-/prometheus/prod/api/v1/labels')).toMatchObject({ status: 502 });
  });
});

describe('who may ask', () => {
  const data = '/-/sources.json';
  test.each<[string, string, Record<string, string>, number]>([
    ['by address', data, { Host: '127.0.0.1:8686' }, 200],
    ['by another address of the machine', data, { Host: '192.168.7.1' }, 200],
    ['by an IPv6 address', data, { Host: '[::1]:8686' }, 200],
    ['by localhost', data, { Host: 'localhost:1234' }, 200],
    ['by a name that was allowed', data, { Host: 'triage.example' }, 200],
    ['by a name that was rebound', data, { Host: 'evil.example:8686' }, 403],
    ['by a name that begins like an allowed one', data, { Host: 'triage.example.evil.example' }, 403],
    ['by a name that begins like an address', data, { Host: '127.0.0.1.evil.example' }, 403],
    ['by a name with a password', data, { Host: 'localhost@evil.example' }, 403],
    ['the page by a name that was rebound', '/', { Host: 'evil.example' }, 403],
    ['a page of its own', data, { Host: 'localhost:1', Origin: 'http://localhost:1' }, 200],
    ['a page of its own behind TLS', data, { Host: 'triage.example', Origin: 'https://triage.example' }, 200],
    ['a page of another origin', data, { Host: 'localhost:1', Origin: 'https://evil.example' }, 403],
    ['a page of another port', data, { Host: 'localhost:1', Origin: 'http://localhost:2' }, 403],
    ['a page without an origin', data, { Host: 'localhost:1', Origin: 'null' }, 403],
    ['an image on another site', data, { Host: 'localhost:1', 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['an image on a neighbouring site', data, { Host: 'localhost:1', 'Sec-Fetch-Site': 'same-site' }, 403],
    [
      'a link to the page from another site',
      '/?recording=seats',
      { Host: 'localhost:1', 'Sec-Fetch-Site': 'cross-site' },
      200,
    ],
    ['a probe by any name', '/-/healthy', { Host: 'whatever' }, 200],
  ])('%s', async (_, path, headers, status) => {
    const served = await serve({ prometheus: [prometheus.url] });
    const before = log.length;
    expect((await ask(served, path, headers)).status).toBe(status);
    expect(log.length - before).toBe(status === 200 ? 0 : 1);
  });

  test('nobody is told that another origin may read', async () => {
    const served = await serve({ prometheus: [prometheus.url] });
    const { headers } = await ask(served, data, { Origin: served.url });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('pages scraped by the server', () => {
  let engine: RunningServer;
  let served: RunningServe;
  beforeAll(async () => {
    engine = await startEngine(pages.slice(60));
    served = await serve({ metrics: [`${engine.url.replace('//', `//me:${TOKEN}@`)}/metrics`] });
    await vi.waitUntil(() => engine.requests.length > 12, { timeout: 20_000 });
  });
  afterAll(() => engine.stop());

  test('open with history', async () => {
    const now = () => Date.now() / 1000;
    const viewer = openScrape({ urls: [`${served.url}/-/metrics/vllm`] }, { fetch, now });
    const request: ReadRequest = { from: 'start', to: 'end', selector: '', knobs: {} };
    const { readings, replicas } = await viewer.read(request, abort);
    expect(replicas.map(({ instance }) => instance)).toEqual([new URL(engine.url).host]);
    expect(readings.up?.lines[0]?.values).toContain(1);
    const seen = [...viewer.recording()].join('').match(/^vllm:num_requests_running\{/gm)?.length ?? 0;
    expect(seen).toBeGreaterThan(10);
    await viewer.scrape(abort);
    const more = [...viewer.recording()].join('').match(/^vllm:num_requests_running\{/gm)?.length ?? 0;
    expect(more).toBeGreaterThanOrEqual(seen);
  });

  test('only what is newer, where that is asked for', async () => {
    const all = await ask(served, '/-/metrics/vllm');
    expect(all.body.endsWith('# EOF\n')).toBe(true);
    const later = await ask(served, `/-/metrics/vllm?after=${Date.now() - 500}`);
    expect(later.body.length).toBeLessThan(all.body.length / 2);
    expect(all.body + JSON.stringify(all.headers)).not.toContain(TOKEN);
  });

  test('that cannot be read say why', async () => {
    const none = await serve({ metrics: ['http://127.0.0.1:9/metrics?key=secret'] });
    const answer = await ask(none, '/-/metrics/vllm');
    expect(answer).toMatchObject({
      status: 502,
      body: expect.stringContaining('http://127.0.0.1:9/metrics cannot be reached'),
    });
    expect(answer.body).not.toContain('secret');
    const viewer = openScrape({ urls: [`${none.url}/-/metrics/vllm`] }, { fetch, now: () => Date.now() / 1000 });
    const read = viewer.read({ from: 'start', to: 'end', selector: '', knobs: {} }, abort);
    await expect(read).rejects.toThrow(
      /^The server behind http:\S+\/-\/metrics\/vllm cannot be reached \(502\): http:\/\/127\.0\.0\.1:9\/metrics cannot be reached \([^()]+\)\.$/,
    );
  });
});

describe('the page', () => {
  test('is told what its server offers, and no address', async () => {
    const served = await serve({ prometheus: [`prod=${prometheus.url}`], metrics: ['http://127.0.0.1:9/metrics'] });
    const { body, headers } = await ask(served, '/');
    const content = /name="vllm-triage-sources" content="([^"]*)"/.exec(body)?.[1] ?? '';
    expect(JSON.parse(content.replaceAll('&#34;', '"'))).toEqual([
      { kind: 'prometheus', name: 'prod' },
      { kind: 'metrics', name: 'vllm' },
    ]);
    expect(body).not.toContain('127.0.0.1');
    expect(headers).toMatchObject({
      'content-security-policy': `${PAGE_POLICY}; frame-ancestors 'self'`,
      'referrer-policy': 'no-referrer',
      'permissions-policy': PERMISSIONS,
      'x-content-type-options': 'nosniff',
    });
    expect(PAGE_POLICY).not.toMatch(/unsafe-inline|'unsafe-eval'|\*/);
    expect(headers['cache-control']).toBe('no-cache');
  });

  test('sends its policy with every file, and only those it was told to may frame it', async () => {
    const served = await serve({}, { embedOrigins: ['https://portal.example'] });
    for (const path of ['/', '/index.html', '/assets/app-1.js'])
      expect((await ask(served, path)).headers['content-security-policy'], path).toBe(
        `${PAGE_POLICY}; frame-ancestors 'self' https://portal.example`,
      );
  });

  test('data can do nothing where it is opened as a page, whatever the source calls it', async () => {
    const upstream = await startServer((_, response) =>
      response.writeHead(503, { 'Content-Type': 'text/html' }).end('<script>alert(1)</script>'),
    );
    stops.push(upstream.stop);
    const served = await serve({ prometheus: [`prod=${upstream.url}`] });
    for (const path of ['/-/prometheus/prod/api/v1/labels', '/-/sources.json', '/-/nothing', '/-/healthy'])
      expect((await ask(served, path)).headers, path).toMatchObject({
        'content-security-policy': DATA_POLICY,
        'x-content-type-options': 'nosniff',
      });
    expect(DATA_POLICY).toMatch(/default-src 'none'; sandbox(;|$)/);
  });

  test.each([
    ['/assets/app-1.js', 200],
    ['/assets', 404],
    ['/nothing.js', 404],
    ['/../token', 404],
    ['/..%2f..%2f..%2f..%2fetc%2fpasswd', 404],
    ['/assets/../../../../../../etc/passwd', 404],
    ['/%00', 404],
    ['/%zz', 404],
  ])('%s answers %i', async (path, status) => {
    const served = await serve({});
    expect((await ask(served, path)).status).toBe(status);
  });

  test('takes the next port where one is taken', async () => {
    const first = await serve({});
    const port = Number(new URL(first.url).port);
    const second = await serve({}, { port });
    expect(Number(new URL(second.url).port)).toBeGreaterThan(port);
    expect((await ask(second, '/-/healthy')).body).toBe('ok\n');
  });
});
