import * as v from 'valibot';
import { printable } from '../../core/base/printable.ts';
import { readAddress } from '../address.ts';
import { type Deadline, deadline } from '../deadline.ts';
import { SourceError } from '../errors.ts';
import { withoutSecrets } from '../secrets.ts';
import type { SourcePlatform } from '../source.ts';
import { whyUnanswered } from '../unanswered.ts';

/** Where a Prometheus-compatible API is, and what the user wants sent along. */
export interface PrometheusSettings {
  /** Base URL, with a path prefix if there is one: `https://thanos.example/query`. */
  readonly url: string;
  /** Sent with every request. None are sent otherwise, since any of them makes a browser ask for leave first. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds one request may take; default 30. */
  readonly timeout?: number;
}

/** What a request gave: its data, unchecked, and what the server had to say about it. */
export interface Answer {
  readonly data: unknown;
  readonly warnings: readonly string[];
}

export type Params = readonly (readonly [name: string, value: string])[];

export interface PrometheusClient {
  /** Base URL without credentials. */
  readonly label: string;
  /** One request below `/api/v1/`. @throws SourceError, each problem told apart */
  ask(path: string, params: Params, abort: AbortSignal): Promise<Answer>;
}

/** Query strings above this go as a form: proxies cut longer request lines, and browsers log them. */
const LONG_QUERY = 1500;
const DEFAULT_TIMEOUT = 30;

/** Envelope of every answer: https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview */
const envelope = v.object({
  status: v.picklist(['success', 'error']),
  data: v.optional(v.unknown()),
  errorType: v.optional(v.string()),
  error: v.optional(v.string()),
  warnings: v.optional(v.nullable(v.array(v.string()))),
  infos: v.optional(v.nullable(v.array(v.string()))),
});

/**
 * A client for one server.
 * @throws SourceError 'unreachable' if the URL is none
 */
export function createClient(settings: PrometheusSettings, platform: SourcePlatform): PrometheusClient {
  const { base, credentials } = baseOf(settings.url);
  const headers = { ...(credentials ? { Authorization: credentials } : {}), ...settings.headers };
  const seconds = settings.timeout ?? DEFAULT_TIMEOUT;
  // What was given for one address must not follow to another: of a redirect `fetch` takes off Authorization at most.
  const own = Object.keys(headers).length > 0 ? { headers, redirect: 'manual' as const } : {};

  const send = async (path: string, params: Params, abort: AbortSignal, limit: Deadline): Promise<Response> => {
    const text = new URLSearchParams(params.map(([name, value]) => [name, value])).toString();
    const url = `${base}/api/v1/${path}`;
    // A form without further headers is what a browser sends without asking first; label values know no POST.
    const form = text.length > LONG_QUERY && !path.startsWith('label/');
    const target = form || text === '' ? url : `${url}?${text}`;
    const post = { method: 'POST', body: new URLSearchParams(text) };
    try {
      return await platform.fetch(target, { ...own, ...(form ? post : {}), signal: limit.signal });
    } catch (error) {
      const asked = { url, label, headers, seconds, abort, timeout: limit.signal };
      throw await whyUnanswered(error, asked, platform);
    }
  };

  const label = base;
  return {
    label,
    ask: async (path, params, abort) => {
      const limit = deadline(seconds, abort);
      try {
        const response = await send(path, params, abort, limit);
        const text = await textOf(label, response).catch((error: unknown) => {
          if (abort.aborted) throw new SourceError('aborted', 'The read was called off.');
          if (limit.signal.aborted)
            throw new SourceError('timeout', `${label} did not finish its answer within ${seconds} s.`);
          if (error instanceof SourceError) throw error;
          throw new SourceError('unreadable', `The answer of ${label} broke off.`, response.status);
        });
        const { data, warnings } = answerOf(label, response, text);
        return { data, warnings: warnings.map((warning) => withoutSecrets(warning, headers)) };
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        throw new SourceError(error.problem, withoutSecrets(error.message, headers), error.status);
      } finally {
        limit.done();
      }
    },
  };
}

/**
 * Bytes of an answer. A fleet's largest histogram has a tenth of it; text of this size takes a browser half a second to parse
 * and several times the room.
 */
export const MOST_BYTES = 64e6;

/** The text of an answer. @throws SourceError 'too-many-points' as soon as it is longer than anybody could use */
async function textOf(label: string, response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let [text, bytes] = ['', 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > MOST_BYTES) {
      void reader.cancel();
      throw new SourceError(
        'too-many-points',
        `The answer of ${label} to one question is longer than ${MOST_BYTES / 1e6} MB.`,
        response.status,
      );
    }
    text += decoder.decode(value, { stream: true });
  }
}

/**
 * The base below which `/api/v1` lies, from what people paste: with or without scheme, with the address of a page of the
 * Prometheus interface, with credentials. A path alone means the page's own server.
 */
