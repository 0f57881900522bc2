import { checksum } from './checksum.ts';

/**
 * Bytes as text that survives chats, trackers and mail: base64url without padding (RFC 4648 §5) between a version in front
 * and a checksum behind, `1.….0a1b2c3d`. The checksum tells a link that was cut from one that is whole, and being hexadecimal
 * it keeps a link from ending in a character that programs take for punctuation.
 */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const PLACE = new Map([...ALPHABET].map((char, i) => [char, i]));

/** How the bytes are wrapped: `1` compressed, `1e` compressed and then locked with a passphrase. */
export type Wrap = '1' | '1e';

export function formatText(wrap: Wrap, bytes: Uint8Array): string {
  let body = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = bytes.subarray(at, at + 3);
    body += (ALPHABET[a >> 2] as string) + (ALPHABET[((a & 3) << 4) | ((b ?? 0) >> 4)] as string);
    if (b !== undefined) body += ALPHABET[((b & 15) << 2) | ((c ?? 0) >> 6)] as string;
    if (c !== undefined) body += ALPHABET[c & 63] as string;
  }
  return `${wrap}.${body}.${checksum(bytes)}`;
}

export interface ReadText {
  readonly wrap: string;
  readonly bytes: Uint8Array;
  /** The checksum as it stands there; `null` where the end is missing. */
  readonly sum: string | null;
}

/**
 * Reads a snapshot's text out of whatever it was copied with: an address around it, spaces and line breaks a mail put in,
 * quoting signs, percent-encoding, a full stop behind. Bytes stand up to the first character that cannot be one.
 * @returns `null` where nothing like a snapshot is in the text
 */
export function readText(given: string): ReadText | null {
  const marked = given.lastIndexOf('snapshot=');
  const text = (marked < 0 ? given : given.slice(marked + 'snapshot='.length))
    // Mail clients wrap, quote and soft-hyphenate; some programs encode what needs no encoding.
    .replace(/[\s>\u00ad\u200b-\u200d\u2060\ufeff]+/g, '')
    .replace(/%2[dD]/g, '-')
    .replace(/%5[fF]/g, '_')
    .replace(/%2[eE]/g, '.');
  const [, wrap, body = '', sum] = /^(\d{1,4}[a-z]?)\.([\w-]*)(?:\.([0-9a-f]{8})(?![0-9a-f]))?/.exec(text) ?? [];
  if (wrap === undefined) return null;
  return { wrap, bytes: bytesOf(body), sum: sum ?? null };
}

function bytesOf(body: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((body.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const char of body) {
    held = ((held << 6) | (PLACE.get(char) as number)) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = (held >> bits) & 255;
    at += 1;
  }
  return bytes;
}
