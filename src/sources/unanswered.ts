import { deadline } from './deadline.ts';
import { SourceError } from './errors.ts';
import type { SourcePlatform } from './source.ts';

/** A request that got no answer. */
export interface Unanswered {
  readonly url: string;
  /** What the server is called in sentences. */
  readonly label: string;
  /** Sent with it. */
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds it was given. */
  readonly seconds: number;
  readonly abort: AbortSignal;
  /** Over when the time was, or with `abort`. */
  readonly timeout: AbortSignal;
}

/** Seconds given to the question whether anybody is there. */
const PROBE = 5;

/** Why a request got no answer: called off, too slow, an answer the browser hides from the page, or nobody there. */
export async function whyUnanswered(error: unknown, asked: Unanswered, platform: SourcePlatform): Promise<SourceError> {
  const { url, label, headers, seconds, abort, timeout } = asked;
  const calledOff = () => new SourceError('aborted', 'The read was called off.');
  if (abort.aborted) return calledOff();
  if (timeout.aborted) return new SourceError('timeout', `${label} did not answer within ${seconds} s.`);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : null;
  // Outside of browsers a reason is given, and nothing is hidden.
  if (cause) return new SourceError('unreachable', `${label} cannot be reached (${sayCause(cause)}).`);
  const comesThrough = async (how: RequestInit): Promise<boolean> => {
    const probe = deadline(PROBE, timeout);
    try {
      await platform.fetch(url, { ...how, signal: probe.signal });
      return true;
    } catch {
      return false;
    } finally {
      probe.done();
    }
  };
  // A browser tells a refused origin and a dead server apart for itself, but not for the page. A request whose answer the
  // page may not read is allowed in any case: if it comes through, the server lives. If one that may be read comes through as
  // well, the connection was lost on the way; else the origin is the trouble.
  const alive = await comesThrough({ mode: 'no-cors' });
  const readable = alive && (await comesThrough({ headers }));
  if (abort.aborted) return calledOff();
  if (readable) return new SourceError('unreachable', `The connection to ${label} broke off before it answered.`);
  if (alive) return new SourceError('cors', `${label} answers, but does not let this page read the answer.`);
  return new SourceError('unreachable', `${label} cannot be reached.`);
}

/** Of several addresses tried, Node gives the code alone. */
function sayCause(cause: Error & { readonly code?: unknown }): string {
  return cause.message === '' ? String(cause.code ?? cause.name) : cause.message;
}