export function baseOf(text: string): { base: string; credentials: string | null } {
  const trimmed = text.trim();
  const strip = (path: string) =>
    path.replace(/(?<!\/)\/+$/, '').replace(/\/(graph|query|targets|alerts|api\/v1)$/, '');
  if (trimmed.startsWith('/')) return { base: strip(trimmed.split(/[?#]/)[0] as string), credentials: null };
  const { url, credentials } = readAddress(trimmed);
  return { base: url.origin + strip(url.pathname), credentials };
}

function answerOf(label: string, response: Response, text: string): Answer {
  const { status } = response;
  // To a page a browser shows no more of a redirect than that there is one.
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400))
    throw new SourceError(
      'unreachable',
      `${label} sends elsewhere, and headers are not sent after it; give the address it sends to.`,
    );
  // Mimir, Cortex and Thanos Receive: the header that names the tenant is missing; as plain text, not in the envelope.
  if ((status === 401 || status === 403) && /no org id/i.test(text))
    throw new SourceError('no-tenant', `${label} wants to know the tenant (${status}: no org id).`, status);
  if (status === 401) throw new SourceError('unauthorized', `${label} wants to know who is asking (401).`, status);
  if (status === 403) throw new SourceError('forbidden', `${label} does not allow this (403).`, status);
  // Whatever a proxy calls it: what is in the form of an answer is one.
  const body = jsonOf(text);
  if (body && body.status === 'success' && response.ok) {
    const warnings = [...(body.warnings ?? []), ...(body.infos ?? []).filter((info) => !ABOUT_NAMES.test(info))];
    return { data: body.data, warnings: warnings.map((warning) => `The server says: ${printable(warning)}`) };
  }
  if (body?.status === 'error') throw serverError(label, status, body.errorType ?? '', printable(body.error ?? ''));
  if (status === 503 || status === 504 || status === 429) {
    throw new SourceError('timeout', `${label} is too busy to answer (${status}).`, status);
  }
  if (status === 502)
    throw new SourceError('unreachable', `The proxy at ${label} cannot reach its server (502).`, status);
  if (status >= 500) throw new SourceError('server-error', `${label} fails to answer (${status}).`, status);
  // Something that starts as JSON and does not parse is an answer cut short, not another program's page.
  if (response.ok && body === null && /^\s*\{\s*"status"/.test(text)) {
    throw new SourceError('unreadable', `The answer of ${label} broke off after ${text.length} characters.`, status);
  }
  const html = (response.headers.get('content-type') ?? '').includes('html') || text.trimStart().startsWith('<');
  const nothing = status === 404 || text.trim() === '';
  const what = html ? 'a web page' : nothing ? 'nothing' : 'something else';
  throw new SourceError(
    'not-prometheus',
    `${label} answers, but with ${what} where a Prometheus API should be (${status}).`,
    status,
  );
}

function jsonOf(text: string): v.InferOutput<typeof envelope> | null {
  try {
    const parsed = v.safeParse(envelope, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

/** Prometheus 3 remarks on every rate of a counter whose name does not end in `_total`; gateways have such, and it says nothing of the data. */
const ABOUT_NAMES = /metric might not be a counter/i;

/**
 * A limit was hit, in the words of each: Prometheus (`exceeded maximum resolution`, `too many samples`), VictoriaMetrics (`cannot
 * exceed -search.maxPointsPerTimeseries`), Mimir (`err-mimir-max-series-per-query`, `…-max-chunks-…`, `…-max-total-query-length`),
 * Cortex (`the query hit the max number of series limit`, `the query time range exceeds the limit`), Thanos (`exceeded series limit`).
 */
const TOO_MUCH =
  /exceeded maximum resolution|too many (points|samples|data)|-search\.max|max-samples|err-mimir-max-|hit the max number of|time range exceeds the limit|exceeded (series|chunks|samples|bytes) limit/i;

/** VictoriaMetrics has no error type for it. */
const TOO_LATE = /timeout exceeded|deadline exceeded|couldn't be processed in/i;

/** Prometheus: 400 bad_data, 422 execution, 503 timeout; VictoriaMetrics: 422 for all of them. */
function serverError(label: string, status: number, type: string, message: string): SourceError {
  if (TOO_MUCH.test(message)) {
    return new SourceError('too-many-points', `${label} refuses so many points: ${message}`, status);
  }
  if (
    type === 'timeout' ||
    type === 'canceled' ||
    status === 503 ||
    status === 504 ||
    status === 429 ||
    TOO_LATE.test(message)
  ) {
    return new SourceError('timeout', `${label} gave up on a query: ${message}`, status);
  }
  if (status >= 500 || type === 'internal')
    return new SourceError('server-error', `${label} fails to answer (${status}): ${message}`, status);
  return new SourceError('bad-query', `${label} refuses a query: ${message}`, status);
}
