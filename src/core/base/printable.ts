/** Commands to terminals, line ends that would forge lines, and marks that turn the direction of what follows. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const EVERY = new RegExp(UNPRINTABLE, 'gu');
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Characters of a name or of a server's sentence. Names of pods, paths and models stay far below. */
const MOST = 300;

/**
 * A text from outside as it may stand in a sentence, on a page and in a terminal: what cannot be seen is written as its escape,
 * and what is too long is cut, with its length and a checksum, so that two names never become one.
 * @param most characters that are left of it
 */
export function printable(text: string, most = MOST): string {
  const whole = text.length <= most ? text : `${text.slice(0, most)}… (${text.length} characters, ${checksum(text)})`;
  return UNPRINTABLE.test(whole)
    ? whole.replace(EVERY, (char) => SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : whole;
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}
