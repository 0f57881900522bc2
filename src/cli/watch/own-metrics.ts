import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Status, Verdict } from '../../core/verdict/verdict.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `:9469`, `127.0.0.1:9469`, `[::1]:9469`; without a host the loopback. */
export function parseAddress(text: string): Address {
  const [, host = '', digits = ''] = /^(\[[0-9a-f:.]+\]|[^:[\]]*):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535)
    throw new InvalidArgumentError('expected HOST:PORT or :PORT, such as 127.0.0.1:9469.');
  return { host: host.replace(/^\[|\]$/g, '') || '127.0.0.1', port };
}

const STATUSES: readonly Status[] = ['healthy', 'degraded', 'critical', 'unknown'];

export interface OwnMetrics {
  /** The newest verdict, as it was judged: whoever alerts on it has a `for` of their own. `null`: the source could not be read. */
  judged(verdict: Verdict | null, seconds: number, at: number): void;
  notified(result: 'sent' | 'retried' | 'dropped'): void;
  text(): Promise<string>;
}

/** What `watch` says of the fleet and of itself, for a Prometheus to scrape. */
export function ownMetrics(version: string): OwnMetrics {
  const registers = [new Registry()];
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `vllm_triage_${name}`, help, labelNames, registers });
  const status = gauge('status', '1 for the status of the newest verdict, 0 for the others', ['status']);
  const finding = gauge('finding', 'Confidence, 0 to 0.95, of each finding of the newest verdict', [
    'pathology',
    'scope',
    'model',
    'role',
  ]);
  const blind = gauge('blind', '1 while the source cannot be read');
  const judgedAt = gauge('last_verdict_timestamp_seconds', 'When the source was last read and judged, unix seconds');
  const took = gauge('last_look_seconds', 'Seconds the last look took, reading and judging');
  const looks = new Counter({
    name: 'vllm_triage_looks_total',
    help: 'Looks by result',
    labelNames: ['result'],
    registers,
  });
  const messages = new Counter({
    name: 'vllm_triage_webhook_messages_total',
    help: 'Messages to webhooks by result',
    labelNames: ['result'],
    registers,
  });
  gauge('build_info', 'Version of this program', ['version']).set({ version }, 1);
  for (const result of ['read', 'failed']) looks.inc({ result }, 0);
  for (const result of ['sent', 'retried', 'dropped']) messages.inc({ result }, 0);

  return {
    judged: (verdict, seconds, at) => {
      const now = verdict?.status ?? 'unknown';
      for (const one of STATUSES) status.set({ status: one }, one === now ? 1 : 0);
      blind.set(verdict === null ? 1 : 0);
      took.set(seconds);
      looks.inc({ result: verdict === null ? 'failed' : 'read' });
      finding.reset();
      if (verdict === null) return;
      judgedAt.set(at);
      for (const { pathology, scope, model, role, confidence } of verdict.findings)
        finding.set({ pathology, scope: scope.kind, model, role }, confidence);
    },
    notified: (result) => messages.inc({ result }),
    text: () => (registers[0] as Registry).metrics(),
  };
}

/** A Prometheus or two, a probe, somebody who looks. */
const MOST_CONNECTIONS = 64;

/** Serves them at /metrics, and `ok` at /-/healthy, by whatever name it is called, as any exporter does. @throws Error if the address cannot be had */
export async function serveMetrics(
  { host, port }: Address,
  metrics: OwnMetrics,
): Promise<{ url: string; stop(): void }> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    const path = request.url?.split('?')[0];
    const answer = (code: number, type: string, text: string) =>
      response.writeHead(code, { 'Content-Type': type }).end(request.method === 'HEAD' ? undefined : text);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      answer(405, 'text/plain', 'This server only answers GET.\n');
    else if (path === '/metrics')
      void metrics.text().then((text) => answer(200, 'text/plain; version=0.0.4; charset=utf-8', text));
    else if (path === '/-/healthy') answer(200, 'text/plain', 'ok\n');
    else answer(404, 'text/plain', 'There is /metrics here, and /-/healthy.\n');
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { port: had } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${had}/metrics`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
