/** One reader of text nobody vouches for, as the fuzzer drives it. */
export interface FuzzedParser {
  readonly id: string;
  /** What it reads, in a few words. */
  readonly title: string;
  /** Sound inputs, small, to start from. Bytes are written one to a character, see `bytesOf`. */
  seeds(): readonly string[];
  /** Words of its grammar, put in at random. */
  readonly words: readonly string[];
  /** Reads the text and whatever is made of it. Throws only what `refuses` knows. */
  read(text: string): unknown;
  /** Whether an error is the parser's own, documented refusal. */
  refuses(error: unknown): boolean;
  /** Cases under way together, for parsers that rest on purpose; default 1. */
  readonly together?: number;
}

/** Bytes of a text whose characters stand for one each. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The inverse of `bytesOf`. */
export function textOfBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
