import { SourceError } from '../errors.ts';

/** What came out of a file, and what is wrong with it. */
export interface Unpacked {
  readonly text: string;
  readonly warnings: readonly string[];
}

/** Characters of the longest text that can be held at all: engines stop at some 500 million. */
const MOST_TEXT = 400_000_000;

/** Characters per packed byte: series and logs bear a time in every line and stay below a hundred; gzip itself reaches a thousand. */
const MOST_RATIO = 300;
/** A small file may hold what it likes. */
const LEAST_LIMIT = 10_000_000;

/** First two bytes of a gzip file, RFC 1952. */
const MAGIC = [0x1f, 0x8b] as const;

/**
 * The text of a file that may be gzip, told by its first bytes and not by its name. A gzip file that was cut short gives what
 * can be read of it, up to the last whole line (or all of it, where a line is not the unit), with a warning. Works in browsers and in
 * Node 20.
 * @param most characters that may come out, told from how the text starts
 * @throws SourceError 'unreadable' for a file that unpacks to more, as soon as it does
 */
export async function unpack(
  bytes: Uint8Array,
  most: (start: string) => number | undefined = () => undefined,
  upTo: 'line' | 'end' = 'line',
): Promise<Unpacked> {
  const decoder = new TextDecoder();
  if (bytes[0] !== MAGIC[0] || bytes[1] !== MAGIC[1]) return { text: decoder.decode(bytes), warnings: [] };
  const stream = new DecompressionStream('gzip');
  const written = feed(stream.writable.getWriter(), bytes);
  const reader = stream.readable.getReader();
  let text = '';
  let limit = MOST_TEXT;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const first = text === '';
      text += decoder.decode(value, { stream: true });
      if (first) limit = Math.min(most(text) ?? MOST_TEXT, Math.max(LEAST_LIMIT, MOST_RATIO * bytes.length));
      if (text.length > limit) {
        void reader.cancel().catch(() => undefined);
        throw new SourceError(
          'unreadable',
          `This file unpacks to more than ${Math.round(limit / 1e6)} MB, which nothing that is read here does. It was not opened.`,
        );
      }
    }
    await written;
    return { text: text + decoder.decode(), warnings: [] };
  } catch (error) {
    if (error instanceof SourceError) throw error;
    const whole = upTo === 'end' ? text : text.slice(0, text.lastIndexOf('\n') + 1);
    return {
      text: whole,
      warnings: ['The compressed file ends early or is damaged; what stands before that point was read.'],
    };
  }
}

/** Bytes handed over at a time. */
const SLICE = 65_536;
/** Milliseconds the reader gets before the end is told. */
const REST_MS = 20;

/**
 * Hands the bytes over in slices and tells the end only after a rest: where a file is cut, browsers throw away what was unpacked
 * and not yet read at the moment they notice.
 */
async function feed(writer: WritableStreamDefaultWriter, bytes: Uint8Array): Promise<void> {
  try {
    for (let at = 0; at < bytes.length; at += SLICE) await writer.write(bytes.subarray(at, at + SLICE));
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    await writer.close();
  } catch {
    // A damaged file fails here too; the reader is where it is told.
  }
}

/** The text alone, for callers that show no warnings. */
export async function gunzipIfNeeded(bytes: Uint8Array, most = MOST_TEXT): Promise<string> {
  return (await unpack(bytes, () => most)).text;
}
