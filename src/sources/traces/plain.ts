/** First two bytes of a gzip file, RFC 1952. */
const MAGIC = [0x1f, 0x8b] as const;
/** Milliseconds the reader gets before an unpacker is told that the file ends, see `unpack` in recording/decompress.ts. */
const REST_MS = 20;

/** Packed bytes unpacked at a time: a browser holds all that comes of them at once, which may be a thousand times as much. */
const SLICE = 16_384;

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
    try {
      for (;;) {
        const { done, value } = await reader.read().catch(() => {
          cut = true;
          return { done: true as const, value: undefined };
        });
        if (done) return;
        yield value;
      }
    } finally {
      await reader.cancel().catch(() => {});
      await writer.abort().catch(() => {});
    }
  }
  return { chunks: chunks(), cut: () => cut, close: () => source.cancel().catch(() => {}) };
}
