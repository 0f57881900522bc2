import { TraceError } from '../../core/traces/trace.ts';

/** First two bytes of a gzip file, RFC 1952. */
const MAGIC = [0x1f, 0x8b] as const;
/** Milliseconds the reader gets before an unpacker is told that the file ends, see `unpack` in recording/decompress.ts. */
const REST_MS = 20;

/** Packed bytes unpacked at a time: a browser holds all that comes of them at once, which may be a thousand times as much. */
const SLICE = 16_384;

/**
 * Bytes per packed byte: profiles reach thirty, gzip itself a thousand. What is packed tighter holds nothing, and would be gone
 * through for minutes all the same. A little file may hold what it likes.
 */
const MOST_RATIO = 300;
const LEAST_LIMIT = 64 * 2 ** 20;

export interface PlainBytes {
  readonly chunks: AsyncIterableIterator<Uint8Array>;
  /** Whether a packed file ended early; known after the last chunk. */
  cut(): boolean;
  /** Lets go of the file, read to its end or not. */
  close(): Promise<void>;
}

/**
 * The bytes of a file that may be gzip, told by its first two bytes, as they come. A packed file that was cut short gives what can be read of it.
 * @param onTaken told how many bytes of the file have been taken in
 * @throws TraceError where it unpacks to much more than any profile does
 */
export function plainBytes(stream: ReadableStream<Uint8Array>, onTaken: (bytes: number) => void): PlainBytes {
  const source = stream.getReader();
  let taken = 0;
  let cut = false;
  const next = async (): Promise<Uint8Array | null> => {
    const { done, value } = await source.read();
    if (done) return null;
    taken += value.length;
    onTaken(taken);
    return value;
  };
  async function* chunks(): AsyncIterableIterator<Uint8Array> {
    let first = await next();
    while (first !== null && first.length === 0) first = await next();
    if (first === null) return;
    if (first[0] !== MAGIC[0] || (first.length > 1 && first[1] !== MAGIC[1])) {
      for (let chunk: Uint8Array | null = first; chunk !== null; chunk = await next()) yield chunk;
      return;
    }
    const unpacker = new DecompressionStream('gzip');
    const writer = unpacker.writable.getWriter();
    const begin = first;
    const written = (async () => {
      for (let chunk: Uint8Array | null = begin; chunk !== null; chunk = await next())
        for (let at = 0; at < chunk.length; at += SLICE)
          await writer.write(chunk.subarray(at, at + SLICE) as Uint8Array<ArrayBuffer>);
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
      await writer.close();
    })();
    // It fails where the reader fails, which is where it is told.
    written.catch(() => {});
    const reader = unpacker.readable.getReader();
    let unpacked = 0;
    try {
      for (;;) {
        const { done, value } = await reader.read().catch(() => {
          cut = true;
          return { done: true as const, value: undefined };
        });
        if (done) return;
        unpacked += value.length;
        if (unpacked > Math.max(LEAST_LIMIT, MOST_RATIO * taken))
          throw new TraceError(
            `This file unpacks to more than ${Math.round(unpacked / 1e6)} MB, which no profile of its size does.`,
          );
        yield value;
      }
    } finally {
      await reader.cancel().catch(() => {});
      await writer.abort().catch(() => {});
    }
  }
  return { chunks: chunks(), cut: () => cut, close: () => source.cancel().catch(() => {}) };
}
