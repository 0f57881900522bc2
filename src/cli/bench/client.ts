import http from 'node:http';
import https from 'node:https';
import { createParser } from 'eventsource-parser';
import type { ErrorKind, RequestRecord } from '../../core/loadtest/bench.ts';
import { readStreamEvent } from '../../core/loadtest/stream.ts';

/** Connections kept between requests, as clients in production keep them; one nobody uses is closed before a server would do it. */
export interface Connections {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: http.Agent;
}

/** Milliseconds an unused connection stays open: below the 5 s after which uvicorn, and so vLLM, closes its own end. */
const IDLE_MS = 2000;
/** Characters of an error's body that are kept. */
const EXCERPT = 300;

export function connectionsTo(url: URL, headers: Readonly<Record<string, string>>): Connections {
  const { Agent } = url.protocol === 'https:' ? https : http;
  return { url, headers, agent: new Agent({ keepAlive: true, timeout: IDLE_MS, maxSockets: Infinity }) };
}

export interface Ask {
  readonly path: string;
  /** Written before the clock starts. */
  readonly body: Buffer;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/** What came of one request, seconds since it was sent. */
export type Answer = Omit<RequestRecord, 'at'>;

/** The first failure settles what happened; later ones are its echo. */
class Failure extends Error {
  readonly kind: ErrorKind;
  constructor(kind: ErrorKind, says: string) {
    super(says);
    this.kind = kind;
  }
}

/**
 * Sends one request and times what is streamed back. Sent once, whatever happens: a second try would measure something else. A
 * redirect is an error, since it leads to a server nobody named. Never throws.
 */
export function timeRequest({ url, headers, agent }: Connections, ask: Ask): Promise<Answer> {
  const { promise, resolve } = withResolvers<Answer>();
  const { body, timeoutSeconds, signal } = ask;
  const request = (url.protocol === 'https:' ? https : http).request(new URL(ask.path, url), {
    method: 'POST',
    agent,
    headers: {
      ...headers,
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'content-length': body.length,
    },
  });
  const started = performance.now();
  const since = () => (performance.now() - started) / 1000;
  let ttft: number | null = null;
  let last: number | null = null;
  const gaps: number[] = [];
  let usage: { prompt: number | null; output: number | null } = { prompt: null, output: null };
  let settled = false;

  const settle = (failure: Failure | null) => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    if (failure) request.destroy();
    const none = failure === null && ttft === null ? new Failure('no-output', 'the answer held no output') : failure;
    resolve({
      ttft,
      e2e: last,
      end: since(),
      gaps,
      promptTokens: usage.prompt,
      outputTokens: usage.output,
      error: none && { kind: none.kind, says: none.message },
    });
  };
  const stop = () => settle(new Failure('stopped', 'given up'));
  const timer = setTimeout(
    () => settle(new Failure('timeout', `no end within ${timeoutSeconds} s`)),
    timeoutSeconds * 1000,
  );
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();

  request.on('error', (error: NodeJS.ErrnoException) => settle(failureOf(error, ttft !== null)));
  request.on('response', (response) => {
    response.on('error', (error: NodeJS.ErrnoException) => settle(failureOf(error, true)));
    response.on('close', () => settle(new Failure('reset', 'the connection ended inside the answer')));
    const refused = refusalOf(response);
    if (refused !== null) {
      readExcerpt(response, (excerpt) => settle(new Failure(refused, `${response.statusCode} ${excerpt}`.trim())));
      return;
    }
    let complete = false;
    let now = 0;
    const parser = createParser({
      onEvent: ({ data }) => {
        const event = readStreamEvent(data);
        if (event.kind === 'error') return settle(new Failure('stream-error', event.says.slice(0, EXCERPT)));
        if (event.kind === 'done') {
          complete = true;
          return;
        }
        if (event.usage) usage = event.usage;
        if (event.kind === 'nothing') {
          complete ||= event.finished;
          return;
        }
        if (last === null) ttft = now;
        else gaps.push(now - last);
        last = now;
      },
    });
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      now = since();
      if (!settled) parser.feed(text);
    });
    response.on('end', () =>
      settle(complete ? null : new Failure('cut-short', 'the stream ended without a finish reason or [DONE]')),
    );
  });
  request.setNoDelay(true);
  request.end(body);
  return promise;
}

/** @returns the kind of error a response is by its head, `null` for a stream */
function refusalOf({ statusCode = 0, headers }: http.IncomingMessage): ErrorKind | null {
  if (statusCode >= 300 && statusCode < 400) return 'redirect';
  if (statusCode !== 200) return `http-${statusCode}`;
  return (headers['content-type'] ?? '').includes('text/event-stream') ? null : 'no-stream';
}

function readExcerpt(response: http.IncomingMessage, then: (excerpt: string) => void): void {
  let text = response.headers.location === undefined ? '' : `to ${response.headers.location} `;
  response.setEncoding('utf8');
  const finish = () => then(text.slice(0, EXCERPT).replace(/\s+/g, ' '));
  response.on('data', (part: string) => {
    text += part;
    if (text.length > EXCERPT) finish();
  });
  response.on('end', finish);
}

/** Codes of Node and of the TLS layer. */
function failureOf(error: NodeJS.ErrnoException, answering: boolean): Failure {
  const says = error.code === undefined ? error.message : `${error.code}: ${error.message}`;
  const broken = answering || error.code === 'ECONNRESET' || error.code === 'EPIPE';
  return new Failure(broken ? 'reset' : 'unreachable', says);
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((one) => {
    resolve = one;
  });
  return { promise, resolve };
}
