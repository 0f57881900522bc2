import { parseTime } from './values.ts';

/** What follows `--page`: a file, and when the page in it was read. */
export interface PageArgument {
  readonly file: string;
  /** Unix milliseconds, `null` if it was not said. */
  readonly timeMs: number | null;
}

/** `FILE[@TIME]` with a TIME as everywhere; a file name may hold an `@` itself, where no time follows it. */
export function parsePageArgument(text: string): PageArgument {
  const at = text.lastIndexOf('@');
  const time = at > 0 ? timeOf(text.slice(at + 1)) : null;
  return time === null ? { file: text, timeMs: null } : { file: text.slice(0, at), timeMs: Math.round(time * 1000) };
}

function timeOf(text: string): number | null {
  try {
    const time = parseTime(text);
    return time === 'now' ? null : time;
  } catch {
    return null;
  }
}
