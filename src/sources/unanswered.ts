import { SourceError } from './errors.ts';
import type { SourcePlatform } from './source.ts';

/** A request that got no answer. */
export interface Unanswered {
  readonly url: string;
  /** What the server is called in sentences. */
  readonly label: string;
  /** Seconds it was given. */
  readonly seconds: number;
  readonly abort: AbortSignal;
  readonly timeout: AbortSignal;
}

/** Milliseconds given to the question whether anybody is there. */
const PROBE_MS = 5000;

/** Why a request got no answer: called off, too slow, an answer the browser hides from the page, or nobody there. */
export async function whyUnanswered(error: unknown, asked: Unanswered, platform: SourcePlatform): Promise<SourceError> {
  const { url, label, seconds, abort, timeout } = asked;
  if (abort.aborted) return new SourceError('aborted', 'The read was called off.');
  if (timeout.aborted) return new SourceError('timeout', `${label} did not answer within ${seconds} s.`);
  // A browser tells a refused origin and a dead server apart for itself, but not for the page. A request whose answer the
  // page may not read is allowed in any case: if it comes through, the server lives and the origin is the trouble.
  const reached = await platform
    .fetch(url, { mode: 'no-cors', signal: AbortSignal.any([abort, AbortSignal.timeout(PROBE_MS)]) })
    .then(
      () => true,
      () => false,
    );
  if (abort.aborted) return new SourceError('aborted', 'The read was called off.');
  if (reached) return new SourceError('cors', `${label} answers, but does not let this page read the answer.`);
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return new SourceError('unreachable', `${label} cannot be reached${cause}.`);
}
