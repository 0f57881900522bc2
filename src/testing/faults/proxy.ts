import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server answered. */
export interface Answered {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** One request on its way through the proxy. */
export interface Exchange {
  readonly response: ServerResponse;
  /** Below `/api/v1/`: `query_range`, `label/__name__/values`. */
  readonly path: string;
  /** Of the address, or of the form. */
  readonly params: URLSearchParams;
  /** How many requests of its place came before it since the fault began. */
  readonly number: number;
  /** Asks the real server. */
  readonly ask: () => Promise<Answered>;
}

/** What is done with a request. */
export type Act = (exchange: Exchange) => Promise<void> | void;

/** A source as the product sees it: an address of its own, a real server behind it, and what happens on the way. */
export interface Place {
  /** Base URL to give to the product. */
  readonly url: string;
  /** Leads to this server from now on. */
  lead(upstream: string): void;
  /** Does this with every request from now on; `pass` mends it. */
  act(act: Act): void;
  /** Requests so far, and those that wait for an answer. */
  readonly begun: number;
  readonly open: number;
}

export interface FaultProxy {
  /** A new source. @param upstream base URL of a real server */
  place(name: string, upstream: string): Place;
  /** Nobody listens any more: connections are refused, and those that are open end. */
  close(): Promise<void>;
  /** Listens again, on the same port. */
  open(): Promise<void>;
}

export interface ProxyOptions {
  /** Unix seconds: what the servers behind it say that the time is. Left out, they speak for themselves. */
  readonly clock?: number;
}

/** What Prometheus allows pages of other origins. Source: prometheus util/httputil/cors.go. */
export const ALLOWED = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'Accept, Authorization, Content-Type, Origin',
  'Access-Control-Expose-Headers': 'Date',
};

/** Passes the answer on as it is. */
export const pass: Act = async ({ response, ask }) => send(response, await ask());

/** Answers a page of any origin. */
export function send(response: ServerResponse, { status, type, body }: Answered): void {
  response.writeHead(status, { ...ALLOWED, 'Content-Type': type }).end(body);
}

/**
 * Stands before real servers, on a free port of 127.0.0.1, and breaks what passes. Places are told apart by the first part of
 * the path, so that one proxy shows many faults at a time.
 */
export async function startFaultProxy({ clock }: ProxyOptions = {}): Promise<FaultProxy> {
  const places = new Map<string, StandingPlace>();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://proxy');
    const [, name = '', ...rest] = url.pathname.split('/');
    const place = places.get(name);
    let form = '';
    for await (const piece of request) form += piece;
    if (place === undefined) response.writeHead(404).end();
    else if (request.method === 'OPTIONS') response.writeHead(204, ALLOWED).end();
    else {
      const params = new URLSearchParams(request.method === 'POST' ? form : url.search);
      const asksTime = clock !== undefined && params.get('query') === 'time()';
      const { upstream } = place;
      await place.handle({
        response,
        path: rest.join('/').replace(/^api\/v1\//, ''),
        params,
        ask: () => (asksTime ? Promise.resolve(timeAnswer(clock)) : forward(`${upstream}/${rest.join('/')}`, params)),
      });
    }
  };
  const server = createServer((request, response) => {
    // A client that gave up, or a server behind that ended: either way nobody waits for an answer.
    handle(request, response).catch(() => response.destroy());
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    place: (name, upstream) => {
      const place = new StandingPlace(`http://127.0.0.1:${port}/${name}`, upstream);
      places.set(name, place);
      return place;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    open: () => listen(port),
  };
}

class StandingPlace implements Place {
  readonly url: string;
  upstream: string;
  begun = 0;
  open = 0;
  #act = pass;
  #since = 0;

  constructor(url: string, upstream: string) {
    this.url = url;
    this.upstream = upstream;
  }

  lead(upstream: string): void {
    this.upstream = upstream;
  }

  act(act: Act): void {
    this.#act = act;
    this.#since = this.begun;
  }

  async handle(exchange: Omit<Exchange, 'number'>): Promise<void> {
    const number = this.begun - this.#since;
    this.begun += 1;
    this.open += 1;
    exchange.response.once('close', () => (this.open -= 1));
    await this.#act({ ...exchange, number });
  }
}

async function forward(url: string, params: URLSearchParams): Promise<Answered> {
  // Both ends are on this machine; packing would only cost time.
  const answer = await fetch(`${url}?${params}`, { headers: { 'Accept-Encoding': 'identity' } });
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', body: await answer.text() };
}

function timeAnswer(clock: number): Answered {
  const data = { resultType: 'scalar', result: [clock, String(clock)] };
  return { status: 200, type: 'application/json', body: JSON.stringify({ status: 'success', data }) };
}
