import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { formatSample, parseExposition } from '../core/exposition/parse.ts';

/** What a vLLM server answered at one moment: its /metrics page, without what the scraper adds. */
export interface EnginePage {
  /** Unix milliseconds. */
  readonly timeMs: number;
  readonly text: string;
}

const OF_THE_SCRAPER = new Set(['up', 'scrape_duration_seconds']);

/** The pages a recording was made of, per instance and in order of time: the way back from a recording to the server. */
export async function pagesOf(recording: string): Promise<ReadonlyMap<string, readonly EnginePage[]>> {
  const bytes = await readFile(recording);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
  const found = new Map<string, Map<number, string[]>>();
  for (const { name, labels, times, values } of parseExposition(text).series) {
    if (OF_THE_SCRAPER.has(name)) continue;
    const { instance = '', job: _, ...own } = labels;
    const pages = found.get(instance) ?? new Map<number, string[]>();
    found.set(instance, pages);
    for (const [i, time] of times.entries()) {
      const lines = pages.get(time) ?? [];
      pages.set(time, lines);
      lines.push(formatSample(name, own, values[i] as number));
    }
  }
  return new Map(
    [...found].map(([instance, pages]) => [
      instance,
      [...pages].sort(([a], [b]) => a - b).map(([timeMs, lines]) => ({ timeMs, text: `${lines.join('\n')}\n` })),
    ]),
  );
}

/** A server whose answers a test decides, on a free port of 127.0.0.1. */
export interface RunningServer {
  /** Without a slash at its end. */
  readonly url: string;
  /** Requests so far, oldest first. */
  readonly requests: readonly IncomingMessage[];
  stop(): Promise<void>;
}

export async function startServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<RunningServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/**
 * A vLLM server that answers with the next page at every request, and with the last one from then on.
 * @param headers sent with every page
 */
export function startEngine(
  pages: readonly EnginePage[],
  headers: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  let next = 0;
  return startServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    const page = pages[Math.min(next, pages.length - 1)];
    next += 1;
    response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8', ...headers });
    response.end(page?.text ?? '');
  });
}
