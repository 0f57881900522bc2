import { Agent, createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Random } from '../evaluation/simulator/random.ts';

/** What goes wrong with every answer of a tick, or with half of them. */
export type Fault = 'refused' | 'cut' | '503' | '429' | 'html' | 'empty' | 'half';

export const FAULTS: readonly Fault[] = ['refused', 'cut', '503', '429', 'html', 'empty', 'half'];

/** What was asked since the last time somebody looked. */
export interface Traffic {
  /** Requests that came, and those of them that were spoilt. */
  readonly requests: number;
  readonly spoilt: number;
  /** Requests that begin a read: which names exist in scope. */
  readonly reads: number;
}

export interface SoakProxy {
  readonly url: string;
  /** What goes wrong from now on; `null` for nothing. */
  break(fault: Fault | null): void;
  /** Counts since the last call, and starts counting anew. */
  take(): Traffic;
  /** Requests since the last `take`. */
  readonly asked: number;
  /** Requests under way. */
  readonly underWay: number;
  /** Unix milliseconds at which a request last began or ended. */
  readonly movedAt: number;
  close(): Promise<void>;
}

/**
 * Stands between the page and its Prometheus: counts, and spoils answers when told to. Which of half the requests fail follows
 * from the seed alone.
 */
export async function startProxy(target: string, seed: number): Promise<SoakProxy> {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true });
  const random = new Random(seed, 'half');
  let fault: Fault | null = null;
  let counts = { requests: 0, spoilt: 0, reads: 0 };
  let underWay = 0;
  let movedAt = Date.now();

  const server = createServer((asked, answer) => {
    counts.requests += 1;
    if (beginsRead(asked.url ?? '')) counts.reads += 1;
    underWay += 1;
    movedAt = Date.now();
    answer.once('close', () => {
      underWay -= 1;
      movedAt = Date.now();
    });
    const now = fault === 'half' ? (random.chance(0.5) ? '503' : null) : fault;
    if (now !== null) {
      counts.spoilt += 1;
      spoil(now, asked, answer);
      return;
    }
    pass(asked, answer);
  });
  const pass = (asked: IncomingMessage, answer: ServerResponse) => {
    const { method, url: path, headers } = asked;
    const out = forward({ hostname, port, method, path, agent, headers: { ...headers, host: `${hostname}:${port}` } });
    out.once('response', (back) => {
      answer.writeHead(back.statusCode ?? 502, back.headers);
      back.pipe(answer);
    });
    out.once('error', () => answer.destroy());
    asked.pipe(out);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    break: (next) => {
      fault = next;
    },
    take: () => {
      const taken = counts;
      counts = { requests: 0, spoilt: 0, reads: 0 };
      return taken;
    },
    get asked() {
      return counts.requests;
    },
    get underWay() {
      return underWay;
    },
    get movedAt() {
      return movedAt;
    },
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A read asks first which names there are in its range, of all levels at once. */
function beginsRead(path: string): boolean {
  if (!path.includes('/label/__name__/values')) return false;
  const { searchParams } = new URL(path, 'http://proxy');
  return searchParams.has('start') && searchParams.getAll('match[]').length > 1;
}

const OPEN = { 'access-control-allow-origin': '*' };
const JSON_TYPE = { ...OPEN, 'content-type': 'application/json' };

function spoil(fault: Exclude<Fault, 'half'>, asked: IncomingMessage, answer: ServerResponse): void {
  asked.resume();
  switch (fault) {
    case 'refused':
      answer.destroy();
      return;
    case 'cut':
      answer.writeHead(200, { ...JSON_TYPE, 'content-length': '4000' });
      answer.write('{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__na');
      setTimeout(() => answer.destroy(), 5);
      return;
    case '503':
    case '429':
      answer.writeHead(Number(fault), OPEN).end('busy');
      return;
    case 'html':
      answer.writeHead(200, { ...OPEN, 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>');
      return;
    case 'empty': {
      const path = asked.url ?? '';
      const data = path.includes('/label/')
        ? []
        : { resultType: path.includes('query_range') ? 'matrix' : 'vector', result: [] };
      answer.writeHead(200, JSON_TYPE).end(JSON.stringify({ status: 'success', data }));
      return;
    }
    default:
      fault satisfies never;
  }
}
