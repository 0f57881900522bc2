import { HOSTILE_NUMBERS, HOSTILE_TEXTS } from './hostile.ts';

/** Numbers 0 to 1, exclusive of 1. */
export type Chance = () => number;

/** Characters of the longest case: long inputs have tests of their own, here the many small ones count. */
const LONGEST = 16_384;
/** Changes of one case: most often one to three, since more of them rarely get past the first check. */
const MOST_CHANGES = 6;
/** Share of cases that start from nothing, and of those that change the tree of a JSON text rather than its letters. */
const FROM_NOTHING = 0.03;
const IN_TREE = 0.7;

export function pick<T>(chance: Chance, list: readonly T[]): T {
  return list[Math.floor(chance() * list.length)] as T;
}

const below = (chance: Chance, n: number): number => Math.floor(chance() * n);

/** One case: a sound input with a few changes, or letters at random. Equal chances give equal cases. */
export function mutate(chance: Chance, seeds: readonly string[], words: readonly string[]): string {
  if (chance() < FROM_NOTHING) return letters(chance, 1 + below(chance, 200), words);
  let text = pick(chance, seeds);
  for (let changes = 1 + below(chance, chance() < 0.8 ? 3 : MOST_CHANGES); changes > 0; changes -= 1) {
    const tree = chance() < IN_TREE ? inTree(chance, text) : null;
    text = (tree ?? inLetters(chance, text, seeds, words)).slice(0, LONGEST);
  }
  return text;
}

function letters(chance: Chance, length: number, words: readonly string[]): string {
  let text = '';
  while (text.length < length)
    text +=
      chance() < 0.3 && words.length > 0
        ? pick(chance, words)
        : String.fromCharCode(below(chance, chance() < 0.9 ? 128 : 256));
  return text;
}

/** A change of letters: a cut, a repetition, something put in, a number made another. */
function inLetters(chance: Chance, text: string, seeds: readonly string[], words: readonly string[]): string {
  const at = below(chance, text.length + 1);
  const length = Math.min(text.length - at, 1 + below(chance, chance() < 0.5 ? 4 : 200));
  const before = text.slice(0, at);
  const part = text.slice(at, at + length);
  const behind = text.slice(at + length);
  switch (below(chance, 11)) {
    case 0:
      return before;
    case 1:
      return before + behind;
    case 2:
      return before + part.repeat(2 + below(chance, 30)) + behind;
    case 3:
      return before + pick(chance, words.length > 0 ? words : HOSTILE_TEXTS) + part + behind;
    case 4:
      return before + pick(chance, HOSTILE_TEXTS) + behind;
    case 5:
      return before + letters(chance, 1 + below(chance, 6), []) + behind;
    case 6:
      return before + String.fromCharCode((text.charCodeAt(at) || 0) ^ (1 << below(chance, 8))) + text.slice(at + 1);
    case 7: {
      const other = pick(chance, seeds);
      return before + other.slice(below(chance, other.length + 1));
    }
    case 8:
      return text.slice(at) + before;
    case 9:
      return before + behind.replace(/-?\d+(\.\d+)?/, pick(chance, HOSTILE_NUMBERS));
    default:
      return swapLines(chance, text);
  }
}

function swapLines(chance: Chance, text: string): string {
  const lines = text.split('\n');
  const [a, b] = [below(chance, lines.length), below(chance, lines.length)];
  [lines[a], lines[b]] = [lines[b] as string, lines[a] as string];
  return lines.join('\n');
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A change of one place in a JSON text, or in one line of JSON Lines; `null` where the text is neither. */
function inTree(chance: Chance, text: string): string | null {
  if (/^\s*[[{]/.test(text)) {
    const whole = parsed(text);
    if (whole !== undefined) return written(chance, whole);
  }
  const lines = text.split('\n');
  const at = below(chance, lines.length);
  const line = lines[at] as string;
  const start = line.search(/[[{]/);
  if (start < 0) return null;
  const value = parsed(line.slice(start));
  if (value === undefined) return null;
  lines[at] = line.slice(0, start) + written(chance, value);
  return lines.join('\n');
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Stands for a number JSON cannot hold, and is replaced in the text by one. */
const NUMBER = 'a number nobody writes';

function written(chance: Chance, value: Json): string {
  const text = JSON.stringify(changed(chance, value)) ?? '';
  return text.replaceAll(`"${NUMBER}"`, () => pick(chance, HOSTILE_NUMBERS));
}

/** The value with one place in it changed; the way down is chosen at random, so that every depth is met. */
function changed(chance: Chance, value: Json): Json {
  if (typeof value !== 'object' || value === null || chance() < 0.15) return replaced(chance, value);
  if (Array.isArray(value)) {
    const copy = [...value];
    const at = below(chance, copy.length + 1);
    const turn = below(chance, 8);
    if (turn === 0) copy.splice(at, 1);
    else if (turn === 1) copy.splice(at, 0, replaced(chance, copy[at] ?? null));
    else if (turn === 2 && copy.length > 0) for (let n = below(chance, 50); n > 0; n -= 1) copy.push(copy[0] as Json);
    else if (at < copy.length) copy[at] = changed(chance, copy[at] as Json);
    return copy;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return replaced(chance, value);
  const at = below(chance, entries.length);
  const [key, inner] = entries[at] as [string, Json];
  const turn = below(chance, 9);
  if (turn === 0) entries.splice(at, 1);
  else if (turn === 1) entries[at] = [pick(chance, HOSTILE_TEXTS), inner];
  else if (turn === 2) entries.push([pick(chance, HOSTILE_TEXTS), replaced(chance, inner)]);
  else entries[at] = [key, changed(chance, inner)];
  // Own keys, `__proto__` among them.
  return Object.fromEntries(entries) as Json;
}

function replaced(chance: Chance, value: Json): Json {
  switch (below(chance, 10)) {
    case 0:
      return null;
    case 1:
      return chance() < 0.5;
    case 2:
    case 3:
    case 4:
      return NUMBER;
    case 5:
      return [];
    case 6:
      return [value];
    case 7:
      return { value };
    case 8:
      return typeof value === 'number'
        ? String(value)
        : typeof value === 'string'
          ? value + pick(chance, HOSTILE_TEXTS)
          : {};
    default:
      return pick(chance, HOSTILE_TEXTS);
  }
}
