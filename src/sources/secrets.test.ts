import { afterAll, expect, test } from 'vitest';
import { startServer } from '../testing/engine-pages.ts';
import { openPrometheus } from './prometheus/source.ts';
import { openScrape } from './scrape/source.ts';
import type { ReadRequest } from './source.ts';

const HEADERS = { Authorization: 'Bearer planted-bearer', 'X-Api-Key': 'planted-key' };
const REQUEST: ReadRequest = { from: 'start', to: 'now', range: 600, selector: '', knobs: {} };
const never = new AbortController().signal;
const platform = { fetch, now: () => Date.now() / 1000 };

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});
async function server(answer: Parameters<typeof startServer>[0]) {
  const running = await startServer(answer);
  stops.push(running.stop);
  return running;
}

const OPENED = {
  prometheus: (url: string, headers = HEADERS as Record<string, string>) => openPrometheus({ url, headers }, platform),
  metrics: (url: string, headers = HEADERS as Record<string, string>) =>
    openScrape({ urls: [url], headers: async () => headers }, platform),
};
const KINDS = ['prometheus', 'metrics'] as const;

test.each(KINDS)('%s: headers do not follow to where the server sends', async (kind) => {
  const elsewhere = await server((_, response) => response.end('{}'));
  const sends = await server((_, response) => response.writeHead(307, { Location: `${elsewhere.url}/there` }).end());
  await expect(OPENED[kind](sends.url).read(REQUEST, never)).rejects.toThrow('sends elsewhere');
  expect(sends.requests[0]?.headers['x-api-key']).toBe('planted-key');
  expect(elsewhere.requests).toEqual([]);
  // Without any, a redirect is as good as another.
  await OPENED[kind](sends.url, {})
    .read(REQUEST, never)
    .catch(() => {});
  expect(elsewhere.requests.length).toBeGreaterThan(0);
});

test.each(KINDS)('%s: what the server repeats of them is not said', async (kind) => {
  const says = 'no rights for planted-bearer with planted-key';
  const echo = await server((_, response) =>
    kind === 'metrics'
      ? response.writeHead(502).end(says)
      : response.writeHead(400).end(JSON.stringify({ status: 'error', errorType: 'bad_data', error: says })),
  );
  const said = await OPENED[kind](echo.url)
    .read(REQUEST, never)
    .then(() => '', String);
  expect(said).toContain('no rights for [hidden] with [hidden]');
  expect(said).not.toContain('planted');
});
