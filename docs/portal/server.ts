// The server of the sample portal: its files under a strict policy, a token for who is signed in, and a gateway to Prometheus
// that wants that token. Run it after `npm run build`, beside a page that allows it to talk:
//
//   vllm-triage serve --port 8686 --embed-origin http://127.0.0.1:8690
//   npx tsx docs/portal/server.ts http://127.0.0.1:9090 http://127.0.0.1:8686/ 8690
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};
const TOKEN_SECONDS = 300;

export interface PortalOptions {
  /** Addresses of the Prometheus and of the whole page. */
  readonly prometheus: string;
  readonly app: string;
  /** Times as in a link. */
  readonly range?: { readonly from?: string; readonly to?: string };
  readonly port?: number;
}

export async function startPortal({ prometheus, app, range = {}, port = 0 }: PortalOptions) {
  const tokens = new Set<string>();
  const asked: { authorization: string | null; path: string }[] = [];
  const home = new URL(app).origin;
  const policy = `default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self'; frame-src ${home}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(502).end());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const { pathname, search } = new URL(request.url ?? '/', 'http://portal');
    const json = (value: unknown) =>
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
    if (pathname === '/config.json') return json({ app, prometheus: '/prometheus', range });
    if (pathname === '/token') {
      const value = randomBytes(24).toString('base64url');
      tokens.add(value);
      return json({ value, expires: Math.floor(Date.now() / 1000) + TOKEN_SECONDS });
    }
    if (pathname.startsWith('/prometheus/'))
      return relay(request, response, pathname.slice('/prometheus'.length) + search);
    const built = pathname.startsWith('/embed/');
    const file = new URL(
      built ? `../../dist${pathname}` : `.${pathname === '/' ? '/index.html' : pathname}`,
      import.meta.url,
    );
    const content = await readFile(file).catch(() => null);
    if (content === null) return response.writeHead(404).end();
    response.writeHead(200, {
      'Content-Type': TYPES[extname(file.pathname)] ?? 'application/octet-stream',
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(content);
  }

  async function relay(request: IncomingMessage, response: ServerResponse, path: string): Promise<unknown> {
    // The frame stands on another origin, and asks first because of the token.
    const leave = {
      'Access-Control-Allow-Origin': home,
      'Access-Control-Allow-Headers': 'Authorization',
      Vary: 'Origin',
    };
    if (request.method === 'OPTIONS') return response.writeHead(204, leave).end();
    const authorization = request.headers.authorization ?? null;
    asked.push({ authorization, path });
    if (!tokens.has((authorization ?? '').replace(/^Bearer /, '')))
      return response.writeHead(401, leave).end(`no such token: ${authorization}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const got = await fetch(prometheus + path, {
      method: request.method ?? 'GET',
      headers: { 'Content-Type': request.headers['content-type'] ?? 'application/x-www-form-urlencoded' },
      ...(request.method === 'POST' ? { body: Buffer.concat(chunks) } : {}),
    });
    response.writeHead(got.status, { ...leave, 'Content-Type': got.headers.get('content-type') ?? 'application/json' });
    response.end(Buffer.from(await got.arrayBuffer()));
  }

  await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    tokens,
    stop: () => {
      server.closeAllConnections();
      return new Promise<void>((stopped) => server.close(() => stopped()));
    },
  };
}

if (process.argv[1] === import.meta.filename) {
  const [prometheus = '', app = '', port = '8690'] = process.argv.slice(2);
  const { url } = await startPortal({ prometheus, app, port: Number(port) });
  console.log(`the portal is at ${url}/`);
}
