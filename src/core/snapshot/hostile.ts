/** Nesting of the deepest snapshot there is, with room for what is still to come. */
const MOST_DEPTH = 24;
/** Objects and lists in one part: eight times what 64 replicas with all their histograms need. */
const MOST_NODES = 400_000;
/** Keys that mean something to the language; no snapshot has them. */
const FORBIDDEN = new Set(['__proto__', 'prototype', 'constructor']);

const [QUOTE, BACKSLASH, ...BRACKETS] = [...'"\\[{]}'].map((char) => char.charCodeAt(0));
const OPENING = BRACKETS.slice(0, 2);
const CLOSING = BRACKETS.slice(2);

/** What no snapshot is, told from the bytes of its JSON, since reading it is what would take long; `null` if nothing. */
export function monstrous(json: Uint8Array): string | null {
  let depth = 0;
  let nodes = 0;
  let inText = false;
  for (let i = 0; i < json.length; i += 1) {
    const code = json[i] as number;
    if (inText) {
      if (code === BACKSLASH) i += 1;
      else if (code === QUOTE) inText = false;
    } else if (code === QUOTE) inText = true;
    else if (OPENING.includes(code)) {
      depth += 1;
      nodes += 1;
      if (depth > MOST_DEPTH) return 'It is nested deeper than any snapshot.';
      if (nodes > MOST_NODES) return 'It holds more objects and lists than any snapshot.';
    } else if (CLOSING.includes(code)) depth -= 1;
  }
  return null;
}

/** The first key that reaches for the prototype, or `null`. The depth is bounded by then. */
export function forbiddenKey(json: unknown): string | null {
  if (typeof json !== 'object' || json === null) return null;
  for (const [key, value] of Object.entries(json)) {
    const found = FORBIDDEN.has(key) ? key : forbiddenKey(value);
    if (found !== null) return found;
  }
  return null;
}
