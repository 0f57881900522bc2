/** Bytes that are written one after the other: whole numbers of any size, doubles, ASCII text. */
export class ByteWriter {
  #bytes = new Uint8Array(4096);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const wider = new Uint8Array(this.#bytes.length * 2);
      wider.set(this.#bytes);
      this.#bytes = wider;
    }
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte, the lowest first (LEB128). */
  whole(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** Doubles of one kind, byte by byte across all of them: signs and exponents are alike and pack well side by side. */
  doubles(values: readonly number[]): void {
    const view = new DataView(new ArrayBuffer(values.length * 8));
    values.forEach((value, i) => view.setFloat64(i * 8, value));
    for (let place = 0; place < 8; place += 1) {
      for (let i = 0; i < values.length; i += 1) this.byte(view.getUint8(i * 8 + place));
    }
  }

  bytes(of: Uint8Array): void {
    for (const one of of) this.byte(one);
  }

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** The bytes end, or hold a number no writer wrote. */
export class BytesError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BytesError';
  }
}

/** Reads what a `ByteWriter` wrote. Every method throws BytesError where the bytes end early. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new BytesError('the bytes end early');
    this.#at += 1;
    return value;
  }

  whole(): number {
    let value = 0;
    let place = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte % 128) * place;
      if (byte < 128) break;
      place *= 128;
      if (place > 2 ** 49) throw new BytesError('a number is too long');
    }
    if (value > Number.MAX_SAFE_INTEGER) throw new BytesError('a number is too large');
    return value;
  }

  doubles(count: number): number[] {
    if (count * 8 > this.left) throw new BytesError('the bytes end early');
    const view = new DataView(new ArrayBuffer(count * 8));
    for (let place = 0; place < 8; place += 1) {
      for (let i = 0; i < count; i += 1) view.setUint8(i * 8 + place, this.byte());
    }
    return Array.from({ length: count }, (_, i) => view.getFloat64(i * 8));
  }

  bytes(count: number): Uint8Array {
    if (count > this.left) throw new BytesError('the bytes end early');
    const part = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return part;
  }
}

/** JSON as ASCII bytes: everything else is written as `\uXXXX`, which JSON reads back. */
export function asciiJson(value: unknown): Uint8Array {
  const text = JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const CHUNK = 8192;

/** @throws SyntaxError where the bytes are no JSON */
export function parseAsciiJson(bytes: Uint8Array): unknown {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return JSON.parse(text);
}
