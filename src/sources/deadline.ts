/** A time limit on work that can be called off. */
export interface Deadline {
  /** Ends with the work that was called off, or when the time is over. */
  readonly signal: AbortSignal;
  /** The work is done; to be called in any case. */
  done(): void;
}

/**
 * Tied together by hand: a signal made of others (`AbortSignal.any`) hangs on to them, and the caller's may live for days, as in
 * `watch` and in a page that is left open.
 */
export function deadline(seconds: number, abort: AbortSignal): Deadline {
  const limit = new AbortController();
  const end = () => limit.abort();
  const timer = setTimeout(end, seconds * 1000);
  if (abort.aborted) end();
  else abort.addEventListener('abort', end);
  return {
    signal: limit.signal,
    done: () => {
      clearTimeout(timer);
      abort.removeEventListener('abort', end);
    },
  };
}
