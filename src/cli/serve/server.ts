import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { openScrape, type Scraper } from '../../sources/scrape/source.ts';
import { readHeaders } from '../headers.ts';
import { keepScraping } from '../scraping.ts';
import { DATA, refusalOf } from './guard.ts';
import { type OfferedSource, sendPage } from './page.ts';
import { DATA_POLICY } from './policy.ts';
import { Refusal, relay } from './relay.ts';
import type { ServedSource } from './sources.ts';

export interface ServeOptions {
  readonly sources: readonly ServedSource[];
  /** Folder of the built page. */
  readonly page: string;
  readonly host: string;
  /** The first port tried; 0 for any. */
  readonly port: number;
  /** Names this server may be called by, beside addresses and localhost. */
  readonly allowedHosts: readonly string[];
  /** Origins of pages elsewhere that may frame the page and talk to it; none if left out. */
  readonly embedOrigins?: readonly string[];
  /** Seconds a source may take to answer. */
  readonly timeout: number;
  /** Seconds between scrapes of /metrics pages; default 5. */
  readonly interval?: number;
  readonly patience?: Partial<Patience>;
  /** One line per refusal and per trouble. */
  readonly log: (line: string) => void;
}

export interface RunningServe {
  /** Without a slash at its end. */
  readonly url: string;
  /** Takes no new request, and is over when those under way are answered or had their time. */
  stop(): Promise<void>;
}

/** Ports tried one after the other before giving up. */
const TRIED_PORTS = 20;
/** How long a client is waited for, in milliseconds. */
export interface Patience {
  /** Until its request is here. */
  readonly request: number;
  /** Until it has taken the answer, after what the source may need for it. */
  readonly answer: number;
  /** Until those under way are finished when the server is told to end: less than the 30 s Kubernetes gives. */
  readonly drain: number;
}

const PATIENCE: Patience = { request: 30_000, answer: 60_000, drain: 10_000 };
/** Connections at once. A browser opens six; further ones are closed before anything of them is read. */
const MOST_CONNECTIONS = 2000;

/** What is scraped for one source, and when the first round was over. */
interface Scraped {
  readonly scraper: Scraper;
  readonly first: Promise<unknown>;
}

/**
 * The built page, and a relay on the same origin to exactly the sources it was given. Pages are scraped from the start, so that
 * whoever opens the page later finds half an hour of history.
 * @throws Error if no port can be had
 */
