import { isObject, type Json, type JsonObject } from './json.ts';

/** The objects of a file, in order. */
export interface Records {
  readonly records: readonly JsonObject[];
  /** Lines (from 1) at which something begins that cannot be read. */
  readonly unreadable: readonly number[];
  /** The file ends inside its last object; what was whole of that is among the records. */
  readonly cut: boolean;
}

/** So many damaged places, and a file is no load test: each costs a walk to its end. */
const GIVE_UP = 50;

/**
 * Reads what load-test tools leave behind: one JSON object, an array of them, JSON Lines, or several objects one after the other.
 * Python's NaN and Infinity become `null`. What is damaged is skipped to the next line that begins an object, and told.
 */
export function readRecords(text: string): Records {
  const values: Json[] = [];
  const unreadable: number[] = [];
  let cut = false;
  let position = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let lineStart = 0;
  let line = 1;
  const lineOf = (at: number): number => {
    for (let next = text.indexOf('\n', lineStart); next >= 0 && next < at; next = text.indexOf('\n', lineStart)) {
      line += 1;
      lineStart = next + 1;
    }
    return line;
  };
  for (;;) {
    position = skipBetween(text, position);
    if (position >= text.length) break;
    const begins = text[position];
    const found = begins === '{' || begins === '[' ? scan(text, position) : null;
    const whole = found !== null && found.closed ? parse(text.slice(position, found.end)) : undefined;
    if (found !== null && whole !== undefined) {
      values.push(whole);
      position = found.end;
      continue;
    }
    // An object that never ends and no line below that begins another: the file was cut short here.
    const next = nextBeginning(text, position);
    if (found !== null && !found.closed && next === null) {
      const saved = parse(found.repaired);
      if (saved !== undefined) values.push(saved);
      else unreadable.push(lineOf(position));
      cut = true;
      break;
    }
    unreadable.push(lineOf(position));
    if (unreadable.length >= GIVE_UP) break;
    position = next ?? text.length;
  }
  return { records: values.flatMap(flatten).filter(isObject), unreadable, cut };
}

function flatten(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [value];
}

/** White space, and the commas people leave between objects. */
function skipBetween(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n,'.includes(text[at] as string)) at += 1;
  return at;
}

/** The next line that begins an object or array at its very start; nested ones are indented by every tool. */
function nextBeginning(text: string, from: number): number | null {
  const pattern = /\n[{[]/g;
  pattern.lastIndex = from;
  const found = pattern.exec(text);
  return found ? found.index + 1 : null;
}

interface Scanned {
  readonly closed: boolean;
  /** First position after the value; the end of the text where it is not closed. */
  readonly end: number;
  /** The value up to its last whole member, with its brackets closed; only where it is not closed. */
  readonly repaired: string;
}

/** Finds the end of the object or array that begins at `from`. */
function scan(text: string, from: number): Scanned {
  const open: string[] = [];
  let safeAt = from;
  let inText = false;
  for (let i = from; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (inText) {
      if (char === 92) i += 1;
      else if (char === 34) inText = false;
      continue;
    }
    switch (char) {
      case 34: // "
        inText = true;
        break;
      case 123: // {
      case 91: // [
        open.push(char === 123 ? '}' : ']');
        safeAt = i + 1;
        break;
      case 125: // }
      case 93: // ]
        if (open.pop() !== text[i]) return { closed: true, end: i + 1, repaired: '' };
        if (open.length === 0) return { closed: true, end: i + 1, repaired: '' };
        safeAt = i + 1;
        break;
      case 44: // ,
        safeAt = i;
        break;
      default:
        break;
    }
  }
  const whole = text.slice(from, safeAt);
  return { closed: false, end: text.length, repaired: whole + closingOf(whole) };
}

/** The brackets that end a text which breaks off outside of its strings. A second walk, since keeping them all along would take the square of the depth. */
function closingOf(text: string): string {
  const open: string[] = [];
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inText) {
      if (char === '\\') i += 1;
      else if (char === '"') inText = false;
    } else if (char === '"') inText = true;
    else if (char === '{') open.push('}');
    else if (char === '[') open.push(']');
    else if (char === '}' || char === ']') open.pop();
  }
  return open.reverse().join('');
}

/** @returns `undefined` where it is no JSON */
function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    try {
      return JSON.parse(withoutNaN(text)) as Json;
    } catch {
      return undefined;
    }
  }
}

/** Python's `json` writes NaN and Infinity bare, which JSON does not know. */
function withoutNaN(text: string): string {
  return text.replace(/"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?\bInfinity\b|\bNaN\b/g, (found) =>
    found.startsWith('"') ? found : 'null',
  );
}
