import type { Tell } from './protocol.ts';

/** Seconds before its end at which a host is asked for the next token: time for a round trip to whoever issues it. */
const AHEAD = 60;
/** Longer delays than this overflow a browser's timer. */
const LONGEST_MS = 2 ** 31 - 1;

/** Tells the host that a token ends soon, once. A token without an end is never announced; the refusal of the source is. */
export class TokenWatch {
  readonly #tell: Tell;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** @param expires unix seconds; @param now unix seconds */
  watch(source: string, expires: number | null | undefined, now: number): void {
    clearTimeout(this.#timer);
    if (expires === null || expires === undefined) return;
    const wait = Math.max(0, (expires - AHEAD - now) * 1000);
    if (wait <= LONGEST_MS)
      this.#timer = setTimeout(() => this.#tell({ type: 'token-expiring', source, expires }), wait);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** The headers a token becomes. */
export function bearer(token: string): { readonly Authorization: string } {
  return { Authorization: `Bearer ${token}` };
}
