/** What a page is called, and when it was read. */
export interface NamedTime {
  readonly name: string;
  /** Unix milliseconds, `null` if the name does not say. */
  readonly timeMs: number | null;
}

const UNIX_SECONDS = /^\d{9,10}(\.\d+)?$/;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
const ENDINGS = /(\.(gz|prom|txt|metrics)){0,4}$/i;

/**
 * `NAME@TIME`, TIME as RFC 3339 or unix seconds, with or without endings behind it: `vllm-0@2026-11-24T12:00:00Z.prom`. A name
 * may hold an `@` itself, where no time follows it.
 */
export function splitTime(text: string): NamedTime {
  const at = text.lastIndexOf('@');
  const said = text.slice(at + 1);
  const timeMs = at > 0 ? (timeOf(said) ?? timeOf(said.replace(ENDINGS, ''))) : null;
  return timeMs === null ? { name: text, timeMs: null } : { name: text.slice(0, at), timeMs };
}

function timeOf(text: string): number | null {
  if (UNIX_SECONDS.test(text)) return Math.round(Number(text) * 1000);
  const ms = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}