export async function startServe(options: ServeOptions): Promise<RunningServe> {
  const ended = new AbortController();
  const scraped = new Map<string, Scraped>();
  const patience = { ...PATIENCE, ...options.patience };
  const server = createServer(
    {
      requestTimeout: patience.request,
      headersTimeout: patience.request,
      // Node would look for them every 30 s.
      connectionsCheckingInterval: Math.min(5000, patience.request / 2),
    },
    (request, response) => {
      // Whoever reads nothing holds on to a file or to a question; Node itself would wait for ever.
      const late = setTimeout(() => request.socket.destroy(), options.timeout * 1000 + patience.answer);
      response.once('close', () => clearTimeout(late));
      if (ended.signal.aborted) response.shouldKeepAlive = false;
      answer(request, response, options, scraped).catch((error: unknown) => {
        options.log(`${oneLine(request)}: ${error instanceof Error ? error.message : String(error)}`);
        if (response.headersSent) response.destroy();
        else say(response, 500, 'Something went wrong; the log of the server says what.');
      });
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  const port = await listen(server, options.host, options.port);
  for (const source of options.sources.filter(({ kind }) => kind === 'metrics')) {
    const scraper = openScrape(
      {
        urls: source.urls,
        headers: () => readHeaders(source.headers, process.env),
        ...(options.interval === undefined ? {} : { interval: options.interval }),
      },
      { fetch: globalThis.fetch, now: () => Date.now() / 1000 },
    );
    scraped.set(source.name, { scraper, first: keepScraping(scraper, ended.signal) });
  }
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    stop: async () => {
      ended.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      const late = setTimeout(() => server.closeAllConnections(), patience.drain);
      // A connection that has had its answer is not kept for the next question.
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      await closed;
      clearTimeout(late);
      clearInterval(idle);
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: ServeOptions,
  scraped: ReadonlyMap<string, Scraped>,
): Promise<void> {
  const address = request.url ?? '';
  if (!/^\/(?!\/)/.test(address) || !URL.canParse(address, 'http://this'))
    return say(response, 400, 'That is no path.');
  const { pathname, search, searchParams } = new URL(address, 'http://this');
  // For probes, which call by address or by any name; it says nothing.
  if (pathname === `${DATA}healthy`) return say(response, 200, 'ok');
  try {
    const refusal = refusalOf({ path: pathname, headers: request.headers }, options.allowedHosts);
    if (refusal !== null) throw new Refusal(403, refusal);
    const head = request.method === 'HEAD';
    const [, kind, name, path] = /^\/-\/(prometheus|metrics)\/([^/]+)(?:\/(.+))?$/.exec(pathname) ?? [];
    const source = options.sources.find((one) => one.kind === kind && one.name === name);
    if (request.method !== 'GET' && !head && !(request.method === 'POST' && source?.kind === 'prometheus'))
      throw new Refusal(405, 'this server only reads');
    if (source?.kind === 'prometheus' && path !== undefined)
      return await relay({ source, path, search, timeout: options.timeout }, request, response);
    if (source?.kind === 'metrics' && path === undefined)
      return await sendHistory(scraped.get(source.name) as Scraped, searchParams.get('after'), response);
    const offered = options.sources.map(({ kind, name }): OfferedSource => ({ kind, name }));
    if (pathname === `${DATA}sources.json`)
      return say(response, 200, JSON.stringify({ sources: offered }), 'application/json');
    if (pathname.startsWith(DATA)) throw new Refusal(403, 'it was not started with such a source');
    const { page, embedOrigins = [] } = options;
    if (await sendPage(page, decode(pathname), { offered, embedOrigins }, head, response)) return;
    say(response, 404, 'There is nothing here.');
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    options.log(`${error.status} ${oneLine(request)}: ${error.message}`);
    // A form that was not read to its end is still on its way; the connection goes with it.
    if (!request.complete) response.setHeader('Connection', 'close');
    const why = `${error.message.replace(/\.$/, '')}.`;
    say(response, error.status, error.status < 500 ? `Not passed on: ${why}` : why);
  }
}

/** What was scraped, as a recording; 502 while no page could be read at all. */
async function sendHistory({ scraper, first }: Scraped, after: string | null, response: ServerResponse): Promise<void> {
  await first;
  const trouble = scraper.trouble();
  if (trouble !== null && trouble.problem !== 'empty') throw new Refusal(502, trouble.message);
  // Half an hour says the same names and labels hundreds of times.
  const packed = /\bgzip\b/.test(String(response.req.headers['accept-encoding'] ?? ''));
  response.writeHead(200, {
    'Content-Type': 'application/openmetrics-text; version=1.0.0; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': DATA_POLICY,
    Vary: 'Accept-Encoding',
    ...(packed ? { 'Content-Encoding': 'gzip' } : {}),
  });
  const from = after === null || !/^\d+$/.test(after) ? undefined : Number(after);
  const text = Readable.from(scraper.recording(from));
  await (packed ? pipeline(text, createGzip({ level: 1 }), response) : pipeline(text, response)).catch(() => {
    response.destroy();
  });
}

function say(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': DATA_POLICY,
  });
  response.end(response.req.method === 'HEAD' ? undefined : `${text}\n`);
}

/** Method and path of a request for the log: printable, and without the question, which may be anybody's business. */
function oneLine(request: IncomingMessage): string {
  const path = (request.url ?? '').split('?')[0] ?? '';
  return `${request.method} ${path.replace(/[^\x21-\x7e]/g, '?').slice(0, 200)} from ${request.socket?.remoteAddress ?? 'nowhere'}`;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Listens on the port, or on the next that is free. */
async function listen(server: Server, host: string, wanted: number): Promise<number> {
  for (let port = wanted; ; port += 1) {
    const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
      const failed = (error: NodeJS.ErrnoException) => resolve(error);
      server.once('error', failed);
      server.listen(port, host, () => {
        server.off('error', failed);
        resolve(null);
      });
    });
    if (error === null) return (server.address() as AddressInfo).port;
    if (error.code !== 'EADDRINUSE' || port >= wanted + TRIED_PORTS || port >= 65_535) throw error;
  }
}
