import { HOSTILE_TEXTS } from './hostile.ts';
import type { FuzzedParser } from './parser.ts';

/** Characters of a swollen input: what takes time with its square is far beyond a second here, what does not is far below. */
const LENGTH = 60_000;
/** What is repeated beside the parser's own words: brackets, quotes, escapes, blanks and letters. */
const PIECES = [
  '[',
  '{',
  '(',
  '{"a":',
  '[{"a":',
  '"',
  '\\"',
  '"\\',
  '\\',
  ' ',
  '\t',
  '\n',
  '\r',
  'a',
  '0',
  '.',
  '1.',
  '-',
  '_',
  ',',
  '),(',
  '()',
  '<',
  '&',
  '%',
  '=',
  'a,',
  'a=',
  '\u00e4',
] as const;

export interface Swollen {
  readonly name: string;
  readonly text: string;
}

/**
 * Long inputs of one piece over and over: alone, and in the middle of a sound input, behind each of a few places. They find
 * what a million small ones cannot: depth, and work that grows faster than its input.
 */
export function* swollen(parser: FuzzedParser): Generator<Swollen> {
  const [seed = ''] = parser.seeds();
  const quote = seed.indexOf('"') + 1;
  const places = [...new Set([Math.floor(seed.length / 2), quote, seed.length])];
  for (const piece of new Set([
    ...PIECES,
    ...parser.words,
    ...HOSTILE_TEXTS.filter((text) => text !== '' && text.length < 40),
  ])) {
    const run = piece.repeat(Math.ceil(LENGTH / piece.length));
    const name = JSON.stringify(piece);
    yield { name: `${name} over and over`, text: run };
    for (const at of places)
      yield { name: `${name} over and over at ${at} of a sound input`, text: seed.slice(0, at) + run + seed.slice(at) };
  }
}
