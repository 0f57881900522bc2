import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Occasion } from '../../core/watch/messages.ts';
import { collectWebhook, openMail, type Webhook } from './webhook.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A receiver that answers with these codes in turn, the last one for good, and keeps what it was sent. */
async function receiver(...codes: number[]): Promise<{ url: string; got: unknown[]; paths: string[] }> {
  const got: unknown[] = [];
  const paths: string[] = [];
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    request.on('data', (piece) => (text += piece));
    request.on('end', () => {
      got.push(JSON.parse(text));
      paths.push(String(request.url));
      const code = codes.length > 1 ? codes.shift() : codes[0];
      response.writeHead(code as number, code === 302 ? { Location: '/elsewhere' } : {}).end('said');
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got, paths };
}

function post(webhook: Webhook, said: string[] = []) {
  const stop = new AbortController();
  const mail = openMail(webhook, {
    fetch,
    chance: () => 0,
    stop: stop.signal,
    onResult: (result, says) => said.push(`${result}: ${says.replace(/:\d+/, '')}`),
  });
  return { mail, stop, said, empty: () => mail.empty(AbortSignal.timeout(15_000)) };
}

const event = (n: number) => ({ event: { n }, stand: { status: 'healthy' }, before: null }) as unknown as Occasion;
const state = (headline: string) =>
  ({
    at: 100,
    told: 50,
    every: 15,
    before: null,
    verdict: null,
    event: null,
    stand: {
      status: 'critical',
      primary: 'overload',
      headline,
      lede: '',
      instances: [],
      model: 'm',
      confidence: null,
      since: null,
    },
  }) as unknown as Occasion;

test('news arrives in order, each once, although the receiver is away for a moment', async () => {
  const { url, got } = await receiver(503, 429, 200);
  const { mail, empty, said } = post({ shape: 'json', url });
  for (const n of [1, 2, 3]) mail.post(event(n));
  await empty();
  expect(got).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }, { n: 2 }, { n: 3 }]);
  expect(said.filter((one) => one.startsWith('sent'))).toHaveLength(3);
  expect(said[0]).toBe('retried: json webhook at 127.0.0.1: answered 503; trying again');
});

test('an answer that would not change is the last word, and a redirect is not followed', async () => {
  for (const code of [400, 302]) {
    const { url, got, paths } = await receiver(code);
    const { mail, empty, said } = post({ shape: 'json', url: `${url}/secret-path` });
    mail.post(event(1));
    await empty();
    expect(got).toHaveLength(1);
    expect(paths).toEqual(['/secret-path']);
    expect(said).toEqual([`dropped: json webhook at 127.0.0.1: answered ${code}; not tried again`]);
    server?.close();
  }
});

test('of a state only the newest is told', async () => {
  const { url, got, paths } = await receiver(503, 200);
  const { mail, empty } = post({ shape: 'alertmanager', url });
  mail.post(state('first'));
  for (const n of [1, 2, 3, 4]) mail.post(state(`later ${n}`));
  await empty();
  const summaries = got.map((one) => (one as { annotations: { summary: string } }[])[0]?.annotations.summary);
  expect(summaries.at(-1)).toBe('later 4');
  expect(summaries.length).toBeLessThanOrEqual(3);
  expect(new Set(paths)).toEqual(new Set(['/api/v2/alerts']));
});

test('a receiver that is gone does not keep the program from ending', async () => {
  const { url } = await receiver(200);
  server?.close();
  server?.closeAllConnections();
  const { mail, stop, said } = post({ shape: 'json', url });
  mail.post(event(1));
  await mail.empty(AbortSignal.timeout(300));
  stop.abort();
  await mail.empty(AbortSignal.timeout(5000));
  expect(said[0]).toContain('ECONNREFUSED; trying again');
});

test('an address says what was expected', () => {
  expect(collectWebhook('slack=https://hooks.example/a=b', [])).toEqual([
    { shape: 'slack', url: 'https://hooks.example/a=b' },
  ]);
  expect(collectWebhook('https://x.example/?a=b', [])).toEqual([{ shape: 'json', url: 'https://x.example/?a=b' }]);
  for (const bad of ['ftp://x', 'pager=https://x', '', 'hooks.example', 'constructor=https://x'])
    expect(() => collectWebhook(bad, []), bad).toThrow(/expected an http address/);
});
