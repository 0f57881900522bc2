/** Most bytes one snapshot may unpack to. Beyond it somebody means harm. */
const MOST_BYTES = 64 * 2 ** 20;

/** The bytes, compressed (zlib, RFC 1950, which every Node 20 knows; the raw form only the later ones). */
export async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new CompressionStream('deflate');
  const writer = stream.writable.getWriter();
  const written = writer.write(bytes as Uint8Array<ArrayBuffer>).then(() => writer.close());
  const { chunks } = await collect(stream.readable, Number.POSITIVE_INFINITY);
  await written;
  return joined(chunks);
}

/** What came out, and whether it came out whole: cut or damaged bytes give what stands before the damage. */
export interface Inflated {
  readonly bytes: Uint8Array;
  readonly end: 'whole' | 'damaged' | 'too-large';
}

/** Bytes handed over at a time. */
const SLICE = 16_384;
/** Milliseconds the reader gets before the end is told: browsers throw away what is unread when they notice a cut. */
const REST_MS = 20;

/** The bytes, unpacked, up to 64 MB of them; stops there without unpacking the rest. */
export async function inflate(packed: Uint8Array): Promise<Inflated> {
  const stream = new DecompressionStream('deflate');
  const writer = stream.writable.getWriter();
  const written = feed(writer, packed);
  const { chunks, end } = await collect(stream.readable, MOST_BYTES);
  // Whoever reads no further must not wait for the writer.
  if (end !== 'whole') void writer.abort().catch(() => undefined);
  else await written;
  return { bytes: joined(chunks), end };
}

async function feed(writer: WritableStreamDefaultWriter, bytes: Uint8Array): Promise<void> {
  try {
    for (let at = 0; at < bytes.length; at += SLICE) await writer.write(bytes.subarray(at, at + SLICE));
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    await writer.close();
  } catch {
    // The reader is where damage is told.
  }
}

async function collect(
  from: ReadableStream<Uint8Array>,
  most: number,
): Promise<{ chunks: Uint8Array[]; end: Inflated['end'] }> {
  const reader = from.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { chunks, end: 'whole' };
      length += value.length;
      if (length > most) {
        void reader.cancel().catch(() => undefined);
        return { chunks: [], end: 'too-large' };
      }
      chunks.push(value);
    }
  } catch {
    return { chunks, end: 'damaged' };
  }
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
