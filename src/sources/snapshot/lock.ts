import { SourceError } from '../errors.ts';

/**
 * Bytes locked with a passphrase: AES-256-GCM (NIST SP 800-38D) under a key from PBKDF2-HMAC-SHA256 (RFC 8018). In front, in
 * the open but covered by GCM's tag: iterations (4 bytes, big-endian), salt (16), nonce (12).
 */

/** OWASP, Password Storage Cheat Sheet: 600,000 for PBKDF2 with HMAC-SHA-256. */
const ITERATIONS = 600_000;
/** A snapshot that asks for more is made to keep its reader busy. */
const MOST_ITERATIONS = 2_000_000;
const SALT = 16;
const NONCE = 12;
const HEAD = 4 + SALT + NONCE;

/** @throws SourceError 'unreadable' where the platform has no cryptography */
export async function lock(bytes: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const { subtle } = cryptography();
  const head = new Uint8Array(HEAD);
  globalThis.crypto.getRandomValues(head);
  new DataView(head.buffer).setUint32(0, ITERATIONS);
  const key = await keyOf(passphrase, head, ITERATIONS);
  const sealed = new Uint8Array(await subtle.encrypt(cipherOf(head), key, bytes as Uint8Array<ArrayBuffer>));
  const out = new Uint8Array(HEAD + sealed.length);
  out.set(head);
  out.set(sealed, HEAD);
  return out;
}

/**
 * @returns what was locked; `null` where the passphrase is another one, or a byte was changed: nobody can tell which
 * @throws SourceError 'unreadable' where the platform has no cryptography, or the bytes were never locked by `lock`
 */
export async function unlock(bytes: Uint8Array, passphrase: string): Promise<Uint8Array | null> {
  const { subtle } = cryptography();
  const head = bytes.slice(0, HEAD);
  const iterations = head.length < HEAD ? 0 : new DataView(head.buffer).getUint32(0);
  if (iterations === 0 || iterations > MOST_ITERATIONS)
    throw new SourceError('unreadable', 'This is not locked as a snapshot is. It was not opened.');
  const key = await keyOf(passphrase, head, iterations);
  return subtle.decrypt(cipherOf(head), key, bytes.slice(HEAD)).then(
    (open) => new Uint8Array(open),
    () => null,
  );
}

/** Whether this platform can lock and unlock at all: browsers withhold it from pages that came over plain http. */
export function canLock(): boolean {
  return (globalThis.crypto as Crypto | undefined)?.subtle !== undefined;
}

function cryptography(): Crypto {
  if (!canLock())
    throw new SourceError(
      'unreadable',
      'Browsers offer no encryption to a page that came over plain http. Open the page over https or on localhost, or use the command line.',
    );
  return globalThis.crypto;
}

async function keyOf(passphrase: string, head: Uint8Array, iterations: number): Promise<CryptoKey> {
  const { subtle } = cryptography();
  // The same letters may be written in two ways; what is typed on another keyboard must still fit.
  const typed = new TextEncoder().encode(passphrase.normalize('NFC'));
  const secret = await subtle.importKey('raw', typed, 'PBKDF2', false, ['deriveKey']);
  return subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt: head.slice(4, 4 + SALT), iterations },
    secret,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}

function cipherOf(head: Uint8Array<ArrayBuffer>): AesGcmParams {
  return { name: 'AES-GCM', iv: head.slice(4 + SALT), additionalData: head };
}
