import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startCommand } from '../../testing/command.ts';
import { MOST_BYTES } from '../../sources/prometheus/client.ts';
import { startServer } from '../../testing/engine-pages.ts';
import { freePort } from '../../testing/prometheus.ts';
import { type RunningServe, type ServeOptions, startServe } from './server.ts';
import { servedSources } from './sources.ts';

/** The server as its worst clients meet it: bytes on a socket, since no client library sends what they send. */
const SECRET = 'outside-the-page';
/** More than a socket and its peer hold between them. */
const LARGE = 32 << 20;
const FILLING = Buffer.alloc(1 << 20, 'x');

let folder: string;
const stops: (() => Promise<void>)[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vllm-triage-sockets-'));
  const page = join(folder, 'page');
  mkdirSync(join(page, 'assets'), { recursive: true });
  writeFileSync(join(page, 'index.html'), '<html><head></head><body>page</body></html>');
  writeFileSync(join(page, 'assets', 'large.js'), Buffer.alloc(LARGE, 32));
  writeFileSync(join(folder, 'secret.txt'), SECRET);
  symlinkSync(join(folder, 'secret.txt'), join(page, 'linked.txt'));
  symlinkSync(folder, join(page, 'assets', 'up'));
  symlinkSync(join(page, 'index.html'), join(page, 'assets', 'inside.html'));
});
afterAll(async () => {
  for (const stop of stops) await stop();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(upstream: string | null, options: Partial<ServeOptions> = {}): Promise<RunningServe> {
  const running = await startServe({
    sources: servedSources({ prometheus: upstream === null ? [] : [`prod=${upstream}`], metrics: [], header: {} }),
    page: join(folder, 'page/'),
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    timeout: 5,
    log: () => {},
    ...options,
  });
  stops.push(running.stop);
  return running;
}

interface Client {
  readonly socket: Socket;
  /** What came so far. */
  readonly got: () => string;
  readonly closed: Promise<void>;
}

function open(url: string, text = ''): Client {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let got = '';
  socket.on('data', (chunk) => (got += chunk.toString('latin1')));
  socket.on('error', () => {});
  if (text !== '') socket.write(text, 'latin1');
  return { socket, got: () => got, closed: new Promise((resolve) => socket.once('close', () => resolve())) };
}

/** Everything the server says to these bytes before it closes. */
async function say(url: string, text: string): Promise<string> {
  const client = open(url, text);
  await client.closed;
  return client.got();
}

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${more}\r\n`;
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
const LABELS = '/-/prometheus/prod/api/v1/labels';

describe('what is no question to a source', () => {
  test.each([
    ['CONNECT', 'CONNECT 127.0.0.1:PORT HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    [
      'an address in place of a path',
      'GET http://127.0.0.1:PORT/api/v1/labels HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    ],
    [
      'a path that begins as an address does',
      'GET //127.0.0.1:PORT/api/v1/labels HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    ],
    [
      'an address as the name of a source',
      'GET /-/prometheus/127.0.0.1:PORT/api/v1/labels HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    ],
    [
      'an address below a source',
      'GET /-/prometheus/prod/http://127.0.0.1:PORT/api/v1/labels HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    ],
    [
      'a user before the host',
      'GET @127.0.0.1:PORT/api/v1/labels HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    ],
    ['no Host', `GET ${LABELS} HTTP/1.1\r\nConnection: close\r\n\r\n`],
    ['no Host, the old protocol', `GET ${LABELS} HTTP/1.0\r\n\r\n`],
    ['a foreign Host', `GET ${LABELS} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`],
    ['TRACE', `TRACE ${LABELS} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`],
    ['everything', 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'],
    [
      'a wish for another protocol',
      'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\r\n',
    ],
    [
      'two lengths',
      `POST ${LABELS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET ${LABELS} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    ],
    ['headers without end', `GET ${LABELS} HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['what is no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('%s asks nobody', async (name, text) => {
    const upstream = await startServer((_, response) => response.end('{}'));
    stops.push(upstream.stop);
    const served = await serve(upstream.url);
    const answer = await say(served.url, text.replaceAll('PORT', new URL(upstream.url).port));
    expect(upstream.requests).toEqual([]);
    // Nothing is said to CONNECT; a wish for another protocol is passed over, and the page comes.
    if (name === 'CONNECT') expect(answer).toBe('');
    else expect(statusOf(answer)).toSatisfy((code: number) => (name.startsWith('a wish') ? code === 200 : code >= 400));
    expect((await fetch(`${served.url}${LABELS}`)).status).toBe(200);
  });
});

describe('files outside the page', () => {
  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%2fsecret.txt',
    '/%252e%252e%252fsecret.txt',
    '/..%252fsecret.txt',
    '/..\\secret.txt',
    '/assets\\..\\..\\secret.txt',
    '/..%5csecret.txt',
    '/%2e%2e%5csecret.txt',
    '/..%c0%afsecret.txt',
    '/secret.txt%00.js',
    '/index.html%00/../../secret.txt',
    '/index.html/../../secret.txt',
    '/linked.txt',
    '/assets/up/secret.txt',
    '/assets/up',
    '/.%00./secret.txt',
    `/${'../'.repeat(40)}etc/passwd`,
    '/etc/passwd',
  ])('%s is not there', async (path) => {
    const served = await serve(null);
    const answer = await say(served.url, get(path));
    expect([400, 404]).toContain(statusOf(answer));
    expect(answer).not.toContain(SECRET);
    expect(answer).not.toContain('root:');
  });

  test('a link that stays inside is a file of the page', async () => {
    const served = await serve(null);
    expect(statusOf(await say(served.url, get('/assets/inside.html')))).toBe(200);
  });
});

describe('clients that take their time', () => {
  const patience = { request: 600, answer: 300 };

  test.each([
    ['says nothing', ''],
    ['sends half a header', 'GET / HTTP/1.1\r\nHost: local'],
    [
      'sends half a form',
      `POST ${LABELS} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nquery=`,
    ],
  ])('one that %s is let go, although it adds a byte now and then', async (_, text) => {
    const served = await serve('http://127.0.0.1:9', { patience });
    const client = open(served.url, text);
    const drip = setInterval(() => text !== '' && client.socket.write('x'), 100);
    const started = performance.now();
    await client.closed;
    clearInterval(drip);
    expect(performance.now() - started).toBeGreaterThan(patience.request - 50);
  });

  test('a hundred of them keep nobody else from an answer', async () => {
    const served = await serve(null, { patience: { request: 60_000 } });
    const slow = Array.from({ length: 100 }, () => open(served.url, 'GET / HTTP/1.1\r\n'));
    await pause(100);
    expect((await fetch(served.url)).status).toBe(200);
    for (const { socket } of slow) socket.destroy();
  });

  test('one that reads nothing of its answer is let go', async () => {
    const served = await serve(null, { timeout: 0.2, patience });
    const client = open(served.url, get('/assets/large.js'));
    client.socket.pause();
    await pause(1200);
    client.socket.resume();
    await client.closed;
    expect(client.got().length).toBeLessThan(LARGE);
    // Whoever reads has it whole.
    const whole = await serve(null);
    expect((await say(whole.url, get('/assets/large.js'))).length).toBeGreaterThan(LARGE);
  });

  test('one that reads nothing of a source’s answer does not hold on to the source', async () => {
    let writing = 0;
    const upstream = await startServer((_, response) => {
      writing += 1;
      response.once('close', () => (writing -= 1));
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    stops.push(upstream.stop);
    const served = await serve(upstream.url, { timeout: 0.5, patience });
    const client = open(served.url, get(LABELS));
    client.socket.pause();
    await vi.waitUntil(() => writing === 1);
    await vi.waitUntil(() => writing === 0, { timeout: 10_000 });
    client.socket.destroy();
  });

  test('an answer without end is broken off where the page would no longer read it', async () => {
    let ended = false;
    const upstream = await startServer((_, response) => {
      response.once('close', () => (ended = true));
      const more = () => {
        while (!response.destroyed && response.write(FILLING));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    stops.push(upstream.stop);
    const served = await serve(upstream.url, { timeout: 50 });
    const { hostname, port } = new URL(served.url);
    const socket = connect(Number(port), hostname);
    let bytes = 0;
    socket.on('data', (part) => (bytes += part.length));
    socket.on('error', () => {});
    socket.write(get(LABELS));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(bytes).toBeGreaterThan(MOST_BYTES / 2);
    expect(bytes).toBeLessThan(MOST_BYTES * 1.01);
    await vi.waitUntil(() => ended, { timeout: 10_000 });
  });

  test('a thousand at once all get the page and a source’s answer', async () => {
    const upstream = await startServer((_, response) => response.end('{"status":"success","data":["up"]}'));
    stops.push(upstream.stop);
    const served = await serve(upstream.url, { timeout: 60 });
    const clients = Array.from({ length: 1000 }, () => open(served.url));
    await Promise.all(
      clients.map(({ socket }) => socket.connecting && new Promise((resolve) => socket.once('connect', resolve))),
    );
    // All are open before the first one asks.
    clients.forEach(({ socket }, n) => socket.write(get(n % 2 === 0 ? '/' : LABELS)));
    await Promise.all(clients.map(({ closed }) => closed));
    const answers = clients.map(({ got }) => got());
    expect(answers.filter((answer) => statusOf(answer) !== 200)).toEqual([]);
    expect(answers.filter((answer, n) => answer.includes(n % 2 === 0 ? '<body>page' : '["up"]')).length).toBe(1000);
    expect(upstream.requests.length).toBe(500);
  });
});

describe('the end', () => {
  test('finishes what is under way and takes nothing new', async () => {
    let finish = () => {};
    const upstream = await startServer((_, response) => {
      response.write('{"status":"success",');
      finish = () => response.end('"data":[]}');
    });
    const served = await serve(upstream.url);
    const client = open(served.url, `GET ${LABELS} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const kept = open(served.url, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await vi.waitUntil(() => client.got().includes('success') && kept.got().includes('page'));
    const stopped = served.stop();
    await kept.closed;
    await expect(fetch(served.url)).rejects.toThrow();
    finish();
    await stopped;
    expect(client.got()).toContain('"data":[]}');
    await upstream.stop();
  });

  test('does not wait for ever', async () => {
    const upstream = await startServer(() => {});
    const served = await serve(upstream.url, { patience: { drain: 300 } });
    const client = open(served.url, get(LABELS));
    await vi.waitUntil(() => upstream.requests.length === 1);
    await served.stop();
    await client.closed;
    expect(client.got()).toBe('');
    await upstream.stop();
  });

  /** The program itself, from its own process, on a port that is known beforehand. */
  async function start(upstream: string, port: number) {
    const { process: child, ended } = startCommand(['serve', '--prometheus', `prod=${upstream}`, '--port', `${port}`]);
    let log = '';
    child.stderr.on('data', (chunk) => (log += chunk));
    await vi.waitUntil(() => log.includes('serving'), { timeout: 40_000 });
    expect(log).toContain(`:${port}/`);
    return { child, ended, url: `http://127.0.0.1:${port}` };
  }

  test('SIGTERM lets an answer finish; after SIGKILL the next one starts at once on the same port', async () => {
    let finish = () => {};
    const upstream = await startServer((_, response) => {
      response.write('{"status":"success",');
      finish = () => response.end('"data":[]}');
    });
    const port = await freePort();
    const killed = await start(upstream.url, port);
    const cut = open(killed.url, get(LABELS));
    await vi.waitUntil(() => cut.got().includes('success'));
    killed.child.kill('SIGKILL');
    await cut.closed;
    await killed.ended;

    const next = await start(upstream.url, port);
    const client = open(next.url, get(LABELS));
    await vi.waitUntil(() => client.got().includes('success'));
    next.child.kill('SIGTERM');
    await vi.waitUntil(
      () =>
        fetch(next.url).then(
          () => false,
          () => true,
        ),
      { timeout: 10_000 },
    );
    expect(next.child.exitCode).toBeNull();
    finish();
    expect(await next.ended).toMatchObject({ code: 0 });
    expect(client.got()).toContain('"data":[]}');
    await upstream.stop();
  });
});
