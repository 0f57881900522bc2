import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { baseOf, MOST_BYTES } from '../../sources/prometheus/client.ts';
import { readHeaders } from '../headers.ts';
import { DATA_POLICY } from './policy.ts';
import type { ServedSource } from './sources.ts';

/** What can be asked of a Prometheus without changing it: https://prometheus.io/docs/prometheus/latest/querying/api/ */
const READ_ONLY =
  /^api\/v1\/(query|query_range|series|labels|label\/[A-Za-z_][A-Za-z0-9_]*\/values|metadata|targets|status\/buildinfo)$/;
/** Endpoints that take their parameters as a form as well. */
const AS_FORM = /^api\/v1\/(query|query_range|series|labels)$/;
const FORM = 'application/x-www-form-urlencoded';
/** Bytes of a form: a question, not an upload. */
const LONGEST_FORM = 1 << 20;

/** A request that is not passed on, and why. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
  }
}

export interface Question {
  readonly source: ServedSource;
  /** Below the source: `api/v1/query`. */
  readonly path: string;
  /** With its `?`, or empty. */
  readonly search: string;
  /** Seconds the source may take. */
  readonly timeout: number;
}

/**
 * Passes a question on to a Prometheus, with the headers the server holds, and its answer back as it comes. Of the request
 * nothing goes on but question and form, of the answer nothing comes back but status, type and body: no cookie, no credentials.
 * @throws Refusal for what is not on the list, and for a source that does not answer or sends elsewhere
 */
export async function relay(question: Question, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { source, path, search, timeout } = question;
  if (!READ_ONLY.test(path)) throw new Refusal(403, 'it is none of the endpoints that only read');
  const { base, credentials } = baseOf(source.urls[0] as string);
  const body = request.method === 'POST' ? await formOf(request, path) : null;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const late = AbortSignal.timeout(timeout * 1000);
  const signal = AbortSignal.any([gone.signal, late]);
  let answer: Response;
  try {
    answer = await fetch(`${base}/${path}${search}`, {
      method: body === null ? 'GET' : 'POST',
      headers: {
        Accept: 'application/json',
        ...(body === null ? {} : { 'Content-Type': FORM }),
        ...(credentials ? { Authorization: credentials } : {}),
        ...(await readHeaders(source.headers, process.env)),
      },
      ...(body === null ? {} : { body }),
      // To another address the headers must not go, and to the same one nothing of this API redirects.
      redirect: 'manual',
      signal,
    });
  } catch (error) {
    if (gone.signal.aborted) return;
    if (late.aborted) throw new Refusal(504, `${source.name} did not answer within ${timeout} s`);
    throw new Refusal(502, `${source.name} cannot be reached${causeOf(error)}`);
  }
  if (answer.status >= 300 && answer.status < 400) {
    await answer.body?.cancel();
    throw new Refusal(502, `${source.name} sends elsewhere (${answer.status}), which is not followed`);
  }
  response.writeHead(answer.status, {
    'Content-Type': answer.headers.get('content-type') ?? 'application/octet-stream',
    'Cache-Control': 'no-store',
    // An error page of a gateway would otherwise be a page of this origin for whoever opens the address.
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': DATA_POLICY,
  });
  if (answer.body === null || request.method === 'HEAD') {
    await answer.body?.cancel();
    response.end();
    return;
  }
  // Broken off half-way, the connection is broken off too, so that nobody takes a part for the whole.
  const whole = Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]);
  await pipeline(whole, upTo(MOST_BYTES), response).catch(() => {
    response.destroy();
  });
}

/** What comes, and an error in place of more bytes than the page would read. */
function upTo(most: number): (parts: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array> {
  return async function* (parts) {
    let bytes = 0;
    for await (const part of parts) {
      bytes += part.length;
      if (bytes > most) throw new Error(`an answer of more than ${most} bytes`);
      yield part;
    }
  };
}

async function formOf(request: IncomingMessage, path: string): Promise<string> {
  if (!AS_FORM.test(path)) throw new Refusal(405, 'it takes no form');
  if (request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== FORM)
    throw new Refusal(415, 'what was sent is no form');
  const parts: Buffer[] = [];
  let size = 0;
  // What is refused half-way still gets its answer, so the connection has to outlive the reading.
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LONGEST_FORM) throw new Refusal(413, `the form is longer than ${LONGEST_FORM} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function causeOf(error: unknown): string {
  const { message, cause } = error as Error;
  return ` (${cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : message})`;
}
